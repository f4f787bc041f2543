import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Playbook } from "../lib/contract/playbook.ts";
import { playbookReplySchema } from "../lib/contract/playbook-rest.ts";
import { expect, launchWith, test } from "./product.ts";

test.use({ launchOptions: launchWith([]) });

test("a manager changes the playbook, tries it, goes back to an old version, and takes it elsewhere as a file", async ({
  page,
  request,
  server,
  folder,
  faults,
}) => {
  const stored = async (name = "default") =>
    playbookReplySchema.parse(await (await request.get(`${server.url}/playbooks/${name}`)).json());
  const isSaved = page.getByText("Guardado. Vale para las próximas llamadas.");
  const save = page.getByRole("button", { name: "Guardar" });

  await page.goto(server.url);
  await expect(page.getByLabel("Guion de respuestas")).toHaveCount(0);
  await page.getByRole("navigation", { name: "Principal" }).getByRole("link", { name: "Guion" }).click();
  const first = page.getByRole("textbox", { name: "Respuesta 1, Para cualquier caso" }).first();

  // Words are counted while they are written; a variable goes where the cursor is.
  await first.fill(Array.from({ length: 21 }, () => "palabra").join(" "));
  await expect(page.getByText("21 palabras: larga para decirla de un tirón")).toBeVisible();
  await first.fill("¿Caro para ?");
  await first.press("End");
  await first.press("ArrowLeft");
  await page.getByRole("button", { name: "Insertar: empresa" }).first().click();
  await expect(first).toHaveValue("¿Caro para {company}?");
  await first.press("Alt+ArrowDown");
  const second = page.getByRole("textbox", { name: "Respuesta 2, Para cualquier caso" }).first();
  await expect(second).toHaveValue("¿Caro para {company}?");
  await expect(second).toBeFocused();

  // What is not saved yet is tried all the same.
  await page.getByLabel("Lo que dice el cliente").fill("es demasiado caro para nosotros");
  await page.getByRole("textbox", { name: /^Empresa/u }).fill("Molinos del Sur");
  await page.getByRole("button", { name: "Probar" }).click();
  await expect(page.getByText("¿Caro para Molinos del Sur?")).toBeVisible();
  await expect(page.getByText("vale para todo").first()).toBeVisible();

  // Nothing is left behind unasked.
  await page.getByRole("link", { name: "Historial" }).click();
  await page.getByRole("button", { name: "Quedarme" }).click();
  await expect(second).toHaveValue("¿Caro para {company}?");

  // A fault is named, and its name leads to it.
  await page.getByRole("button", { name: "Nuevo caso de Confianza" }).click();
  await page.keyboard.press("Control+s");
  await page.getByRole("button", { name: /entries\[\d+\]\.replies\[0\]/u }).click();
  await expect(page.locator("textarea:focus")).toHaveValue("");
  await page.keyboard.type("¿Qué daría tranquilidad?");
  const fresh = page.locator("article").filter({ has: page.locator("textarea:focus") });
  await fresh.getByLabel("Cuando el cliente dice").fill("no me fío, desconf*");
  await page.keyboard.press("Control+s");
  await expect(isSaved).toBeVisible();
  // Who saves goes on writing where they were; what is discarded is gone from the field as well.
  const cues = page.locator(`[id="${(await page.locator("input:focus").getAttribute("id")) ?? ""}"]`);
  await page.keyboard.type(", otra");
  await expect(cues).toHaveValue("no me fío, desconf*, otra");
  await page.getByRole("button", { name: "Descartar" }).click();
  await expect(cues).toHaveValue("no me fío, desconf*");
  const saved = await stored();
  expect(saved.version).toBe(2);
  expect(saved.playbook.entries).toContainEqual(
    expect.objectContaining({
      type: "trust",
      when: ["no me fío", "desconf*"],
      replies: ["¿Qué daría tranquilidad?"],
    }),
  );

  // Somebody else saves meanwhile: both sets of changes come together.
  const theirs: Playbook = { ...saved.playbook, title: "Título de otra persona" };
  const other = await request.post(`${server.url}/playbooks/default/versions`, {
    data: { based_on: 2, playbook: theirs },
  });
  expect(other.status()).toBe(201);
  await second.fill("¿Caro comparado con qué?");
  await save.click();
  await expect(page.getByRole("alert").filter({ hasText: "se ha guardado la versión 3" })).toBeVisible();
  // The browser's own remark on the 409.
  expect(faults.splice(0)).toEqual([expect.stringContaining("409")]);
  await page.getByRole("button", { name: "Juntar los dos" }).click();
  await save.click();
  await expect(isSaved).toBeVisible();
  const merged = await stored();
  expect(merged).toMatchObject({ version: 4, title: "Título de otra persona" });
  expect(merged.playbook.entries[0]?.replies[1]).toBe("¿Caro comparado con qué?");

  // An old version is read as it was, and restored.
  await page.getByRole("button", { name: "Versiones" }).click();
  await page.getByRole("button", { name: "Ver la versión 1" }).click();
  await expect(page.getByText("Esta es la versión 1")).toBeVisible();
  await expect(first).toHaveJSProperty("readOnly", true);
  await page.getByRole("button", { name: "Restaurarla" }).click();
  await expect(page.getByText("Versión 5")).toBeVisible();
  expect(await stored()).toMatchObject({ version: 5, origin: "restored", restored_from: 1 });

  // Out as a file, and in again under another name; faults of a file are named by their place.
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Exportar" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe("default-5.json");
  const file = JSON.parse(await readFile(await download.path(), "utf8")) as Playbook;
  await page.getByRole("button", { name: "Importar" }).click();
  const dialog = page.getByRole("dialog");
  const wrong = join(folder, "wrong.json");
  await writeFile(
    wrong,
    JSON.stringify({ ...file, entries: [{ ...file.entries[0], replies: ["Hola {nombre}"] }] }),
  );
  await dialog.getByLabel("Archivo JSON").setInputFiles(wrong);
  await expect(dialog.getByText("entries[0].replies[0]")).toBeVisible();
  await dialog.getByLabel("Archivo JSON").setInputFiles(await download.path());
  await expect(dialog.getByText("Será la versión 6")).toBeVisible();
  await dialog.getByLabel("Nombre corto").fill("equipo");
  await dialog.getByRole("button", { name: "Importar" }).click();
  await expect(page.getByRole("combobox", { name: "Guion" })).toHaveValue("equipo");
  expect(await stored("equipo")).toMatchObject({ version: 1, origin: "imported" });

  // Two to choose from: the start page asks which.
  await page.getByRole("link", { name: "Nueva llamada" }).click();
  await expect(page.getByLabel("Guion de respuestas")).toHaveValue("default");
});

test("the playbook fits a phone, in both languages", async ({ page, server }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`${server.url}/playbook`);
  await page
    .getByRole("textbox", { name: /Respuesta 1/u })
    .first()
    .focus();
  await page.getByText("Producto, competencia y frecuencia").click();
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(await overflow()).toBeLessThanOrEqual(0);
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.getByRole("heading", { name: "Try a sentence" })).toBeVisible();
  expect(await overflow()).toBeLessThanOrEqual(0);
});
