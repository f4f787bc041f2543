import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import { connectSocketIo, joined } from "../contract/call-client.ts";
import { patternPcm } from "../contract/sound.ts";
import { ask, readCall, startBuiltServer, startCall } from "../contract/server-under-test.ts";
import { times } from "./counts.ts";
import { FaultReport } from "./fault-report.ts";
import { FaultyServer } from "./faulty-server.ts";

const rounds = times(1, "FAULT_ROUNDS");
const report = new FaultReport("folder-claim");

let server: FaultyServer;
beforeAll(async () => {
  server = await FaultyServer.start({}, { until: "listening" });
}, 200_000);
afterAll(async () => {
  await server.close();
  report.finish();
});

it("a folder that is copied with its lock while its server works is nobody's, and serves what it holds", async () => {
  const call = await startCall(server.running, { title: "La copia" });
  const host = connectSocketIo(server.running, call);
  await joined(host);
  await host.audio(0, patternPcm(0, 1600));
  const copy = await mkdtemp(join(tmpdir(), "sales-coach-copy-"));
  await cp(server.dataFolder, copy, { recursive: true });
  const startedMs = performance.now();
  const second = await startBuiltServer({ DATA_DIR: copy }, { until: "listening" });
  const tookMs = performance.now() - startedMs;
  try {
    expect((await readCall(second, call.call_id)).call_metadata.title).toBe("La copia");
    // Each goes on by itself.
    await host.audio(1600, patternPcm(1600, 1600));
    expect((await readCall(server.running, call.call_id)).next_sample).toBe(3200);
    expect((await readCall(second, call.call_id)).next_sample).toBe(1600);
  } finally {
    await second.stop();
    await rm(copy, { recursive: true, force: true });
  }
  report.add({
    fault: "folder copied with the lock of a living server",
    provoked: "cp -r under a live call, a second server on the copy",
    times: 1,
    lostSamples: 0,
    lostEvents: 0,
    lostRows: 0,
    recoveriesMs: [tookMs],
  });
}, 200_000);

it("of servers started at the same instant on one folder exactly one serves, and the others say why", async () => {
  const tookMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const folder = await mkdtemp(join(tmpdir(), "sales-coach-race-"));
    const startedMs = performance.now();
    const started = await Promise.allSettled(
      Array.from({ length: 3 }, () => startBuiltServer({ DATA_DIR: folder }, { until: "listening" })),
    );
    tookMs.push(performance.now() - startedMs);
    const serving = started.flatMap((one): RunningServer[] =>
      one.status === "fulfilled" ? [one.value] : [],
    );
    const refused = started.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
    try {
      expect(serving).toHaveLength(1);
      for (const reason of refused) expect(reason).toMatch(/Another process uses the data folder/u);
      for (const one of serving) expect((await ask(one, "/calls?limit=1")).status).toBe(200);
    } finally {
      for (const one of serving) await one.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }
  report.add({
    fault: "three servers started at one instant",
    provoked: "on one new folder",
    times: rounds,
    lostSamples: 0,
    lostEvents: 0,
    lostRows: 0,
    recoveriesMs: tookMs,
  });
}, 400_000);
