import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { CallReply } from "../../lib/contract/rest.ts";
import { clip, recordedCall } from "../contract/sound.ts";
import { eventually, readCall, startCall } from "../contract/server-under-test.ts";
import { times } from "./counts.ts";
import { FaultReport } from "./fault-report.ts";
import { FaultyServer } from "./faulty-server.ts";
import { SteadfastCaller } from "./steadfast-caller.ts";
import { lossesOf } from "./stored-proof.ts";
import { compareTranscripts } from "./transcript-diff.ts";

const sound = clip(recordedCall("es-short").sound, 0, 24_000);
const rounds = times(1, "FAULT_ROUNDS");
const report = new FaultReport("engine-trouble");

let server: FaultyServer;
let undisturbed: CallReply;
beforeAll(async () => {
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
  report.finish();
});

const restarted = ["reconnecting engine_restart", "live engine_restart"];

async function recogniser(): Promise<number> {
  return await eventually(async () => (await server.children())[0], "the recogniser runs", 30_000);
}

/** A call during which the recogniser is hit, again and again; none of the call may show it in the end. */
async function disturbed(
  fault: string,
  provoked: string,
  hits: number,
  told: readonly string[],
  hit: (caller: SteadfastCaller) => Promise<number>,
  speed = 2,
): Promise<SteadfastCaller> {
  const call = await startCall(server.running);
  const caller = new SteadfastCaller({ server: () => server.alive, call, sound, speed, transport: "/ws" });
  const over = caller.run({ stop: true, withinMs: 240_000 });
  over.catch(() => undefined);
  const recoveriesMs: number[] = [];
  for (let i = 0; i < hits; i += 1) {
    await sleep(1500 + Math.random() * 1500);
    recoveriesMs.push(await hit(caller));
  }
  await over;
  expect(caller.faults).toEqual([]);
  expect(caller.connections).toBe(1);
  const { read, samples, events, rows } = await lossesOf(server.running, caller, call, sound);
  expect(samples).toBe(0);
  const { holes, doubles } = compareTranscripts(undisturbed.segments, read.segments);
  expect({ holes, doubles }).toEqual({ holes: [], doubles: [] });
  const states = caller.of("status").map(({ state, reason }) => `${state} ${reason}`);
  expect(states).toEqual(expect.arrayContaining([...told]));
  report.add({
    fault,
    provoked,
    times: hits,
    lostSamples: samples,
    lostEvents: events,
    lostRows: rows,
    recoveriesMs,
  });
  return caller;
}

/** Until there is news of what is said again. */
async function newsAfter(caller: SteadfastCaller, startedMs: number): Promise<number> {
  const before = caller.of("transcript_update").length;
  await eventually(
    () => Promise.resolve(caller.of("transcript_update").length > before || caller.completed !== null),
    "the transcript goes on",
    120_000,
  );
  return performance.now() - startedMs;
}

it("a recogniser killed in mid-utterance is replaced and hears the utterance again", async () => {
  await disturbed(
    "recogniser killed",
    "SIGKILL of the recogniser's process",
    rounds,
    restarted,
    async (caller) => {
      const startedMs = performance.now();
      process.kill(await recogniser(), "SIGKILL");
      return await newsAfter(caller, startedMs);
    },
  );
}, 300_000);

it("a recogniser that dies again and again as soon as it is born is replaced until one lives", async () => {
  await disturbed(
    "recogniser dies in a loop",
    "SIGKILL four times in a row at birth",
    1,
    restarted,
    async (caller) => {
      const startedMs = performance.now();
      let last = 0;
      for (let death = 0; death < 4; death += 1) {
        const next = await eventually(
          async () => (await server.children()).find((pid) => pid !== last),
          "another recogniser is born",
          60_000,
        );
        last = next;
        process.kill(next, "SIGKILL");
      }
      return await newsAfter(caller, startedMs);
    },
    // Four starts take long on a busy machine: the call is still live when one lives.
    1,
  );
}, 300_000);

it("a recogniser that is stopped in its tracks is noticed and replaced", async () => {
  // By the time it counts as stuck the call is completing, and all that is told is how much is left.
  const told = ["degraded backlog"];
  await disturbed("recogniser stuck", "SIGSTOP of the recogniser's process", 1, told, async (caller) => {
    const startedMs = performance.now();
    process.kill(await recogniser(), "SIGSTOP");
    return await newsAfter(caller, startedMs);
  });
}, 300_000);

it("a recogniser that is stopped while the call is completed holds up its end for a bounded time, and no word", async () => {
  const call = await startCall(server.running);
  const caller = new SteadfastCaller({
    server: () => server.alive,
    call,
    sound,
    speed: 20,
    transport: "Socket.IO",
  });
  const over = caller.run({ stop: true, withinMs: 240_000 });
  over.catch(() => undefined);
  const stopped = await recogniser();
  await eventually(
    () => Promise.resolve(caller.of("status").some(({ state }) => state === "completing")),
    "the call is being completed",
    60_000,
  );
  process.kill(stopped, "SIGSTOP");
  const startedMs = performance.now();
  await over;
  const recoveryMs = performance.now() - startedMs;
  expect(await recogniser()).not.toBe(stopped);
  expect(caller.faults).toEqual([]);
  const { read, samples, events, rows } = await lossesOf(server.running, caller, call, sound);
  expect({ samples, events, rows }).toEqual({ samples: 0, events: 0, rows: 0 });
  const { holes, doubles } = compareTranscripts(undisturbed.segments, read.segments);
  expect({ holes, doubles }).toEqual({ holes: [], doubles: [] });
  report.add({
    fault: "recogniser stuck while a call is completed",
    provoked: "SIGSTOP of its process once the call says completing",
    times: 1,
    lostSamples: samples,
    lostEvents: events,
    lostRows: rows,
    recoveriesMs: [recoveryMs],
  });
}, 300_000);

it("SIGTERM ends the server in time although its recogniser is stopped, and the next one completes the call", async () => {
  const call = await startCall(server.running);
  const caller = new SteadfastCaller({ server: () => server.alive, call, sound, speed: 4, transport: "/ws" });
  const over = caller.run({ stop: true, withinMs: 240_000 });
  over.catch(() => undefined);
  await sleep(2500);
  process.kill(await recogniser(), "SIGSTOP");
  const { exitCode, tookMs } = await server.terminate();
  expect(exitCode).toBe(0);
  // As the contract promises.
  expect(tookMs).toBeLessThan(10_000);
  await server.start({ until: "listening" });
  await over;
  expect(caller.faults).toEqual([]);
  const { read, samples, events, rows } = await lossesOf(server.running, caller, call, sound);
  expect({ samples, events, rows }).toEqual({ samples: 0, events: 0, rows: 0 });
  const { holes, doubles } = compareTranscripts(undisturbed.segments, read.segments);
  expect({ holes, doubles }).toEqual({ holes: [], doubles: [] });
  report.add({
    fault: "SIGTERM while the recogniser is stuck",
    provoked: "SIGSTOP of its process, SIGTERM of the server",
    times: 1,
    lostSamples: samples,
    lostEvents: events,
    lostRows: rows,
    recoveriesMs: [tookMs],
  });
}, 300_000);
