import { randomBytes } from "node:crypto";
import { startServer } from "../bin/running-server.ts";
import { addUser } from "../test/contract/account-commands.ts";
import { endCall, expect, launchWith, liveCall, test } from "./product.ts";

test.use({ launchOptions: launchWith([]) });

test("a rep signs in, makes a call, finds it in the history and signs out; a manager sees whose it is", async ({
  page,
  browser,
  folder,
  faults,
}) => {
  test.setTimeout(240_000);
  const password = randomBytes(12).toString("base64url");
  await addUser(folder, "Ana", "rep", password);
  await addUser(folder, "Max", "manager", password);
  const server = await startServer({ AUTH_SECRET: randomBytes(24).toString("base64url"), DATA_DIR: folder });
  try {
    await page.goto(`${server.url}/history`);
    await page.waitForURL(`${server.url}/sign-in?next=%2Fhistory`);
    await expect(page.getByRole("navigation", { name: "Principal" }).getByRole("link")).toHaveCount(0);

    // In English, too, and back.
    await page.getByRole("button", { name: /English/u }).click();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
    await page.getByRole("button", { name: /Español/u }).click();

    await page.getByLabel("Nombre").fill("ana");
    await page.getByLabel("Contraseña").fill("no es esta");
    await page.getByRole("button", { name: "Entrar" }).click();
    await expect(page.getByRole("alert").filter({ hasText: "no son correctos" })).toBeVisible();
    // The browser's own remark on the 401.
    expect(faults.splice(0)).toEqual([expect.stringContaining("401")]);

    await page.getByLabel("Nombre").fill("ana");
    await page.getByLabel("Contraseña").fill(password);
    await page.getByLabel("Contraseña").press("Enter");
    await page.waitForURL(`${server.url}/history`);
    await expect(page.getByRole("banner")).toContainText("Ana");

    await page.getByRole("link", { name: "Nueva llamada" }).click();
    await page.getByRole("button", { name: "Probar en español" }).click();
    const callId = await liveCall(page);
    await expect(page.locator("li[data-role=rep][data-final=true]").first()).toBeVisible({ timeout: 60_000 });
    // No token is in the address, where it would be told to whoever sees the screen or the next site.
    expect(page.url()).toBe(`${server.url}/live/${callId}`);

    const manager = await browser.newPage({ locale: "es-ES" });
    await manager.goto(`${server.url}/sign-in?next=/live/${callId}`);
    await manager.getByLabel("Nombre").fill("max");
    await manager.getByLabel("Contraseña").fill(password);
    await manager.getByRole("button", { name: "Entrar" }).click();
    await manager.waitForURL(`${server.url}/live/${callId}`);
    await expect(manager.locator("li[data-role=rep]").first()).toBeVisible({ timeout: 30_000 });

    await endCall(page, callId);
    await manager.goto(`${server.url}/history`);
    await expect(manager.getByRole("list", { name: "Llamadas" })).toContainText("De Ana");
    await manager.close();

    await page.getByRole("link", { name: "Historial" }).first().click();
    await expect(page.getByRole("list", { name: "Llamadas" }).getByRole("listitem")).toHaveCount(1);
    await page.getByRole("button", { name: "Cerrar sesión" }).click();
    await page.waitForURL(`${server.url}/sign-in`);
    await page.goto(`${server.url}/history/${callId}`);
    await page.waitForURL(/\/sign-in\?next=/u);
    await page.waitForLoadState("networkidle");
    await page.goto("about:blank");
  } finally {
    await server.stop();
  }
});
