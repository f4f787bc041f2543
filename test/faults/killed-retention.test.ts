import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ageCalls } from "../contract/aged-calls.ts";
import { connectSocketIo, joined } from "../contract/call-client.ts";
import { wordTraces } from "../contract/data-traces.ts";
import {
  ask,
  eventually,
  readCall,
  startBuiltServer,
  startCall,
  withoutExportTime,
} from "../contract/server-under-test.ts";
import { patternPcm } from "../contract/sound.ts";
import { times } from "./counts.ts";
import { FaultReport } from "./fault-report.ts";
import { FaultyServer } from "./faulty-server.ts";

/** More than are erased together. */
const oldCalls = 16;
const report = new FaultReport("killed-retention");
const settings = { RETENTION_DAYS: "1" };
let server: FaultyServer;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "sales-coach-retention-"));
  server = await FaultyServer.start({ ...settings, DATA_DIR: folder });
}, 120_000);
afterAll(async () => {
  report.finish();
  await server.close();
  await rm(server.dataFolder, { recursive: true, force: true });
});

async function shortCall(title: string): Promise<string> {
  const call = await startCall(server.running, { title });
  const host = connectSocketIo(server.running, call);
  await joined(host);
  await host.audio(0, patternPcm(0, 1600));
  host.send("stop_transcription");
  await host.next("call_completed", undefined, 60_000);
  return call.call_id;
}

/** Starts a server that deletes by age and kills it as soon as the first call has begun to go. */
async function killInTheMiddle(left: () => Promise<string[]>): Promise<void> {
  const before = (await left()).length;
  const pidPath = join(server.dataFolder, "pid");
  await writeFile(pidPath, "");
  const starting = startBuiltServer(
    { ...settings, DATA_DIR: server.dataFolder },
    { launcher: ["sh", "-c", 'echo $$ > "$0"; exec "$@"', pidPath] },
  );
  const refused = starting.then(
    () => "it became ready",
    () => "it was killed",
  );
  await eventually(async () => (await left()).length < before, "the first call goes", 120_000);
  await sleep(Math.random() * 150);
  process.kill(Number(await readFile(pidPath, "utf8")), "SIGKILL");
  await refused;
  await rm(pidPath);
}

it("deletion by age that is killed in its middle is finished by the next start, and takes nothing else", async () => {
  const recoveriesMs: number[] = [];
  const kills = times(1, "FAULT_ROUNDS");
  let inTheMiddle = 0;
  for (let round = 0; round < kills; round += 1) {
    const young = await shortCall("zqjoven");
    const old = await Promise.all(
      Array.from({ length: oldCalls }, (_, made) => shortCall(`zqviejo${String(made)}`)),
    );
    const youngBefore = withoutExportTime(await readCall(server.running, young));
    await server.kill();
    ageCalls(server.dataFolder, old, 2);
    const left = async (): Promise<string[]> =>
      (await readdir(join(server.dataFolder, "audio"))).filter((callId) => old.includes(callId));
    await killInTheMiddle(left);
    if ((await left()).length > 0) inTheMiddle += 1;

    const startedMs = performance.now();
    await server.start();
    await eventually(
      async () => (await wordTraces(server.dataFolder, ["zqviejo"])).length === 0,
      "the rest goes, with every word",
      120_000,
    );
    recoveriesMs.push(performance.now() - startedMs);
    expect(await left()).toEqual([]);
    for (const callId of old) expect((await ask(server.running, `/calls/${callId}`)).status).toBe(404);
    expect(withoutExportTime(await readCall(server.running, young))).toEqual(youngBefore);
    expect((await ask(server.running, `/calls/${young}/audio/mix.wav`)).body).toHaveLength(44 + 3200);
  }
  expect(inTheMiddle).toBeGreaterThan(0);
  report.add({
    fault: "deletion by age killed",
    provoked: `kill -9 once the first of ${String(oldCalls)} calls has gone`,
    times: kills,
    lostSamples: 0,
    lostEvents: 0,
    lostRows: 0,
    recoveriesMs,
  });
}, 900_000);
