import { describe, expect, it } from "vitest";
import { CallBench, frame, Listener } from "./testing/call-bench.ts";
import { settle } from "./testing/manual-clock.ts";

describe("a live call", () => {
  it("refuses audio until the host has started it (S2)", async () => {
    const bench = new CallBench();
    const { callId } = await bench.registry.start({});
    const { seat } = await bench.join(callId);
    await expect(seat.audio(0, frame(1600))).rejects.toMatchObject({ code: "not_started" });
    await seat.start(undefined);
    await expect(seat.audio(0, frame(1600))).resolves.toBe(1600);
  });

  it("acknowledges a frame only when it is durable (A2)", async () => {
    const bench = new CallBench();
    const { seat } = await bench.live();
    bench.recorder.hold();
    let next: number | null = null;
    void seat.audio(0, frame(1600)).then((sample) => (next = sample));
    await settle();
    expect(next).toBeNull();
    expect(seat.nextSample()).toBe(0);
    bench.recorder.release();
    await settle();
    expect(next).toBe(1600);
  });

  it("lets frames without an index follow each other, also after a refused one", async () => {
    const bench = new CallBench();
    const { seat } = await bench.live();
    await seat.audio(null, frame(1600));
    await expect(seat.audio(null, frame(1).subarray(0, 3))).rejects.toMatchObject({
      code: "audio_misaligned",
    });
    await expect(seat.audio(null, frame(1600))).resolves.toBe(3200);
  });

  it("feeds the engine what is durable, every sample once (F1)", async () => {
    const bench = new CallBench();
    const { seat } = await bench.live();
    await seat.audio(0, frame(1600));
    await seat.audio(800, frame(1600));
    await settle();
    expect(bench.stream.writtenSample).toBe(2400);
  });

  it("keeps audio in memory while the disk fails, says so, and catches up (A9)", async () => {
    const bench = new CallBench();
    const { seat, heard } = await bench.live();
    bench.recorder.failing = true;
    const taken = seat.audio(0, frame(1600));
    await bench.clock.advance(1000);
    expect(heard.of("status").at(-1)).toMatchObject({ state: "degraded", reason: "storage" });
    expect(seat.nextSample()).toBe(0);
    bench.recorder.failing = false;
    await bench.clock.advance(3000);
    await expect(taken).resolves.toBe(1600);
    expect(heard.of("status").at(-1)).toMatchObject({ state: "live", reason: "storage" });
  });

  it("records silence for lost audio and keeps the span (A7)", async () => {
    const bench = new CallBench();
    const { callId, seat, heard } = await bench.live();
    await seat.audio(0, frame(1600));
    await seat.audioLost({ firstSample: 1600, samples: 16_000, reason: "tab was reloaded" });
    await expect(seat.audio(null, frame(1600))).resolves.toBe(19_200);
    expect(heard.of("status").at(-1)).toMatchObject({ state: "degraded", reason: "audio_lost" });
    const { call } = await bench.registry.status(callId);
    expect(call.lostAudio).toEqual([
      { first_sample: 1600, samples: 16_000, ts_ms: 100, end_ms: 1100, reason: "tab was reloaded" },
    ]);
    await expect(
      seat.audioLost({ firstSample: 19_200, samples: 3600 * 16_000, reason: "too much" }),
    ).rejects.toMatchObject({ code: "audio_lost_refused" });
  });

  it("tells when the transcript falls behind and when it has caught up (F2, F3)", async () => {
    const bench = new CallBench();
    const { seat, heard } = await bench.live();
    const { stream } = bench;
    stream.emit = () => undefined;
    for (let second = 0; second < 40; second += 1) await seat.audio(second * 16_000, frame(16_000));
    await settle();
    expect(heard.of("status").at(-1)).toMatchObject({ state: "degraded", reason: "backlog" });
    expect(stream.writtenSample).toBeLessThanOrEqual(30 * 16_000);
    stream.opened.onEvent({ type: "progress", consumedSample: 30 * 16_000, settledSample: 0 });
    await settle();
    expect(stream.writtenSample).toBe(40 * 16_000);
    stream.opened.onEvent({ type: "progress", consumedSample: 40 * 16_000, settledSample: 0 });
    await settle();
    expect(heard.of("status").at(-1)).toMatchObject({ state: "live", reason: "backlog" });
  });
});

