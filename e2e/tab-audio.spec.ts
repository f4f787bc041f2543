import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  beginCall,
  endCall,
  expect,
  fakeMicrophone,
  launchWith,
  objectionsOf,
  oneSide,
  storedCall,
  test,
} from "./product.ts";

const tabTitle = "Videollamada con el cliente";
const voices = mkdtempSync(join(tmpdir(), "sales-coach-voices-"));
const repVoice = await oneSide("es-short", 0, voices);
const prospectVoice = await oneSide("es-short", 1, voices);

test.use({
  permissions: ["microphone"],
  launchOptions: launchWith(
    [...fakeMicrophone(repVoice), `--auto-select-tab-capture-source-by-title=${tabTitle}`],
    true,
  ),
});
test.afterAll(() => {
  rmSync(voices, { recursive: true, force: true });
});

test("microphone and the sound of another tab: the rep and the prospect each on their own channel", async ({
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
    reply.end(`<title>${tabTitle}</title><audio src="/prospect.wav"></audio>`);
  });
  await new Promise<void>((resolve) => meeting.listen(0, "127.0.0.1", resolve));
  const address = meeting.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  try {
    const tab = await context.newPage();
    await tab.goto(`http://127.0.0.1:${port}/`);
    await page.bringToFront();
    await page.goto(server.url);
    await page.getByRole("radio", { name: /otra pestaña/u }).check();
    await page.getByRole("button", { name: "Compartir la pestaña y probar" }).click();
    await tab.evaluate(() => document.querySelector("audio")?.play());
    await expect(page.locator("[data-side=prospect][data-heard=true]")).toBeVisible({ timeout: 15_000 });
    await expect(page.locator("[data-side=rep][data-heard=true]")).toBeVisible({ timeout: 15_000 });
    const callId = await beginCall(page);
    await expect(page.locator("li[data-role=prospect] [data-objection-type]").first()).toBeVisible({
      timeout: 60_000,
    });
    await expect(page.locator("li[data-role=rep]").first()).toBeVisible();
    expect(await objectionsOf(page, "rep")).toEqual([]);

    // The other side stops sharing: said in words, and the call goes on with the microphone.
    await tab.close();
    await expect(page.getByText(/Ya no se comparte el sonido/u)).toBeVisible();
    await endCall(page, callId);
    const call = await storedCall(request, server, callId);
    expect(call.call_metadata).toMatchObject({ audio_mode: "stereo", stereo_layout: "LR" });
  } finally {
    meeting.close();
  }
});
