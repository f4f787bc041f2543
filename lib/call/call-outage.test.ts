import { describe, expect, it } from "vitest";
import type { CallEvent } from "../contract/events.ts";
import { CallError } from "./errors.ts";
import { CallBench, frame } from "./testing/call-bench.ts";
import { settle } from "./testing/manual-clock.ts";

const isLasting = (event: CallEvent): boolean => event.type !== "transcript_update" || event.data.is_final;
const eventsOf = (bench: CallBench, callId: string): number[] =>
  bench.repository.calls.get(callId)?.events.map((event) => event.data.seq) ?? [];

describe("an engine that does not answer", () => {
  it("is asked twice, then the call completes with what is there and says so (F4)", async () => {
    const bench = new CallBench();
    const { callId, seat, heard } = await bench.live();
    await seat.audio(0, frame(64_000));
    bench.stream.say(1, "hola", { fromMs: 2000, toMs: 3000 });
    bench.stream.emit({ type: "progress", consumedSample: 32_000, settledSample: 24_000 });
    await settle();
    const deaf = bench.stream;
    const finish = (): Promise<void> => new Promise(() => undefined);
    deaf.finish = finish;
    const open = bench.engine.open.bind(bench.engine);
    bench.engine.open = (options) => Object.assign(open(options), { finish });
    const stopped = seat.stop();
    await settle();
    await bench.clock.advance(122_000);
    const second = bench.stream;
    expect(second).not.toBe(deaf);
    expect(deaf.aborted).toBe(true);
    expect(second.opened).toMatchObject({ firstSample: 24_000 });
    expect(second.soundMs(0)).toEqual([[1500, 4000]]);
    expect(second.soundMs(1), "what had its final is not heard again").toEqual([
      [1500, 2000],
      [3000, 4000],
    ]);
    await bench.clock.advance(122_000);
    await stopped;
    expect(heard.of("status").at(-1)).toMatchObject({ state: "degraded", reason: "transcript_incomplete" });
    expect(heard.of("call_completed")).toMatchObject([{ duration_ms: 4000, summary: { total_segments: 1 } }]);
    const { call } = await bench.registry.status(callId);
    expect(call).toMatchObject({ status: "completed", durableSamples: 64_000, settledSample: 24_000 });
  });

  it("is given all the time it needs as long as it comes further", async () => {
    const bench = new CallBench();
    const { seat, heard } = await bench.live();
    await seat.audio(0, frame(64_000));
    await settle();
    let letGo = (): void => undefined;
    bench.stream.finish = () => new Promise((resolve) => (letGo = resolve));
    const stopped = seat.stop();
    for (let minute = 1; minute <= 5; minute += 1) {
      await bench.clock.advance(60_000);
      bench.stream.emit({ type: "progress", consumedSample: 64_000, settledSample: minute * 10_000 });
    }
    letGo();
    await bench.clock.advance(1000);
    await stopped;
    expect(bench.engine.streams).toHaveLength(1);
    expect(heard.of("status").map(({ reason }) => reason)).not.toContain("transcript_incomplete");
  });
});