describe("events", () => {
  it("have growing numbers, the same for every socket, and reach only those that started (E1, E6)", async () => {
    const bench = new CallBench();
    const { callId, heard } = await bench.live();
    const follower = await bench.join(callId, "observer");
    await follower.seat.start(undefined);
    const silent = await bench.join(callId, "observer");
    bench.stream.say(1, "hola", { final: false });
    bench.stream.say(1, "hola buenas");
    await settle();
    expect(heard.of("transcript_update").map(({ revision, text }) => [revision, text])).toEqual([
      [1, "hola"],
      [2, "hola buenas"],
    ]);
    expect(follower.heard.callEvents()).toEqual(heard.callEvents());
    const numbers = heard.callEvents().map((event) => event.data.seq);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(silent.heard.callEvents()).toEqual([]);
  });

  it("are in the database before they are sent, finals and objections at least (E2)", async () => {
    const bench = new CallBench();
    const { callId } = await bench.live();
    const stored: boolean[] = [];
    const outlet = new Listener();
    outlet.send = (message) => {
      if (message.type !== "objection_detected") return;
      const { objection_id: id } = message.data;
      stored.push(bench.repository.calls.get(callId)?.objections.has(id) === true);
    };
    const seat = await bench.registry.join({ callId, role: "observer", outlet });
    await seat.start(undefined);
    bench.stream.say(1, "es muy caro");
    await settle();
    expect(stored).toEqual([true]);
  });

  it("are replayed in order after a number, then the open interims, then live ones (E5)", async () => {
    const bench = new CallBench();
    const { callId, heard } = await bench.live();
    bench.stream.say(1, "uno", { id: "a" });
    bench.stream.say(0, "dos", { id: "b" });
    bench.stream.say(1, "tres sin", { id: "c", final: false });
    await settle();
    const late = await bench.join(callId, "observer");
    const firstSeq = heard.of("transcript_update")[0]?.seq ?? 0;
    await late.seat.start(firstSeq);
    await settle();
    bench.stream.say(1, "tres sin falta", { id: "c" });
    await settle();
    const texts = late.heard.of("transcript_update").map(({ text, is_final }) => [text, is_final]);
    expect(texts).toEqual([
      ["dos", true],
      ["tres sin", false],
      ["tres sin falta", true],
    ]);
    const seqs = late.heard.callEvents().map((event) => event.data.seq);
    expect(new Set(seqs).size).toBe(seqs.length);
  });

  it("are sent within half a second when the database does not answer, and written later (E4)", async () => {
    const bench = new CallBench();
    const { callId, heard } = await bench.live();
    bench.repository.failing = true;
    bench.stream.say(1, "hola");
    await bench.clock.advance(600);
    expect(heard.of("transcript_update")).toHaveLength(1);
    await bench.clock.advance(600);
    expect(heard.of("status").at(-1)).toMatchObject({ state: "degraded", reason: "database" });
    bench.repository.failing = false;
    await bench.clock.advance(2000);
    expect(bench.repository.calls.get(callId)?.segments.size).toBe(1);
    expect(heard.of("status").at(-1)).toMatchObject({ state: "live", reason: "database" });
  });
});

describe("seats", () => {
  it("go to the newest host; the old one's audio is durable before the new one is told (S3)", async () => {
    const bench = new CallBench();
    const { callId, seat, heard } = await bench.live();
    bench.recorder.hold();
    const inFlight = seat.audio(0, frame(1600));
    await settle();
    const joining = bench.join(callId);
    await settle();
    await expect(seat.audio(1600, frame(1600))).rejects.toMatchObject({ code: "taken_over" });
    bench.recorder.release();
    await expect(inFlight).resolves.toBe(1600);
    const next = await joining;
    expect(next.heard.messages[0]).toMatchObject({
      type: "session_started",
      data: { next_sample: 1600, state: "live" },
    });
    expect(heard.messages.at(-1)).toMatchObject({ type: "error", data: { code: "taken_over" } });
    expect(heard.closed?.code).toBe(4409);
  });

  it("of observers do not touch the call (S4)", async () => {
    const bench = new CallBench();
    const { callId } = await bench.live();
    const { seat } = await bench.join(callId, "observer");
    await seat.start(undefined);
    await expect(seat.audio(0, frame(1600))).rejects.toMatchObject({ code: "not_allowed" });
    await expect(seat.stop()).rejects.toMatchObject({ code: "not_allowed" });
    await expect(seat.toggleCoach(false)).rejects.toMatchObject({ code: "not_allowed" });
    await expect(seat.feedback("sug_1", "used")).rejects.toMatchObject({ code: "not_allowed" });
  });
});

