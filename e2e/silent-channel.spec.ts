import { mkdtempSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  beginCall,
  elapsedSec,
  expect,
  fakeMicrophone,
  goesOn,
  launchWith,
  recordedCall,
  test,
} from "./product.ts";

const voices = mkdtempSync(join(tmpdir(), "sales-coach-silence-"));

test.afterAll(() => {
  rmSync(voices, { recursive: true, force: true });
});

/** A two-channel call in which the prospect's channel carries nothing at first. */
async function lateProspect(fromSec: number): Promise<string> {
  const wav = await readFile(recordedCall("es-short"));
  const path = join(voices, "late-prospect.wav");
  for (let at = 44; at + 4 <= Math.min(wav.byteLength, 44 + fromSec * 64_000); at += 4)
    wav.writeInt16LE(0, at + 2);
  await writeFile(path, wav);
  return path;
}

const lateProspectPath = await lateProspect(29);

test.use({
  permissions: ["microphone"],
  launchOptions: launchWith(fakeMicrophone(lateProspectPath)),
});

test("a silent channel is told while the other speaks and clears by itself; observers and a second tab", async ({
  context,
  page,
  server,
}) => {
  const addresses: string[] = [];
  context.on("request", (sent) => addresses.push(sent.url()));
  await page.addInitScript(() => {
    const { mediaDevices } = navigator;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (wanted) => {
      const stream = await open(wanted);
      const held = (globalThis as { heldTracks?: MediaStreamTrack[] }).heldTracks ?? [];
      (globalThis as { heldTracks?: MediaStreamTrack[] }).heldTracks = [...held, ...stream.getTracks()];
      return stream;
    };
  });
  const heldStates = (): Promise<readonly string[]> =>
    page.evaluate(() =>
      ((globalThis as { heldTracks?: MediaStreamTrack[] }).heldTracks ?? []).map((track) => track.readyState),
    );
  await page.goto(server.url);
  await page.getByRole("radio", { name: /Entrada de dos canales/u }).check();
  const callId = await beginCall(page);

  // While the twenty seconds pass: somebody watches, and the keys work.
  const observer = await context.newPage();
  observer.on("websocket", (socket) => addresses.push(socket.url()));
  await observer.goto(page.url());
  await expect(observer.getByText("Estás mirando esta llamada")).toBeVisible();
  await expect(observer.getByRole("button", { name: "Terminar", exact: true })).toHaveCount(0);
  await expect(observer.locator("li[data-segment-id]").first()).toBeVisible();
  await observer.keyboard.press("Shift+S");
  await expect(observer.getByRole("alertdialog")).toHaveCount(0);
  await observer.close();
  expect(addresses.filter((address) => new URL(address).search.includes("token"))).toEqual([]);

  await page.keyboard.press("o");
  await expect(page.getByRole("switch", { name: "Coach" })).not.toBeChecked();
  await page.keyboard.press("o");
  await expect(page.getByRole("switch", { name: "Coach" })).toBeChecked();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Atajos de teclado" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);

  const silent = page.getByRole("alert").filter({ hasText: "por el canal de: Cliente" });
  await expect(silent).toHaveCount(0);
  await expect(silent).toBeVisible({ timeout: 30_000 });
  // The sound flows already while the server opens the call.
  expect(await elapsedSec(page)).toBeGreaterThanOrEqual(16);
  await expect(silent).toBeHidden({ timeout: 30_000 });

  // The tab is duplicated, seat and all: the newest host wins, and the old one lets go of the microphone.
  const opening = context.waitForEvent("page");
  await page.evaluate(() => void window.open(location.href));
  const twin = await opening;
  await expect(twin.locator("[data-connection=open]")).toBeVisible();
  const over = page.getByRole("alert").filter({ hasText: "La llamada sigue en otra pestaña" });
  await expect(over).toBeVisible();
  await expect(page).toHaveTitle(/^⚠ La llamada ya no está aquí · /u);
  await expect.poll(heldStates).toEqual(["ended"]);
  await over.getByRole("button", { name: "Recuperarla aquí" }).click();
  await expect(page.locator("[data-connection=open]")).toBeVisible();
  await expect(twin.getByRole("alert").filter({ hasText: "La llamada sigue en otra pestaña" })).toBeVisible();
  await goesOn(page);
  await twin.close();

  await page.bringToFront();
  await page.keyboard.press("Shift+S");
  await page.getByRole("alertdialog").getByRole("button", { name: "Terminar la llamada" }).press("Enter");
  await page.waitForURL(new RegExp(`/history/${callId}$`, "u"), { timeout: 60_000 });
});
