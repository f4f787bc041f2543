import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "libsql";
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
import { clip, patternPcm, recordedCall } from "../contract/sound.ts";
import { times } from "./counts.ts";
import { FaultReport } from "./fault-report.ts";
import { FaultyServer } from "./faulty-server.ts";
import { SteadfastCaller } from "./steadfast-caller.ts";
import { samplesLost } from "./stored-proof.ts";

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

/** Makes them calls of an hour: their removal takes its time. */
function fillCalls(callIds: readonly string[]): void {
  const database = new Database(join(server.dataFolder, "coach.db"));
  const fill = database.prepare(
    `INSERT INTO call_events (call_id, seq, type, payload_json)
     SELECT ?, value + 100000, 'status', '{}' FROM generate_series(1, 10000)`,
  );
  for (const callId of callIds) fill.run(callId);
  database.close();
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

it("SIGTERM while calls are deleted by age ends the server in time, and costs live calls nothing", async () => {
  const tookMs: number[] = [];
  const old = await Promise.all(
    Array.from({ length: oldCalls }, (_, made) => shortCall(`zqpausado${String(made)}`)),
  );
  const call = await startCall(server.running);
  const sound = clip(recordedCall("es-short").sound, 0, 30_000);
  const caller = new SteadfastCaller({ server: () => server.alive, call, sound, speed: 1, transport: "/ws" });
  const over = caller.run({ stop: true, withinMs: 240_000 });
  over.catch(() => undefined);
  await eventually(() => Promise.resolve(caller.durable > 0), "the call has begun", 60_000);
  await server.kill();
  ageCalls(server.dataFolder, old, 2);
  fillCalls(old);
  const left = async (): Promise<string[]> =>
    (await readdir(join(server.dataFolder, "audio"))).filter((callId) => old.includes(callId));
  await server.start({ until: "listening" });
  await eventually(() => Promise.resolve(caller.recoveriesMs.length > 0), "the call goes on", 60_000);
  const inTheMiddle = (await wordTraces(server.dataFolder, ["zqpausado"])).length > 0;
  const { exitCode, tookMs: took } = await server.terminate();
  tookMs.push(took);
  expect(inTheMiddle).toBe(true);
  expect(exitCode).toBe(0);
  expect(took).toBeLessThan(10_000);

  await server.start();
  await eventually(
    async () => (await wordTraces(server.dataFolder, ["zqpausado"])).length === 0,
    "the rest goes, with every word",
    180_000,
  );
  expect(await left()).toEqual([]);
  await over;
  expect(caller.faults).toEqual([]);
  const read = await readCall(server.running, call.call_id);
  expect(read.next_sample).toBeGreaterThanOrEqual(caller.durable);
  const lostSamples = await samplesLost(server.running, call.call_id, {
    ...sound,
    pcm: sound.pcm.subarray(0, read.next_sample * 4),
  });
  expect(lostSamples).toBe(0);
  // Every deletion is in the audit log, those of the process that was ended included.
  const audit = new Database(join(server.dataFolder, "coach.db"), { readonly: true });
  const noted = audit.prepare("SELECT DISTINCT call_id FROM audit_log WHERE action = 'deleted'").all();
  audit.close();
  expect(noted.map((row) => (row as { call_id: string }).call_id)).toEqual(expect.arrayContaining(old));
  report.add({
    fault: "SIGTERM while calls are deleted by age",
    provoked: `SIGTERM with ${String(oldCalls)} calls of an hour to delete and one live call`,
    times: 1,
    lostSamples,
    lostEvents: 0,
    lostRows: 0,
    recoveriesMs: tookMs,
  });
}, 900_000);