describe("the end of a call", () => {
  it("is ordered and answers every stop with the same event (S8)", async () => {
    const bench = new CallBench();
    const { callId, seat, heard } = await bench.live();
    await seat.audio(0, frame(16_000));
    bench.stream.say(1, "es muy caro");
    bench.stream.say(0, "a medias", { id: "open", final: false });
    await Promise.all([seat.stop(), seat.stop()]);
    await settle();
    const completions = heard.of("call_completed");
    expect(completions).toHaveLength(2);
    expect(completions[0]).toEqual(completions[1]);
    expect(completions[0]).toMatchObject({
      reason: "stopped",
      duration_ms: 1000,
      summary: { total_segments: 1, total_objections: 1, objection_types: { price: 1 } },
    });
    expect(heard.of("transcript_update").at(-1)).toMatchObject({ text: "", is_final: true });
    expect(bench.stream.finished).toBe(true);
    await bench.clock.advance(1000);
    expect(heard.closed?.code).toBe(1000);
    await expect(bench.registry.status(callId)).resolves.toMatchObject({
      state: "completed",
      nextSample: 16_000,
    });
  });

  it("leaves a completed call that answers with replay on request and its completion", async () => {
    const bench = new CallBench();
    const { callId, seat, heard } = await bench.live();
    await seat.audio(0, frame(16_000));
    bench.stream.say(1, "adiós");
    await seat.stop();
    const again = await bench.join(callId);
    expect(again.heard.messages[0]).toMatchObject({ type: "session_started", data: { state: "completed" } });
    await again.seat.start(0);
    expect(again.heard.of("transcript_update")).toEqual(heard.of("transcript_update"));
    expect(again.heard.of("call_completed")).toEqual(heard.of("call_completed"));
    expect(again.heard.closed?.code).toBe(1000);
    await expect(again.seat.audio(0, frame(1))).rejects.toMatchObject({ code: "call_completed" });
  });

  it("comes when no host returns in time (S5), and deletes what recorded nothing (S7)", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    await seat.audio(0, frame(16_000));
    seat.leave();
    await expect(bench.registry.status(callId)).resolves.toMatchObject({ state: "waiting" });
    const empty = await bench.registry.start({});
    await bench.clock.advance(121_000);
    const { call } = await bench.registry.status(callId);
    expect(call).toMatchObject({ status: "completed", completionReason: "abandoned" });
    await expect(bench.registry.status(empty.callId)).rejects.toMatchObject({ code: "call_not_found" });
  });

  it("comes at the time limit, told five minutes ahead (S6)", async () => {
    const bench = new CallBench({
      settings: { resumeWindowSec: 120, sessionTimeoutSec: 600, vadEnabled: true, diarize: true },
    });
    const { callId, seat, heard } = await bench.live();
    await seat.audio(0, frame(16_000));
    await bench.clock.advance(301_000);
    expect(heard.of("status").at(-1)).toMatchObject({ reason: "time_limit" });
    await bench.clock.advance(300_000);
    const { call } = await bench.registry.status(callId);
    expect(call.completionReason).toBe("time_limit");
    expect(heard.of("call_completed")[0]).toMatchObject({ reason: "time_limit" });
  });
});

describe("after a restart", () => {
  it("the call waits for its host, with numbers above all that were sent, and says nothing twice (S9, E3)", async () => {
    const bench = new CallBench();
    const { callId, seat, heard } = await bench.live();
    await seat.audio(0, frame(32_000));
    bench.stream.say(1, "es muy caro", { fromMs: 0, toMs: 900 });
    await settle();
    const lastSeq = heard.callEvents().at(-1)?.data.seq ?? 0;

    bench.registry = bench.newRegistry();
    await bench.registry.recover();
    const back = await bench.join(callId);
    expect(back.heard.messages[0]).toMatchObject({ data: { state: "waiting", next_sample: 32_000 } });
    await back.seat.start(lastSeq);
    bench.stream.say(1, "es muy caro", { id: "again", fromMs: 0, toMs: 900 });
    bench.stream.say(1, "lo veo", { id: "new", fromMs: 1000, toMs: 1500 });
    await settle();
    const updates = back.heard.of("transcript_update");
    expect(updates.map(({ text }) => text)).toEqual(["lo veo"]);
    expect(updates[0]?.seq).toBeGreaterThan(lastSeq);
    await back.seat.stop();
    expect(back.heard.of("call_completed")[0]).toMatchObject({ summary: { total_segments: 2 } });
  });

  it("a call whose host does not return is transcribed to its end and completes as interrupted (S5)", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    await seat.audio(0, frame(32_000));
    bench.registry = bench.newRegistry();
    await bench.registry.recover();
    await bench.clock.advance(121_000);
    expect(bench.stream.writtenSample).toBe(32_000);
    const { call } = await bench.registry.status(callId);
    expect(call).toMatchObject({ status: "completed", completionReason: "interrupted" });
  });
});