describe("a database that is away", () => {
  it("loses nothing that was sent although the process dies before it is back (E4)", async () => {
    const bench = new CallBench();
    const { callId, seat, heard } = await bench.live();
    await seat.audio(0, frame(16_000));
    bench.repository.failing = true;
    bench.stream.say(1, "es caro");
    await bench.clock.advance(3000);
    bench.stream.say(0, "entiendo", { id: "u2" });
    await bench.clock.advance(1000);
    const sent = heard.callEvents();
    expect(heard.of("suggestion_ready")).toHaveLength(1);
    bench.repository.failing = false;
    bench.registry = bench.newRegistry();
    await bench.registry.recover();
    const back = await bench.join(callId);
    await back.seat.start(0);
    await settle();
    expect(back.heard.callEvents().slice(0, sent.length)).toEqual(sent);
    expect(await bench.unsaved.calls()).toEqual([]);
  });

  it("or only slow loses nothing that was sent when the process dies, or ends, before it has answered (E4)", async () => {
    for (const ends of ["killed", "ended"]) {
      const bench = new CallBench();
      const { callId, seat, heard } = await bench.live();
      await seat.audio(0, frame(16_000));
      await bench.clock.advance(1000);
      const write = bench.repository.write.bind(bench.repository);
      bench.repository.write = () => new Promise(() => undefined);
      bench.stream.say(1, "es caro");
      await bench.clock.advance(2000);
      const sent = heard.callEvents();
      expect(heard.of("suggestion_ready")).toHaveLength(1);
      expect(heard.of("status"), "nothing fails").toEqual([]);
      if (ends === "ended") {
        bench.stream.finish = () => new Promise(() => undefined);
        const drained = bench.registry.drain(1000);
        bench.stream.say(0, "entiendo", { id: "u2" });
        await bench.clock.advance(5000);
        await drained;
      }
      bench.repository.write = write;
      bench.registry = bench.newRegistry();
      await bench.registry.recover();
      const back = await bench.join(callId);
      await back.seat.start(0);
      await settle();
      const replayed = back.heard.callEvents();
      for (const event of sent.filter(isLasting)) expect(replayed).toContainEqual(event);
      expect(await bench.unsaved.calls()).toEqual([]);
    }
  });

  it("or slow, beside a disk that is slow too, sends nothing that is not kept yet, for five seconds (E4)", async () => {
    const bench = new CallBench();
    const { heard } = await bench.live();
    await bench.clock.advance(1000);
    bench.repository.write = () => new Promise(() => undefined);
    let keep = (): void => undefined;
    bench.unsaved.keep = () => new Promise((resolve) => (keep = resolve));
    bench.stream.say(1, "es caro");
    await bench.clock.advance(3000);
    expect(heard.of("suggestion_ready")).toHaveLength(0);
    keep();
    await settle();
    expect(heard.of("suggestion_ready")).toHaveLength(1);
    bench.stream.say(1, "lo decide mi jefe", { id: "u2" });
    await bench.clock.advance(6000);
    expect(heard.of("suggestion_ready")).toHaveLength(2);
  });

  it("that is slow for a while is caught up with, and nothing is left beside it (E4)", async () => {
    const bench = new CallBench();
    const { callId, heard } = await bench.live();
    await bench.clock.advance(1000);
    const write = bench.repository.write.bind(bench.repository);
    let answer = (): void => undefined;
    bench.repository.write = async (written) => {
      await new Promise<void>((resolve) => (answer = resolve));
      await write(written);
    };
    bench.stream.say(1, "es caro");
    await bench.clock.advance(2000);
    expect(await bench.unsaved.calls()).toEqual([callId]);
    bench.repository.write = write;
    answer();
    await bench.clock.advance(1000);
    expect(await bench.unsaved.calls()).toEqual([]);
    const stored = eventsOf(bench, callId);
    expect(new Set(stored).size).toBe(stored.length);
    for (const event of heard.callEvents().filter(isLasting)) expect(stored).toContain(event.data.seq);
  });

  it("and whose place beside it is away too sends no number that another process might use (E3)", async () => {
    const bench = new CallBench();
    const { callId, heard } = await bench.live();
    bench.repository.failing = true;
    bench.unsaved.failing = true;
    for (let batch = 0; batch < 120; batch += 1) {
      for (let i = 0; i < 100; i += 1) {
        bench.stream.say(1, `palabra ${batch} ${i}`, { final: false });
      }
      await bench.clock.advance(600);
    }
    const sent = heard.callEvents().map((event) => event.data.seq);
    const reserved = bench.repository.calls.get(callId)?.call.reservedSeq ?? 0;
    expect(sent.length).toBeGreaterThan(5000);
    expect(Math.max(...sent)).toBeLessThanOrEqual(reserved);
    bench.repository.failing = false;
    bench.unsaved.failing = false;
    await bench.clock.advance(2000);
    // So many are sent in turns of real time.
    await expect.poll(() => heard.callEvents().length, { timeout: 10_000 }).toBeGreaterThan(12_000);
  });

  it("answers a change of title in seconds instead of never", async () => {
    const bench = new CallBench();
    const { callId } = await bench.live();
    bench.repository.failing = true;
    const patched = bench.registry.patch(callId, { title: "Otra" });
    const refused = expect(patched).rejects.toMatchObject({ code: "storage_failed", retryable: true });
    await bench.clock.advance(6000);
    await refused;
    bench.repository.failing = false;
    await bench.clock.advance(1000);
    expect(bench.repository.calls.get(callId)?.call.title).toBe("Otra");
  });

  it("refuses one entry for good: that one is set aside, told, and the others are written (E7)", async () => {
    const bench = new CallBench();
    const { callId, heard } = await bench.live();
    const write = bench.repository.write.bind(bench.repository);
    bench.repository.write = (next) =>
      next.segments.some(({ text }) => text === "veneno")
        ? Promise.reject(new CallError("storage_failed", "It does not fit.", { refused: true }))
        : write(next);
    bench.stream.say(1, "veneno", { id: "a" });
    bench.stream.say(1, "es caro", { id: "b" });
    await bench.clock.advance(3000);
    expect(bench.unsaved.refused).toMatchObject([{ callId, segments: [{ text: "veneno" }] }]);
    expect(heard.of("status").at(-1)).toMatchObject({ state: "degraded", reason: "not_stored" });
    expect(eventsOf(bench, callId).sort((a, b) => a - b)).toEqual(
      heard.callEvents().map((event) => event.data.seq),
    );
    const kept = bench.repository.calls.get(callId);
    expect([...(kept?.segments.values() ?? [])].map(({ text }) => text)).toEqual(["es caro"]);
  });
});

