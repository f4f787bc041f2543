import { describe, expect, it } from "vitest";
import { CallError } from "./errors.ts";
import { CallBench, frame } from "./testing/call-bench.ts";
import { settle } from "./testing/manual-clock.ts";

describe("a call in trouble", () => {
  it("has every event that was sent in the database once that answers again (E4)", async () => {
    const bench = new CallBench();
    const { callId, heard } = await bench.live();
    bench.repository.failing = true;
    bench.stream.say(1, "hola");
    await bench.clock.advance(1200);
    bench.repository.failing = false;
    await bench.clock.advance(2000);
    const stored = bench.repository.calls.get(callId)?.events.map((event) => event.data.seq);
    expect(stored).toEqual(heard.callEvents().map((event) => event.data.seq));
  });

  it("completes although the disk does not take the last flush (S8)", async () => {
    const bench = new CallBench();
    const { callId, seat, heard } = await bench.live();
    await seat.audio(0, frame(16_000));
    bench.recorder.flushFails = true;
    await seat.stop();
    expect(heard.of("call_completed")).toHaveLength(1);
    await expect(bench.registry.status(callId)).resolves.toMatchObject({ state: "completed" });
  });

  it("completes when the database answers again, if it fails at the very end (S8)", async () => {
    const bench = new CallBench();
    const { callId, seat, heard } = await bench.live();
    await seat.audio(0, frame(16_000));
    const load = bench.repository.load.bind(bench.repository);
    bench.repository.load = () => {
      bench.repository.load = load;
      return Promise.reject(new CallError("storage_failed", "The database is away."));
    };
    const stopped = seat.stop();
    await bench.clock.advance(2000);
    await stopped;
    expect(heard.of("call_completed")).toHaveLength(1);
    await expect(bench.registry.status(callId)).resolves.toMatchObject({ state: "completed" });
  });

  it("gives its audio while it waits for the database to be completed", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    await seat.audio(0, frame(16_000));
    const before = await bench.registry.recording(callId);
    bench.repository.failing = true;
    void seat.stop();
    await bench.clock.advance(1000);
    await expect(bench.registry.status(callId)).resolves.toMatchObject({ state: "completing" });
    expect((await before.read(0, 16_000)).byteLength).toBe(64_000);
    const snapshot = await bench.registry.recording(callId);
    expect((await snapshot.read(0, 16_000)).byteLength).toBe(64_000);
  });

  it("waits when its host went away while it was being opened (S1)", async () => {
    const bench = new CallBench();
    const { callId } = await bench.registry.start({});
    const { seat } = await bench.join(callId);
    bench.recorder.hold();
    const starting = seat.start(undefined);
    await settle();
    seat.leave();
    bench.recorder.release();
    await starting;
    expect((await bench.registry.status(callId)).state).not.toBe("live");
  });

  it("that is ended while it is being opened leaves no recording and no stream behind (S7)", async () => {
    const bench = new CallBench();
    const { callId } = await bench.registry.start({});
    const { seat } = await bench.join(callId);
    bench.recorder.hold();
    const starting = seat.start(undefined);
    await settle();
    const drained = bench.registry.drain(7000);
    await settle();
    bench.recorder.release();
    await starting;
    await bench.clock.advance(1000);
    await drained;
    expect(bench.recorder.recordings.has(callId)).toBe(false);
    expect(bench.engine.streams.every(({ finished, aborted }) => finished || aborted)).toBe(true);
  });

  it("marks the first audio of a host that took over (A8)", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    await seat.audio(0, frame(1600));
    await bench.clock.advance(60_000);
    const next = await bench.join(callId);
    await next.seat.start(undefined);
    await next.seat.audio(0, frame(3200));
    const { call } = await bench.registry.status(callId);
    expect(call.audioMarks.map(({ sample }) => sample)).toEqual([0, 1600]);
  });

  it("lets a host that comes back while the database is away speak, and replays when it can (E5)", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    await seat.audio(0, frame(1600));
    bench.stream.say(1, "uno", { id: "a" });
    await settle();
    seat.leave();
    bench.repository.failing = true;
    const back = await bench.join(callId);
    const started = back.seat.start(0);
    await bench.clock.advance(1000);
    await started;
    await expect(back.seat.audio(1600, frame(1600))).resolves.toBe(3200);
    bench.stream.say(1, "dos", { id: "b" });
    bench.repository.failing = false;
    await bench.clock.advance(3000);
    expect(back.heard.of("transcript_update").map(({ text }) => text)).toEqual(["uno", "dos"]);
  });

  it("tells its hosts 1000 when it is completed because the server goes down (S8)", async () => {
    const bench = new CallBench();
    const { seat, heard } = await bench.live();
    await seat.audio(0, frame(1600));
    await bench.registry.drain(7000);
    expect(heard.of("call_completed")).toMatchObject([{ reason: "shutdown" }]);
    expect(heard.closed?.code).toBe(1000);
  });
});

describe("a gap that is repaired", () => {
  it("is told in its place, behind what came after it, and says what it is (T6)", async () => {
    const bench = new CallBench();
    const { callId, seat, heard } = await bench.live();
    await seat.audio(0, frame(80_000));
    bench.stream.say(1, "después", { id: "u2", fromMs: 3000, toMs: 4000 });
    bench.stream.say(1, "es caro", { id: "r1", fromMs: 1000, toMs: 2000, reason: "repair" });
    await settle();
    expect(heard.of("transcript_update").map(({ text, ts_ms, reason }) => [text, ts_ms, reason])).toEqual([
      ["después", 3000, undefined],
      ["es caro", 1000, "repair"],
    ]);
    expect(heard.of("objection_detected")).toMatchObject([{ ts_ms: 1500, status: "confirmed" }]);
    const stored = await bench.repository.load(callId);
    expect(stored?.segments.map(({ text }) => text)).toEqual(["es caro", "después"]);
  });
});
