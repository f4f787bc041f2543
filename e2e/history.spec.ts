import { readFile } from "node:fs/promises";
import { WebSocket } from "ws";
import { sessionStartReplySchema, type SessionStartRequest } from "../lib/contract/rest.ts";
import { readWav } from "../lib/recording/wav-reader.ts";
import { expect, launchWith, recordedCall, storedCall, test } from "./product.ts";

test.use({ launchOptions: launchWith([]) });

/** A completed call of the first seconds of a recording, sent as fast as it is taken. */
async function completedCall(
  serverUrl: string,
  request: SessionStartRequest,
  seconds: number,
): Promise<string> {
  const { pcm } = readWav(await readFile(recordedCall(`${request.language ?? "es"}-short`)));
  const reply = await fetch(`${serverUrl}/session/start`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
  const session = sessionStartReplySchema.parse(await reply.json());
  const socket = new WebSocket(session.ws_url);
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.send('{"type":"start_transcription"}');
  const bytes = 64_000;
  for (let at = 0; at < seconds * bytes; at += bytes) socket.send(pcm.subarray(at, at + bytes));
  socket.send('{"type":"stop_transcription"}');
  await closed;
  return session.call_id;
}

test("the history is searched, filtered, opened, heard, edited and deleted", async ({
  page,
  request,
  server,
}) => {
  const spanish = await completedCall(
    server.url,
    { language: "es", title: "Visita a Ruta Clara", customer: { name: "Andrés", company: "Ruta Clara" } },
    24,
  );
  const english = await completedCall(server.url, { language: "en", title: "Second look" }, 10);

  await page.goto(`${server.url}/history`);
  const list = page.getByRole("list", { name: "Llamadas" });
  await expect(list.getByRole("listitem")).toHaveCount(2);
  await page.getByRole("searchbox", { name: "Buscar en todo lo dicho" }).fill("presup");
  await expect(list.getByRole("listitem")).toHaveCount(1);
  await expect(list).toContainText("Visita a Ruta Clara");
  await page.getByRole("searchbox", { name: "Buscar en todo lo dicho" }).fill("");
  await page.getByLabel("Objeción").selectOption({ label: "Precio" });
  await expect(list.getByRole("listitem")).toHaveCount(1);
  await list.getByRole("link").first().click();
  await page.waitForURL(`${server.url}/history/${spanish}`);

  // A word is clicked and heard from there.
  const word = page.locator("[data-ms]").filter({ hasText: /caro/u }).first();
  const wordMs = Number(await word.getAttribute("data-ms"));
  await word.click();
  const audio = page.locator("audio");
  await expect
    .poll(() => audio.evaluate((player: HTMLAudioElement) => player.currentTime * 1000))
    .toBeGreaterThan(wordMs - 200);
  expect(await audio.evaluate((player: HTMLAudioElement) => player.currentTime * 1000)).toBeLessThan(
    wordMs + 4000,
  );
  await page.getByText("Cliente", { exact: true }).locator("visible=true").first().scrollIntoViewIfNeeded();
  await page.getByRole("radio", { name: "Cliente" }).check();
  await expect
    .poll(() => audio.evaluate((player: HTMLAudioElement) => player.currentSrc))
    .toContain("loop.wav");

  await page.getByLabel("Notas").fill("Volver a llamar en septiembre");
  await page.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByText("Guardado")).toBeVisible();
  expect((await storedCall(request, server, spanish)).notes).toBe("Volver a llamar en septiembre");

  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Transcripción SRT" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/^[\w.-]+\.srt$/u);

  await page.getByRole("button", { name: "Borrar llamada" }).click();
  await page.getByRole("button", { name: "Borrar para siempre" }).click();
  await page.waitForURL(`${server.url}/history`);
  await expect(list.getByRole("listitem")).toHaveCount(1);
  expect((await request.get(`${server.url}/calls/${spanish}`)).status()).toBe(404);
  expect((await request.get(`${server.url}/calls/${english}`)).status()).toBe(200);
});

test("every page fits a phone, in both languages, and answers to the keyboard", async ({ page, server }) => {
  const callId = await completedCall(server.url, { language: "es", title: "Una llamada" }, 8);
  await page.setViewportSize({ width: 360, height: 740 });
  for (const path of ["/", "/history", `/history/${callId}`]) {
    await page.goto(`${server.url}${path}`);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow, `${path} is wider than a phone`).toBeLessThanOrEqual(0);
  }
  await page.goto(server.url);
  await expect(page.locator("html")).toHaveAttribute("lang", "es");
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.getByRole("button", { name: "Start the call" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page.reload();
  await expect(page.getByRole("button", { name: "Start the call" })).toBeVisible();

  await page.keyboard.press("Tab");
  await expect(page.locator(":focus")).toHaveAttribute("href", "#content");
  await expect(page.getByText("Powered by Moonshine AI")).toBeVisible();
});

test("what is not there says so and offers a way on", async ({ page, faults, server }) => {
  await page.goto(`${server.url}/history/call_not_there_at_all`);
  await expect(page.getByText("Esta llamada no existe o se ha borrado.")).toBeVisible();
  await page.goto(`${server.url}/nowhere`);
  await expect(page.getByRole("heading", { name: "Aquí no hay nada" })).toBeVisible();
  await page.getByRole("main").getByRole("link", { name: "Ver el historial" }).click();
  await page.waitForURL(`${server.url}/history`);
  // The browser reports every 404 of its own accord.
  faults.splice(0, faults.length, ...faults.filter((fault) => !fault.includes("404")));
});
