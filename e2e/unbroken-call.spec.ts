import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { APIRequestContext, BrowserContext, Page } from "@playwright/test";
import { startServer, type RunningServer } from "../bin/running-server.ts";
import { times } from "../test/faults/counts.ts";
import { FaultReport } from "../test/faults/fault-report.ts";
import { compareTranscripts } from "../test/faults/transcript-diff.ts";
import { callFaults, type CallFault, type Stage } from "./call-faults.ts";
import { CapturedAudio, compare } from "./captured-audio.ts";
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
import { downloadedAudio, uninterrupted } from "./same-audio.ts";

test.use({
  permissions: ["microphone"],
  // The recorded call over and over: there is always somebody speaking.
  launchOptions: launchWith([
    ...fakeMicrophone(recordedCall("es-short")).map((arg) => arg.replace("%noloop", "")),
    "--use-fake-ui-for-media-stream",
  ]),
  // The browser says in its console that a connection failed; here it has to.
  faults: async ({}, use) => {
    await use([]);
  },
});

const rounds = times(1, "UPLINK_ROUNDS");
const faultMs = times(5000, "UPLINK_FAULT_MS");
const report = new FaultReport("browser");
test.afterAll(() => {
  report.finish();
});

/** A server of this call's own, which can be killed, behind a connection that can be broken. */
async function onStage(
  page: Page,
  captured: CapturedAudio,
): Promise<{ stage: Stage; server: () => RunningServer; close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "sales-coach-unbroken-"));
  let server = await startServer({ DATA_DIR: folder });
  const proxy = await CuttableProxy.to(server.url);
  await page.goto(proxy.url);
  await page.getByRole("radio", { name: /Entrada de dos canales/u }).check();
  const callId = await beginCall(page);
  // Leaving with sound unsent is asked about; here the answer is yes.
  page.context().on("dialog", (dialog) => void dialog.accept());
  const restartServer = async (): Promise<void> => {
    const dead = new Promise((resolve) => server.process.once("exit", resolve));
    server.process.kill("SIGKILL");
    await dead;
    await server.stop();
    server = await startServer({ DATA_DIR: folder }, { until: "listening" });
    proxy.retarget(server.url);
  };
  return {
    stage: { page, callId, proxy, restartServer, captured },
    server: () => server,
    close: async () => {
      await proxy.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function recovered(page: Page): Promise<void> {
  await expect(page.locator("[data-connection=open]")).toBeVisible({ timeout: 90_000 });
  await expect(page.locator("[data-unsent-ms]")).toHaveCount(0, { timeout: 90_000 });
}

/** The recording is what was captured, and the transcript that of an uninterrupted call. */
async function expectUnbroken(
  request: APIRequestContext,
  server: RunningServer,
  captured: CapturedAudio,
  { callId, mayLoseSamples }: { readonly callId: string; readonly mayLoseSamples: number },
): Promise<{ lostSamples: number; lostEvents: number }> {
  const recording = await downloadedAudio(request, server, callId);
  const { equalSamples, recordedSamples, paths } = compare(captured, recording);
  expect(equalSamples, JSON.stringify(paths)).toBe(recordedSamples);
  const lostSamples = paths.reduce((sum, path) => sum + path.lostSamples, 0);
  expect(lostSamples, JSON.stringify(paths)).toBeLessThanOrEqual(mayLoseSamples);
  const call = await storedCall(request, server, callId);
  expect(call.call_metadata.lost_audio).toEqual([]);
  const { segments } = await uninterrupted(request, server, recording);
  const { holes, doubles } = compareTranscripts(segments, call.segments);
  expect({ holes, doubles }).toEqual({ holes: [], doubles: [] });
  return { lostSamples, lostEvents: holes.length };
}

/** One call through some faults, again and again at moments that nobody chose. */
async function playThrough(
  { context, page, request }: { context: BrowserContext; page: Page; request: APIRequestContext },
  faults: readonly CallFault[],
): Promise<void> {
  const captured = await CapturedAudio.in(context);
  const { stage, server, close } = await onStage(page, captured);
  try {
    const recoveriesMs = new Map(faults.map((fault) => [fault, [] as number[]]));
    let mayLoseSamples = 0;
    for (let round = 0; round < rounds; round += 1) {
      for (const fault of faults) {
        await sleep(2000 + Math.random() * 2000);
        await fault.provoke(stage, faultMs);
        const healedAtMs = performance.now();
        await recovered(stage.page);
        recoveriesMs.get(fault)?.push(performance.now() - healedAtMs);
        mayLoseSamples += fault.mayLoseSamples;
      }
    }
    await sleep(2000);
    await endCall(stage.page, stage.callId);
    const { callId } = stage;
    const lost = await expectUnbroken(request, server(), captured, { callId, mayLoseSamples });
    for (const [{ name, provoked }, tookMs] of recoveriesMs) {
      report.add({ fault: name, provoked, times: rounds, ...lost, lostRows: 0, recoveriesMs: tookMs });
    }
  } finally {
    await close();
  }
}

/** Few rounds: some faults share a call. Many: each has its own, so that the report tells them apart. */
const calls =
  rounds === 1
    ? [
        callFaults.filter(({ name }) => /^(?:connection reset|network gone|half-open|laptop)/u.test(name)),
        callFaults.filter(({ name }) => /^(?:page|tab|server)/u.test(name)),
      ]
    : callFaults.map((fault) => [fault]);

for (const faults of calls) {
  test(`nothing is lost or doubled: ${faults.map((fault) => fault.name).join(", ")}`, async ({
    context,
    page,
    request,
  }) => {
    test.setTimeout(120_000 + rounds * faults.length * (faultMs + 60_000));
    await playThrough({ context, page, request }, faults);
  });
}

test("the rep sees what the network does, can end the call without one, and the stop is delivered by a reloaded page", async ({
  context,
  page,
  request,
}) => {
  const captured = await CapturedAudio.in(context);
  const { stage, server, close } = await onStage(page, captured);
  const { proxy, callId } = stage;
  await sleep(2000);
  proxy.cut();
  await expect(page.getByText("Sin conexión. Se sigue grabando aquí.")).toBeVisible();
  await expect(page.locator("[data-unsent-ms]")).toHaveText(/^[2-9] s por enviar$/u);
  await page.getByRole("button", { name: "Terminar", exact: true }).click();
  await expect(page.getByText("La llamada se cerrará en cuanto vuelva.")).toBeVisible();

  // The page's socket stays without a way to the server while the page itself is loaded anew.
  proxy.restore();
  await page.reload();
  await page.waitForURL(new RegExp(`/history/${callId}$`, "u"), { timeout: 60_000 });
  await expectUnbroken(request, server(), captured, { callId, mayLoseSamples: 0 });
  await page.goto(proxy.url);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByText(/Hay una llamada sin terminar/u)).toHaveCount(0);
  await close();
});

test("the newest tab is the host: the old one stops and says so, and what it had not sent is sent once", async ({
  context,
  page,
  request,
}) => {
  const captured = await CapturedAudio.in(context);
  const { stage, server, close } = await onStage(page, captured);
  const { proxy, callId } = stage;
  await sleep(2000);
  proxy.stall();
  await sleep(2000);
  proxy.restore();
  // As "duplicate tab" does: the new tab begins with a copy of the old one's session storage.
  const own = await page.evaluate(() => Object.entries(sessionStorage));
  const young = await context.newPage();
  await captured.listenTo(young);
  await young.addInitScript((entries) => {
    for (const [key, value] of entries) sessionStorage.setItem(key, String(value));
  }, own);
  await young.goto(`${proxy.url}/live/${callId}`);
  await expect(page.locator("[data-connection=taken_over]")).toBeVisible();
  await recovered(young);
  await sleep(2000);
  await endCall(young, callId);
  await expectUnbroken(request, server(), captured, { callId, mayLoseSamples: 0 });
  await close();
});