describe("a take-over while the disk fails", () => {
  it("is answered within seconds, and the host that is there goes on (S3)", async () => {
    const bench = new CallBench();
    const { callId, seat, heard } = await bench.live();
    await seat.audio(0, frame(1600));
    bench.recorder.failing = true;
    const waiting = seat.audio(1600, frame(1600));
    await bench.clock.advance(500);
    const joined = bench.join(callId);
    const refused = expect(joined).rejects.toMatchObject({ code: "storage_failed", retryable: true });
    await bench.clock.advance(6000);
    await refused;
    expect(heard.closed).toBeNull();
    bench.recorder.failing = false;
    await bench.clock.advance(3000);
    await expect(waiting).resolves.toBe(3200);
    await expect(seat.audio(3200, frame(1600))).resolves.toBe(4800);
    const next = await bench.join(callId);
    expect(next.heard.messages[0]).toMatchObject({ type: "session_started", data: { next_sample: 4800 } });
    expect(heard.closed?.code).toBe(4409);
  });

  it("succeeds when the disk is back while it waits", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    bench.recorder.failing = true;
    void seat.audio(0, frame(1600));
    await bench.clock.advance(500);
    const joined = bench.join(callId);
    await bench.clock.advance(1000);
    bench.recorder.failing = false;
    await bench.clock.advance(3000);
    expect((await joined).heard.messages[0]).toMatchObject({ data: { next_sample: 1600 } });
  });
});

describe("a call that nothing is left of", () => {
  it("lets nobody in while it vanishes (S7)", async () => {
    const bench = new CallBench();
    const { callId, seat, heard } = await bench.live();
    let letGo = (): void => undefined;
    const erased = bench.recorder.delete.bind(bench.recorder);
    bench.recorder.delete = async (id) => {
      await new Promise<void>((resolve) => (letGo = resolve));
      await erased(id);
    };
    const stopped = seat.stop();
    await settle();
    await expect(bench.join(callId)).rejects.toMatchObject({ code: "call_not_found" });
    letGo();
    await stopped;
    await expect(bench.join(callId)).rejects.toMatchObject({ code: "call_not_found" });
    expect(heard.of("call_completed")).toHaveLength(1);
  });
});

