import type { Page } from "@playwright/test";
import type { RunningServer } from "../bin/running-server.ts";
import { CapturedAudio, compare, type Comparison } from "./captured-audio.ts";
import { CuttableProxy } from "./cuttable-proxy.ts";
import {
  beginCall,
  endCall,
  expect,
  fakeMicrophone,
  launchWith,
  recordedCall,
  storedCall,
  test,
} from "./product.ts";
import { downloadedAudio, uninterrupted, wordsOf } from "./same-audio.ts";

test.use({
  permissions: ["microphone"],
  launchOptions: launchWith([...fakeMicrophone(recordedCall("es-short")), "--use-fake-ui-for-media-stream"]),
});
// The browser says in its console that a connection failed; here it has to.
test.use({ faults: async ({}, use) => use([]) });

/** A page that is killed may lose what it had not written yet: a quarter of a second. */
const quarterSecondSamples = 4000;

async function beginTwoChannelCall(page: Page, url: string): Promise<string> {
  await page.goto(url);
  await page.getByRole("radio", { name: /Entrada de dos canales/u }).check();
  return beginCall(page);
}

async function recovered(page: Page): Promise<void> {
  await expect(page.locator("[data-connection=open]")).toBeVisible({ timeout: 60_000 });
  await expect(page.locator("[data-unsent-ms]")).toHaveCount(0, { timeout: 60_000 });
}

/** The recording is what was captured, and the transcript that of an uninterrupted call. */
async function expectUnbroken(
  { request, server }: { request: Page["request"]; server: RunningServer },
  captured: CapturedAudio,
  callId: string,
): Promise<Comparison> {
  const recording = await downloadedAudio(request, server, callId);
  const comparison = compare(captured, recording);
  expect(comparison.equalSamples).toBe(comparison.recordedSamples);
  const call = await storedCall(request, server, callId);
  expect(call.call_metadata.lost_audio).toEqual([]);
  const reference = await uninterrupted(request, server, recording);
  for (const speaker of [0, 1] as const) expect(wordsOf(call, speaker)).toEqual(wordsOf(reference, speaker));
  return comparison;
}

test("the network: reset, gone, silently dead and slow, and a stop while it is gone", async ({
  context,
  page,
  request,
  server,
}) => {
  const proxy = await CuttableProxy.to(server.url);
  const captured = await CapturedAudio.in(context);
  const callId = await beginTwoChannelCall(page, proxy.url);
  await page.waitForTimeout(4000);

  proxy.cut();
  await expect(page.getByText("Sin conexión. Se sigue grabando aquí:")).toBeVisible();
  await page.waitForTimeout(6000);
  await expect(page.locator("[data-unsent-ms]")).toHaveText(/^[4-9] s por enviar$/u);
  proxy.restore();
  await recovered(page);

  await page.waitForTimeout(2000);
  proxy.stall();
  await expect(page.getByText("Sin conexión. Se sigue grabando aquí:")).toBeVisible({ timeout: 20_000 });
  proxy.restore();
  await recovered(page);

  proxy.delay(150);
  await page.waitForTimeout(2000);
  proxy.reset();
  await recovered(page);
  proxy.delay(0);

  proxy.cut();
  await page.waitForTimeout(2000);
  await page.getByRole("button", { name: "Terminar", exact: true }).click();
  await expect(page.getByText("La llamada se cerrará en cuanto vuelva.")).toBeVisible();
  proxy.restore();
  await page.waitForURL(new RegExp(`/history/${callId}$`, "u"), { timeout: 60_000 });

  const { paths } = await expectUnbroken({ request, server }, captured, callId);
  expect(paths.map((path) => path.lostSamples)).toEqual([0]);
  await proxy.close();
});

test("the page: reloaded with audio unsent, its process killed, and opened again in a new tab", async ({
  context,
  page,
  request,
  server,
}) => {
  const proxy = await CuttableProxy.to(server.url);
  const captured = await CapturedAudio.in(context);
  const callId = await beginTwoChannelCall(page, proxy.url);
  await page.waitForTimeout(4000);

  // Audio waits here while the page loads anew over a connection that holds.
  page.on("dialog", (dialog) => void dialog.accept());
  proxy.stall();
  await page.waitForTimeout(3000);
  proxy.restore();
  await page.reload();
  await recovered(page);
  await page.waitForTimeout(5000);

  proxy.stall();
  await page.waitForTimeout(3000);
  const devtools = await context.newCDPSession(page);
  const crashed = page.waitForEvent("crash");
  devtools.send("Page.crash").catch(() => undefined);
  await crashed;
  proxy.restore();
  const again = await context.newPage();
  await again.goto(`${proxy.url}/live/${callId}`);
  await recovered(again);
  await again.waitForTimeout(5000);
  await endCall(again, callId);

  const { paths } = await expectUnbroken({ request, server }, captured, callId);
  expect(paths).toHaveLength(3);
  for (const { lostSamples } of paths) expect(lostSamples).toBeLessThanOrEqual(quarterSecondSamples);
  await proxy.close();
});
