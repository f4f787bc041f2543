import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { CallReply } from "../../lib/contract/rest.ts";
import { clip, recordedCall } from "../contract/sound.ts";
import { eventually, readCall, startCall } from "../contract/server-under-test.ts";
import { times } from "./counts.ts";
import { FaultReport } from "./fault-report.ts";
import { FaultyServer } from "./faulty-server.ts";
import { SteadfastCaller } from "./steadfast-caller.ts";
import { samplesLost } from "./stored-proof.ts";
import { compareTranscripts } from "./transcript-diff.ts";

const sound = clip(recordedCall("es-short").sound, 0, 24_000);
const callsLeft = times(1, "FAULT_ROUNDS");
const report = new FaultReport("abandoned-calls");

let server: FaultyServer;
let undisturbed: CallReply;
beforeAll(async () => {
  server = await FaultyServer.start({ RESUME_WINDOW_SEC: "3" });
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

/** Calls whose audio is all durable, hardly any of it transcribed, and whose hosts are gone. */
async function leaveCalls(count: number): Promise<string[]> {
  return await Promise.all(
    Array.from({ length: count }, async () => {
      const call = await startCall(server.running);
      const caller = new SteadfastCaller({
        server: () => server.alive,
        call,
        sound,
        speed: 100,
        transport: "Socket.IO",
      });
      await caller.run({ stop: false, withinMs: 60_000 });
      caller.leave();
      return call.call_id;
    }),
  );
}

async function expectWhole(callId: string, reason: string): Promise<void> {
  const read = await eventually(
    async () => {
      const now = await readCall(server.running, callId);
      return now.status === "completed" && now;
    },
    "the call is completed",
    240_000,
  );
  expect(read.call_metadata.completion_reason).toBe(reason);
  expect(await samplesLost(server.running, callId, sound)).toBe(0);
  const { holes, doubles } = compareTranscripts(undisturbed.segments, read.segments);
  expect({ holes, doubles }).toEqual({ holes: [], doubles: [] });
}

it("a host that never returns leaves a call with its full transcript", async () => {
  const startedMs = performance.now();
  const [callId = ""] = await leaveCalls(1);
  await expectWhole(callId, "abandoned");
  report.add({
    fault: "host gone for good",
    provoked: "all audio sent at 100 × real time, connection dropped",
    times: 1,
    lostSamples: 0,
    lostEvents: 0,
    lostRows: 0,
    recoveriesMs: [performance.now() - startedMs],
  });
}, 300_000);

it("calls left with a backlog by a server killed twice are transcribed to their ends", async () => {
  const left = await leaveCalls(callsLeft);
  const startedMs = performance.now();
  await server.killAndRestart();
  // The window of their hosts is over by now, and some of them are being transcribed.
  await sleep(4500);
  await server.killAndRestart();
  for (const callId of left) await expectWhole(callId, "interrupted");
  report.add({
    fault: "server killed with backlog, and again while completing",
    provoked: "SIGKILL right after all audio was durable, SIGKILL 4.5 s after the restart",
    times: left.length,
    lostSamples: 0,
    lostEvents: 0,
    lostRows: 0,
    recoveriesMs: [performance.now() - startedMs],
  });
}, 600_000);