describe("calls that a dead server left", () => {
  it("are interrupted, not out of time, when their host does not return (S5, S6)", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    await seat.audio(0, frame(16_000));
    await bench.clock.advance(14_000_000);
    const old = bench.clock;
    bench.registry = bench.newRegistry({ clock: { ...clockOf(old), nowMs: () => old.nowMs() + 3_600_000 } });
    await bench.registry.recover();
    await bench.clock.advance(60_000);
    await expect(bench.registry.status(callId)).resolves.toMatchObject({ state: "waiting" });
    await bench.clock.advance(61_000);
    const { call } = await bench.registry.status(callId);
    expect(call).toMatchObject({ status: "completed", completionReason: "interrupted" });
  });

  it("end at once for their time when their host does return (S6)", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    await seat.audio(0, frame(16_000));
    const old = bench.clock;
    bench.registry = bench.newRegistry({ clock: { ...clockOf(old), nowMs: () => old.nowMs() + 14_500_000 } });
    await bench.registry.recover();
    const { heard } = await bench.join(callId);
    await bench.clock.advance(1000);
    expect(heard.of("call_completed")).toMatchObject([{ reason: "time_limit" }]);
  });

  it("are transcribed one after the other (S9)", async () => {
    const bench = new CallBench();
    for (let i = 0; i < 3; i += 1) {
      const { seat } = await bench.live();
      await seat.audio(0, frame(16_000));
    }
    const before = bench.engine.streams.length;
    const finishes: (() => void)[] = [];
    const open = bench.engine.open.bind(bench.engine);
    bench.engine.open = (options) => {
      const stream = open(options);
      stream.finish = () => new Promise((resolve) => finishes.push(resolve));
      return stream;
    };
    bench.registry = bench.newRegistry();
    await bench.registry.recover();
    await bench.clock.advance(125_000);
    for (let done = 1; done <= 3; done += 1) {
      expect(bench.engine.streams.length - before).toBe(done);
      finishes.at(-1)?.();
      await bench.clock.advance(1000);
    }
    expect(bench.registry.activeCalls()).toBe(0);
  });

  it("and that wait for their turn when the next server goes down too are left as they are (S9)", async () => {
    const bench = new CallBench();
    const left: string[] = [];
    for (let i = 0; i < 2; i += 1) {
      const { callId, seat } = await bench.live();
      await seat.audio(0, frame(16_000));
      left.push(callId);
    }
    const open = bench.engine.open.bind(bench.engine);
    bench.engine.open = (options) => {
      const stream = open(options);
      let letGo = (): void => undefined;
      return Object.assign(stream, {
        finish: () => new Promise<void>((resolve) => (letGo = resolve)),
        abort: () => {
          letGo();
        },
      });
    };
    bench.registry = bench.newRegistry();
    await bench.registry.recover();
    await bench.clock.advance(125_000);
    const drained = bench.registry.drain(1000);
    await bench.clock.advance(5000);
    await drained;
    for (const callId of left) {
      const call = bench.repository.calls.get(callId)?.call;
      expect(call).toMatchObject({ completionReason: null, settledSample: 0 });
      expect(call?.status).not.toBe("completed");
    }
  });

  it("are taken up by and by when that fails at first, and are not deleted meanwhile", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    await seat.audio(0, frame(16_000));
    const open = bench.recorder.open.bind(bench.recorder);
    bench.recorder.open = () => Promise.reject(new CallError("storage_failed", "Unreadable."));
    bench.registry = bench.newRegistry();
    await bench.registry.recover();
    await expect(bench.registry.delete(callId)).rejects.toMatchObject({ code: "call_not_completed" });
    bench.recorder.open = open;
    await bench.clock.advance(6000);
    await expect(bench.registry.status(callId)).resolves.toMatchObject({ state: "waiting" });
  });
});

function clockOf(clock: CallBench["clock"]): Pick<CallBench["clock"], "monotonicMs" | "after"> {
  return {
    monotonicMs: () => clock.monotonicMs(),
    after: (delayMs, run) => clock.after(delayMs, run),
  };
}
