import { copyFile, mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { CallReply } from "../../lib/contract/rest.ts";
import { connectRaw, connectSocketIo, joined } from "../contract/call-client.ts";
import { clip, patternPcm, recordedCall } from "../contract/sound.ts";
import { ask, eventually, readCall, startCall } from "../contract/server-under-test.ts";
import { FaultReport } from "./fault-report.ts";
import { FaultyServer } from "./faulty-server.ts";
import { SteadfastCaller } from "./steadfast-caller.ts";
import { samplesLost } from "./stored-proof.ts";
import { compareTranscripts } from "./transcript-diff.ts";

const sound = clip(recordedCall("es-short").sound, 0, 32_000);
const report = new FaultReport("damaged-database");

let server: FaultyServer;
let copies: string;
let undisturbed: CallReply;
beforeAll(async () => {
  copies = await mkdtemp(join(tmpdir(), "sales-coach-copies-"));
  server = await FaultyServer.start();
  const call = await startCall(server.running);
  const caller = new SteadfastCaller({
    server: () => server.alive,
    call,
    sound,
    speed: 20,
    transport: "/ws",
  });
  await caller.run({ stop: true, withinMs: 120_000 });
  undisturbed = await readCall(server.running, call.call_id);
}, 200_000);
afterAll(async () => {
  await server.close();
  await rm(copies, { recursive: true, force: true });
  report.finish();
});

const databaseFiles = ["coach.db", "coach.db-wal"] as const;

/** Overwrites the file from there on, in place. */
async function spoil(path: string, fromByte: number): Promise<void> {
  const { size } = await stat(path);
  if (size <= fromByte) return;
  const file = await open(path, "r+");
  await file.write(Buffer.alloc(size - fromByte, 0xa5), 0, size - fromByte, fromByte);
  await file.close();
}

/** The same moment of all its files, of a server that is held still. */
async function copyDatabase(): Promise<void> {
  for (const name of databaseFiles) {
    await copyFile(join(server.dataFolder, name), join(copies, name)).catch(() => undefined);
  }
}

async function putCopyBack(): Promise<void> {
  await rm(join(server.dataFolder, "coach.db-shm"), { force: true });
  for (const name of databaseFiles) {
    await rm(join(server.dataFolder, name), { force: true });
    await copyFile(join(copies, name), join(server.dataFolder, name)).catch(() => undefined);
    await rm(join(copies, name), { force: true });
  }
}

async function expectAdvice(): Promise<void> {
  const refused = expect(server.start({ until: "listening" })).rejects;
  await refused.toThrow(/database .*coach\.db is damaged[\s\S]*What to do, with the server stopped: move/u);
}

it("pages overwritten in mid-call cost nothing that was said: the audio is whole, and a copy takes the call up", async () => {
  const call = await startCall(server.running);
  const caller = new SteadfastCaller({ server: () => server.alive, call, sound, speed: 2, transport: "/ws" });
  const over = caller.run({ stop: true, withinMs: 400_000 });
  over.catch(() => undefined);
  await sleep(4000);
  process.kill(server.processId, "SIGSTOP");
  await copyDatabase();
  for (const name of databaseFiles) await spoil(join(server.dataFolder, name), name === "coach.db" ? 0 : 32);
  process.kill(server.processId, "SIGCONT");
  const durableAtDamage = caller.durable;
  await eventually(
    () => Promise.resolve(caller.durable > durableAtDamage + 5 * sound.sampleRateHz),
    "the recording goes on",
    60_000,
  );
  expect((await ask(server.running, "/healthz")).status).toBe(200);
  await server.kill();
  await expectAdvice();

  await putCopyBack();
  const startedMs = performance.now();
  await server.start({ until: "listening" });
  await over;
  const recoveryMs = performance.now() - startedMs;
  expect(caller.faults).toEqual([]);
  const lostSamples = await samplesLost(server.running, call.call_id, sound);
  expect(lostSamples).toBe(0);
  // Sent after the moment of the copy: said again from the audio, and so under other numbers, where they are gone.
  const replay = connectRaw(server.running, call);
  await joined(replay, { after_seq: 0 });
  await replay.next("call_completed", undefined, 30_000);
  const replayed = new Set(replay.callEvents().map((event) => ("seq" in event.data ? event.data.seq : 0)));
  const lostEvents = caller.lasting().filter(({ data }) => !replayed.has(data.seq)).length;
  const { segments } = await readCall(server.running, call.call_id);
  const { holes, doubles } = compareTranscripts(undisturbed.segments, segments);
  expect({ holes, doubles }).toEqual({ holes: [], doubles: [] });
  report.add({
    fault: "database damaged in mid-call",
    provoked:
      "every byte of its file and log overwritten under the server, killed, a copy of that moment put back",
    times: 1,
    lostSamples,
    lostEvents,
    lostRows: 0,
    recoveriesMs: [recoveryMs],
  });
}, 600_000);

it.each([
  { what: "its header", fromByte: 0 },
  { what: "every page but the first", fromByte: 4096 },
])(
  "a database of which $what was overwritten is left as it is at the start, which says what to do",
  async ({ what, fromByte }) => {
    const call = await startCall(server.running, { title: "Antes del daño" });
    const host = connectSocketIo(server.running, call);
    await joined(host);
    await host.audio(0, patternPcm(0, 1600));
    await server.terminate();
    await copyDatabase();
    await spoil(join(server.dataFolder, "coach.db"), fromByte);
    const { mtimeMs } = await stat(join(server.dataFolder, "coach.db"));
    await expectAdvice();
    expect((await stat(join(server.dataFolder, "coach.db"))).mtimeMs).toBe(mtimeMs);
    await putCopyBack();
    const startedMs = performance.now();
    await server.start({ until: "listening" });
    expect((await readCall(server.running, call.call_id)).call_metadata.title).toBe("Antes del daño");
    report.add({
      fault: `database damaged while the server is off: ${what}`,
      provoked: "overwritten, started, a copy put back",
      times: 1,
      lostSamples: 0,
      lostEvents: 0,
      lostRows: 0,
      recoveriesMs: [performance.now() - startedMs],
    });
  },
  400_000,
);
