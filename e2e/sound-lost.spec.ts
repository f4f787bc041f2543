import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { killAudioProcess, setMicrophonePermission } from "./browser-faults.ts";
import {
  beginCall,
  elapsedSec,
  endCall,
  expect,
  fakeMicrophone,
  goesOn,
  launchWith,
  oneSide,
  storedCall,
  test,
} from "./product.ts";

const tabTitle = "Videollamada con el cliente";
const voices = mkdtempSync(join(tmpdir(), "sales-coach-trouble-"));
const repVoice = await oneSide("es-short", 0, voices);
const prospectVoice = await oneSide("es-short", 1, voices);

test.afterAll(() => {
  rmSync(voices, { recursive: true, force: true });
});

test.use({
  permissions: ["microphone"],
  launchOptions: launchWith(
    [...fakeMicrophone(repVoice), `--auto-select-tab-capture-source-by-title=${tabTitle}`],
    true,
  ),
});

/** Headless Chromium shows no notifications and hides no page: these note the one and play the other. */
function noteNotifications(): void {
  const texts: string[] = [];
  let isVisible = true;
  class NotedNotification extends EventTarget {
    static readonly permission = "granted";
    onclick = null;
    constructor(text: string) {
      super();
      texts.push(text);
    }
    static requestPermission(): Promise<string> {
      return Promise.resolve("granted");
    }
    close(): void {
      texts.push("closed");
    }
  }
  Object.assign(globalThis, { Notification: NotedNotification, notedTexts: texts });
  Object.defineProperty(document, "visibilityState", { get: () => (isVisible ? "visible" : "hidden") });
  addEventListener("play-visibility", (event) => {
    isVisible = event instanceof CustomEvent && event.detail === true;
    document.dispatchEvent(new Event("visibilitychange"));
  });
}

async function setVisible(page: Page, isVisible: boolean): Promise<void> {
  await page.evaluate((detail) => dispatchEvent(new CustomEvent("play-visibility", { detail })), isVisible);
}

function notified(page: Page): Promise<unknown> {
  return page.evaluate(() => (globalThis as { notedTexts?: unknown }).notedTexts);
}

test("sharing stopped, shared again, permission withdrawn and given again, everything gone and back: one call", async ({
  context,
  page,
  request,
  server,
}) => {
  const meeting = createServer((incoming, reply) => {
    if (incoming.url === "/prospect.wav") {
      void readFile(prospectVoice).then((wav) => reply.setHeader("content-type", "audio/wav").end(wav));
      return;
    }
    reply.setHeader("content-type", "text/html; charset=utf-8");
    reply.end(`<title>${tabTitle}</title><audio src="/prospect.wav" loop></audio>`);
  });
  await new Promise<void>((resolve) => meeting.listen(0, "127.0.0.1", resolve));
  const address = meeting.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const openMeeting = async (): Promise<Page> => {
    const tab = await context.newPage();
    await tab.goto(`http://127.0.0.1:${port}/`);
    await tab.evaluate(() => void document.querySelector("audio")?.play());
    await page.bringToFront();
    return tab;
  };
  try {
    const first = await openMeeting();
    await page.addInitScript(noteNotifications);
    await page.goto(server.url);
    await page.getByRole("checkbox", { name: /fuera de esta página/u }).check();
    await page.getByRole("radio", { name: /otra pestaña/u }).check();
    const callId = await beginCall(page);
    await expect(page).toHaveTitle(/^● Grabando · /u);
    await goesOn(page);

    await setVisible(page, false);
    await first.close();
    const stopped = page.getByRole("alert").filter({ hasText: "Ya no se comparte el sonido del cliente" });
    await expect(stopped).toBeVisible();
    await expect(page).toHaveTitle(/^⚠ Sin el sonido del cliente · /u);
    await goesOn(page);
    expect(await notified(page)).toEqual(["Sin el sonido del cliente"]);
    await setVisible(page, true);
    const second = await openMeeting();
    await stopped.getByRole("button", { name: "Compartir otra vez" }).click();
    await expect(stopped).toBeHidden();
    await expect(page).toHaveTitle(/^● Grabando · /u);

    await setMicrophonePermission(context, server.url, "denied");
    const denied = page.getByRole("alert").filter({ hasText: "permiso del micrófono" });
    await expect(denied).toContainText("Al cliente se le sigue grabando");
    await goesOn(page);
    await second.close();
    await expect(denied).toContainText("no se graba nada");
    await expect(page).toHaveTitle(/^⚠ No se graba nada · /u);
    // What was captured until then may still be on its way to the clock.
    await page.waitForTimeout(1000);
    const halted = await elapsedSec(page);
    await page.waitForTimeout(2500);
    expect(await elapsedSec(page)).toBe(halted);

    // From another page of ours it is seen as well.
    await page.getByRole("link", { name: "Historial" }).click();
    await expect(page.getByRole("link", { name: "No se graba nada" })).toBeVisible();
    await setMicrophonePermission(context, server.url, "granted");
    await page.getByRole("link", { name: "Sin el sonido del cliente" }).click();
    await expect(denied).toBeHidden();
    await goesOn(page);
    const shown = await elapsedSec(page);
    await endCall(page, callId);

    const call = await storedCall(request, server, callId);
    expect(call).toMatchObject({ status: "completed", call_metadata: { audio_mode: "stereo" } });
    expect(call.next_sample).toBeGreaterThanOrEqual(shown * 16_000);
    const sizes = await Promise.all(
      ["mic", "loop"].map(async (channel) => {
        const reply = await request.get(`${server.url}/calls/${callId}/audio/${channel}.wav`);
        return (await reply.body()).byteLength;
      }),
    );
    expect(sizes).toEqual([44 + call.next_sample * 2, 44 + call.next_sample * 2]);
  } finally {
    meeting.close();
  }
});

test("the browser's audio process dies, and the call is captured again without a click", async ({
  page,
  faults,
  request,
  server,
}) => {
  await page.goto(server.url);
  const callId = await beginCall(page);
  await goesOn(page);
  killAudioProcess();
  await expect.poll(() => faults.join()).toContain("audio device");
  await goesOn(page);
  await expect(page.getByRole("region", { name: "Avisos" }).getByRole("alert")).toHaveCount(0);
  await endCall(page, callId);
  expect((await storedCall(request, server, callId)).status).toBe("completed");
  // The browser reports the death of its process of its own accord.
  faults.splice(0, faults.length, ...faults.filter((fault) => !fault.includes("audio device")));
});

test("permission that was reset is told, and the call goes on when it is given again", async ({
  context,
  page,
  server,
}) => {
  await page.goto(server.url);
  const callId = await beginCall(page);
  await goesOn(page);
  await context.clearPermissions();
  const lost = page.getByRole("alert").filter({ hasText: "Se ha quitado el permiso del micrófono" });
  await expect(lost).toContainText("La llamada te espera");
  await context.grantPermissions(["microphone"], { origin: server.url });
  await expect(lost).toBeHidden();
  await goesOn(page);
  await endCall(page, callId);
});
