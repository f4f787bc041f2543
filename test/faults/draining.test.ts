import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { join } from "node:path";
import { connectRaw, connectSocketIo, joined } from "../contract/call-client.ts";
import { clip, patternPcm, recordedCall } from "../contract/sound.ts";
import { ask, eventually, readCall, startCall } from "../contract/server-under-test.ts";
import { times } from "./counts.ts";
import { FaultReport } from "./fault-report.ts";
import { FaultyServer } from "./faulty-server.ts";
import { SteadfastCaller } from "./steadfast-caller.ts";
import { lockDatabase } from "./storage-faults.ts";
import { lossesOf } from "./stored-proof.ts";

const sound = clip(recordedCall("es-short").sound, 0, 32_000);
const rounds = times(1, "FAULT_ROUNDS");
/** As the contract promises. */
const exitWithinMs = 10_000;
const report = new FaultReport("draining");

let server: FaultyServer;
beforeAll(async () => {
  server = await FaultyServer.start();
}, 200_000);
afterAll(async () => {
  await server.close();
  report.finish();
});

it("SIGTERM ends idle, streaming, lagging and unread calls within ten seconds, and nothing of them is missing", async () => {
  const tookMs: number[] = [];
  const lost = { samples: 0, events: 0, rows: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const idle = await startCall(server.running);
    const idleHost = connectSocketIo(server.running, idle);
    await joined(idleHost);
    await idleHost.audio(0, patternPcm(0, 1600));

    const stalled = await startCall(server.running);
    const deaf = connectRaw(server.running, stalled);
    await joined(deaf);
    await deaf.audio(0, patternPcm(0, 1600));
    await deaf.next("audio_ack");
    deaf.socket.pause();

    const streaming = await startCall(server.running);
    const lagging = await startCall(server.running);
    const callers = [
      { call: streaming, speed: 2, transport: "/ws" as const },
      { call: lagging, speed: 50, transport: "Socket.IO" as const },
    ].map(({ call, speed, transport }) => ({
      call,
      caller: new SteadfastCaller({ server: () => server.alive, call, sound, speed, transport }),
    }));
    const runs = callers.map(({ caller }) =>
      caller.run({ stop: true, withinMs: 240_000 }).catch((error: unknown) => error),
    );
    // On a busy machine that takes its time, and a call in which nothing was recorded is deleted.
    const isRecorded = (): boolean => callers.every(({ caller }) => caller.durable > 0);
    await eventually(() => Promise.resolve(isRecorded()), "both are recorded", 60_000);
    await sleep(2000);
    const { url } = server.running;
    const ended = server.terminate();
    // The signal and the request take different ways into a loaded process.
    await eventually(
      async () =>
        (await fetch(`${url}/session/start`, { method: "POST" }).then(
          (answer) => answer.status,
          () => 503,
        )) === 503,
      "no new calls",
    );
    const { exitCode, tookMs: took } = await ended;
    expect(exitCode).toBe(0);
    expect(took).toBeLessThan(exitWithinMs);
    tookMs.push(took);
    expect([1000, 1001]).toContain(await idleHost.closed);
    await server.start();
    await Promise.all(runs);
    for (const { call, caller } of callers) {
      expect(caller.faults).toEqual([]);
      const read = await readCall(server.running, call.call_id);
      expect(["shutdown", "stopped"]).toContain(read.call_metadata.completion_reason);
      expect(read.next_sample).toBeGreaterThanOrEqual(caller.durable);
      const recorded = { ...sound, pcm: sound.pcm.subarray(0, read.next_sample * 4) };
      const losses = await lossesOf(server.running, caller, call, recorded);
      lost.samples += losses.samples;
      lost.events += losses.events;
      lost.rows += losses.rows;
    }
    for (const { call_id: callId } of [idle, stalled]) {
      expect(await readCall(server.running, callId)).toMatchObject({
        status: "completed",
        next_sample: 1600,
      });
    }
  }
  expect(lost).toEqual({ samples: 0, events: 0, rows: 0 });
  report.add({
    fault: "SIGTERM in live calls",
    provoked: "idle, streaming, lagging and unread calls at once",
    times: rounds,
    lostSamples: lost.samples,
    lostEvents: lost.events,
    lostRows: lost.rows,
    recoveriesMs: tookMs,
  });
}, 600_000);

it("SIGTERM and SIGINT behind it end the server in time although the database does not answer", async () => {
  const call = await startCall(server.running);
  const caller = new SteadfastCaller({ server: () => server.alive, call, sound, speed: 2, transport: "/ws" });
  const over = caller.run({ stop: true, withinMs: 240_000 });
  over.catch(() => undefined);
  await sleep(2000);
  const unlock = await lockDatabase(join(server.dataFolder, "coach.db"));
  await sleep(4000);
  const { process: running } = server.running;
  const ended = server.terminate();
  await sleep(200);
  running.kill("SIGINT");
  const { exitCode, tookMs } = await ended;
  await unlock();
  expect(exitCode).toBe(0);
  expect(tookMs).toBeLessThan(exitWithinMs);
  await server.start({ until: "listening" });
  await over;
  expect(caller.faults).toEqual([]);
  const { next_sample: recorded } = await readCall(server.running, call.call_id);
  const losses = await lossesOf(server.running, caller, call, {
    ...sound,
    pcm: sound.pcm.subarray(0, recorded * 4),
  });
  expect(losses).toMatchObject({ samples: 0, events: 0, rows: 0 });
  report.add({
    fault: "SIGTERM while the database is locked",
    provoked: "BEGIN EXCLUSIVE in another process, SIGTERM, SIGINT",
    times: 1,
    lostSamples: losses.samples,
    lostEvents: losses.events,
    lostRows: losses.rows,
    recoveriesMs: [tookMs],
  });
}, 400_000);

it("a second server on the same folder says so and ends with 1, until the first one is gone, however it died", async () => {
  await expect(FaultyServer.start({ DATA_DIR: server.dataFolder })).rejects.toThrow(
    /Another process uses the data folder/u,
  );
  expect((await ask(server.running, "/healthz")).status).toBe(200);
  await server.kill();
  await server.start({ until: "listening" });
  expect((await ask(server.running, "/healthz")).status).toBe(200);
}, 200_000);
