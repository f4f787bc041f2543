import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectSocketIo, joined } from "../contract/call-client.ts";
import { patternPcm } from "../contract/sound.ts";
import { ask, readCall, startCall } from "../contract/server-under-test.ts";
import { FaultReport } from "./fault-report.ts";
import { FaultyServer } from "./faulty-server.ts";

const report = new FaultReport("torn-log");
let server: FaultyServer;
beforeAll(async () => {
  server = await FaultyServer.start();
}, 200_000);
afterAll(async () => {
  await server.close();
  report.finish();
});

/** What power loss may leave behind the last commit in the log of the database. */
const tails: readonly { readonly name: string; readonly tear: (log: Buffer) => Buffer }[] = [
  { name: "garbage", tear: (log) => Buffer.concat([log, Buffer.alloc(5000, 0xa5)]) },
  { name: "half a frame of a next commit", tear: (log) => Buffer.concat([log, log.subarray(32, 32 + 2000)]) },
  { name: "zeros", tear: (log) => Buffer.concat([log, Buffer.alloc(8192)]) },
];

it("what was committed survives a log with a torn end, and the call goes on", async () => {
  const recoveriesMs: number[] = [];
  for (const { tear } of tails) {
    const call = await startCall(server.running, { title: "Con la cola rota" });
    const host = connectSocketIo(server.running, call);
    await joined(host);
    await host.audio(0, patternPcm(0, 1600));
    await server.kill();
    const log = join(server.dataFolder, "coach.db-wal");
    await writeFile(log, tear(await readFile(log)));
    const startedMs = performance.now();
    await server.start({ until: "listening" });
    recoveriesMs.push(performance.now() - startedMs);
    const again = connectSocketIo(server.running, call);
    expect(await joined(again, { after_seq: 0 })).toMatchObject({ next_sample: 1600, state: "waiting" });
    await again.audio(1600, patternPcm(1600, 1600));
    again.send("stop_transcription");
    await again.next("call_completed", undefined, 120_000);
    expect((await readCall(server.running, call.call_id)).call_metadata.title).toBe("Con la cola rota");
  }
  report.add({
    fault: "torn end of the database's log",
    provoked: tails.map(({ name }) => name).join(", "),
    times: tails.length,
    lostSamples: 0,
    lostEvents: 0,
    lostRows: 0,
    recoveriesMs,
  });
}, 400_000);

it("a log of no length, or cut in its first frame, does not keep the server from starting", async () => {
  for (const bytes of [0, 17, 1000]) {
    await server.kill();
    await truncate(join(server.dataFolder, "coach.db-wal"), bytes).catch(() => undefined);
    await server.start({ until: "listening" });
    expect((await ask(server.running, "/calls?limit=5")).status).toBe(200);
  }
}, 200_000);
