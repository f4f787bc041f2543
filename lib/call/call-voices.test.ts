import { describe, expect, it } from "vitest";
import { CallBench } from "./testing/call-bench.ts";
import { settle } from "./testing/manual-clock.ts";

const mono = { audio_mode: "mono" } as const;
/** Mono PCM16 of so many samples. */
const monoFrame = (samples: number): Uint8Array => new Uint8Array(samples * 2).fill(1);

async function twoVoices(options?: ConstructorParameters<typeof CallBench>[0]) {
  const bench = new CallBench(options);
  const call = await bench.live(mono);
  await call.seat.audio(0, monoFrame(80_000));
  bench.stream.say(0, "le llamo por las facturas", { id: "u1", fromMs: 0, toMs: 900, voice: 0 });
  bench.stream.say(0, "es caro", { id: "u2", fromMs: 1000, toMs: 1900, voice: 1 });
  bench.stream.say(0, "lo verá su jefe", { id: "u3", fromMs: 2000, toMs: 2900, voice: 0 });
  await settle();
  return { bench, ...call };
}

describe("voices told apart in mono", () => {
  it("are asked of the engine in mono only, and only where the setting says so", async () => {
    const bench = new CallBench();
    await bench.live(mono);
    expect(bench.stream.opened.diarize).toBe(true);
    await bench.live();
    expect(bench.stream.opened.diarize).toBe(false);
    bench.registry = bench.newRegistry({
      settings: { resumeWindowSec: 120, sessionTimeoutSec: 14_400, vadEnabled: true, diarize: false },
    });
    await bench.live(mono);
    expect(bench.stream.opened.diarize).toBe(false);
  });

  it("belong to nobody until one is chosen; everybody is listened to (V1)", async () => {
    const { heard } = await twoVoices();
    expect(heard.of("transcript_update").map(({ speaker, role, voice }) => [speaker, role, voice])).toEqual([
      [null, "unknown", 0],
      [null, "unknown", 1],
      [null, "unknown", 0],
    ]);
    expect(heard.of("objection_detected").map(({ text, speaker }) => [text, speaker])).toEqual([
      ["caro", null],
      ["jefe", null],
    ]);
  });

  it("get their speakers when one is chosen, earlier segments and open ones too (V2)", async () => {
    const { bench, seat, heard } = await twoVoices();
    bench.stream.say(0, "y además", { id: "u4", fromMs: 3000, toMs: 3500, voice: 1, final: false });
    await settle();
    heard.messages.length = 0;
    await seat.chooseVoice(0);
    const updates = heard.of("transcript_update");
    expect(
      updates.map(({ ts_ms, revision, speaker, role, reason, is_final }) => [
        ts_ms,
        revision,
        speaker,
        role,
        reason,
        is_final,
      ]),
    ).toEqual([
      [0, 2, 0, "rep", "speaker", true],
      [1000, 2, 1, "prospect", "speaker", true],
      [2000, 2, 0, "rep", "speaker", true],
      [3000, 2, 1, "prospect", undefined, false],
    ]);
    bench.stream.say(0, "y además tarde", { id: "u4", fromMs: 3000, toMs: 3900, voice: 1 });
    bench.stream.say(0, "sin voz", { id: "u5", fromMs: 4000, toMs: 4900 });
    await settle();
    expect(
      heard
        .of("transcript_update")
        .slice(4)
        .map(({ text, speaker, revision }) => [text, speaker, revision]),
    ).toEqual([
      ["y además tarde", 1, 3],
      ["sin voz", null, 1],
    ]);
  });

  it("take the rep's objection back with its suggestion, and keep the prospect's (V3)", async () => {
    const { bench, callId, seat, heard } = await twoVoices();
    heard.messages.length = 0;
    await seat.chooseVoice(0);
    expect(
      heard.of("objection_detected").map(({ ts_ms, status, speaker }) => [ts_ms, status, speaker]),
    ).toEqual([
      [1450, "confirmed", 1],
      [2675, "retracted", null],
    ]);
    expect(heard.of("suggestion_ready").map(({ status }) => status)).toEqual(["withdrawn"]);
    const stored = await bench.repository.load(callId);
    expect(stored?.call.repVoice).toBe(0);
    expect(stored?.segments.map(({ speaker, revision }) => [speaker, revision])).toEqual([
      [0, 2],
      [1, 2],
      [0, 2],
    ]);
    expect(stored?.objections.map(({ status }) => status)).toEqual(["confirmed", "retracted"]);
    bench.stream.say(0, "caro no es", { id: "u6", fromMs: 3000, toMs: 3900, voice: 0 });
    await settle();
    expect(heard.of("objection_detected"), "the rep raises none").toHaveLength(2);
  });

  it("can be chosen anew: what the other one said is analysed now (V3)", async () => {
    const { seat, heard } = await twoVoices();
    await seat.chooseVoice(1);
    heard.messages.length = 0;
    await seat.chooseVoice(0);
    expect(heard.of("transcript_update").map(({ speaker, revision }) => [speaker, revision])).toEqual([
      [0, 3],
      [1, 3],
      [0, 3],
    ]);
    expect(
      heard.of("objection_detected").map(({ ts_ms, status, speaker }) => [ts_ms, status, speaker]),
    ).toEqual([
      [1450, "confirmed", 1],
      [2675, "retracted", 1],
    ]);
    heard.messages.length = 0;
    await seat.chooseVoice(0);
    expect(heard.messages, "chosen already").toEqual([]);
  });

  it("are analysed in silence while coaching is off", async () => {
    const { seat, heard } = await twoVoices();
    await seat.chooseVoice(1);
    await seat.toggleCoach(false);
    heard.messages.length = 0;
    await seat.chooseVoice(0);
    expect(heard.of("objection_detected").map(({ status }) => status)).toEqual(["retracted"]);
  });

  it("stay chosen after the death of the process, with all that was said before it (V2, S9)", async () => {
    const { bench, callId, seat } = await twoVoices();
    await seat.chooseVoice(0);
    await settle();
    bench.registry = bench.newRegistry();
    await bench.registry.recover();
    const back = await bench.join(callId);
    await back.seat.start(undefined);
    await settle();
    bench.stream.say(0, "de acuerdo", { id: "v1", fromMs: 4000, toMs: 4900, voice: 1 });
    await settle();
    expect(back.heard.of("transcript_update").map(({ text, speaker }) => [text, speaker])).toEqual([
      ["de acuerdo", 1],
    ]);
    back.heard.messages.length = 0;
    await back.seat.chooseVoice(1);
    expect(
      back.heard.of("transcript_update").map(({ text, speaker, revision }) => [text, speaker, revision]),
    ).toEqual([
      ["le llamo por las facturas", 1, 3],
      ["es caro", 0, 3],
      ["lo verá su jefe", 1, 3],
      ["de acuerdo", 0, 2],
    ]);
    expect(back.heard.of("objection_detected").map(({ ts_ms, status }) => [ts_ms, status])).toEqual([
      [1450, "retracted"],
      [2675, "confirmed"],
    ]);
  });

  it("are chosen by the host, among those that were told apart, while the call goes on", async () => {
    const { bench, callId, seat } = await twoVoices();
    await expect(seat.chooseVoice(7)).rejects.toMatchObject({ code: "invalid" });
    const observer = await bench.join(callId, "observer");
    await observer.seat.start(undefined);
    await expect(observer.seat.chooseVoice(0)).rejects.toMatchObject({ code: "not_allowed" });
    await seat.stop();
    await expect(seat.chooseVoice(0)).rejects.toMatchObject({ code: "wrong_state" });
    await bench.clock.advance(1000);
    const late = await bench.join(callId);
    await expect(late.seat.chooseVoice(0)).rejects.toMatchObject({ code: "call_completed" });
  });

  it("are shown with marks only: what was taken out stays out when the speaker changes (R3)", async () => {
    const redactor = {
      text: (text: string) => text,
      call: () => ({
        hear: ({ text }: { text: string }) => {
          const at = text.indexOf("4111");
          const spans = at < 0 ? [] : [{ start: at, end: at + 4, mark: "[card]", isOpen: false }];
          return { spans, revised: [], settled: [] };
        },
        passed: () => ({ spans: [], revised: [], settled: [] }),
        end: () => ({ spans: [], revised: [], settled: [] }),
        recall: () => undefined,
      }),
    };
    const bench = new CallBench({ redactor });
    const { seat, heard } = await bench.live(mono);
    await seat.audio(0, monoFrame(80_000));
    bench.stream.say(0, "es el 4111", { id: "u1", voice: 1 });
    await settle();
    await seat.chooseVoice(1);
    expect(heard.of("transcript_update").map(({ text, speaker }) => [text, speaker])).toEqual([
      ["es el [card]", null],
      ["es el [card]", 0],
    ]);
  });
});

describe("the engine at work", () => {
  it("is told when another one takes over, to those who are there and those who come (N1)", async () => {
    const bench = new CallBench();
    const { callId, heard } = await bench.live();
    bench.stream.emit({ type: "engine", name: "embedded", detail: "Nobody answers." });
    bench.stream.emit({ type: "engine", name: "embedded", detail: "Nobody answers." });
    await settle();
    const { heard: late } = await bench.join(callId, "observer");
    expect(late.messages).toMatchObject([{ type: "session_started", data: { transcriber: "embedded" } }]);
    bench.stream.emit({ type: "engine", name: "scripted", detail: "" });
    await settle();
    expect(heard.of("status")).toMatchObject([
      { state: "degraded", reason: "engine", detail: "Nobody answers.", transcriber: "embedded" },
      { state: "live", reason: "engine", transcriber: "scripted" },
    ]);
    const { call } = await bench.registry.status(callId);
    expect(call.transcriber, "what the call was started with").toBe("scripted");
  });

  it("bills what it says, also what it says while it is let go, and after a restart (N2)", async () => {
    const counted: [string, number | undefined][] = [];
    const bench = new CallBench({
      telemetry: { count: (name, by) => counted.push([name, by]), latency: () => undefined },
    });
    const { callId, seat } = await bench.live();
    await seat.audio(0, new Uint8Array(64_000));
    bench.stream.emit({ type: "usage", billedSeconds: 10.5 });
    bench.stream.emit({ type: "usage", billedSeconds: 0 });
    await settle();
    expect((await bench.registry.status(callId)).call.billedSeconds).toBe(10.5);
    const { stream } = bench;
    stream.finish = () => new Promise(() => undefined);
    stream.abort = () => {
      stream.opened.onEvent({ type: "usage", billedSeconds: 1.5 });
      stream.aborted = true;
    };
    const drained = bench.registry.drain(1000);
    await bench.clock.advance(1000);
    await drained;
    bench.registry = bench.newRegistry();
    await bench.registry.recover();
    expect((await bench.registry.status(callId)).call.billedSeconds).toBe(12);
    const back = await bench.join(callId);
    await back.seat.start(undefined);
    await settle();
    bench.stream.emit({ type: "usage", billedSeconds: 3 });
    await back.seat.stop();
    const stored = await bench.repository.load(callId);
    expect(stored?.call).toMatchObject({ status: "completed", billedSeconds: 15 });
    expect(counted.filter(([name]) => name === "billed_seconds").map(([, by]) => by)).toEqual([10.5, 1.5]);
  });
});
