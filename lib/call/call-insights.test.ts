import { describe, expect, it } from "vitest";
import type { Insight } from "../contract/events.ts";
import { CallBench, frame, type Listener } from "./testing/call-bench.ts";
import { settle } from "./testing/manual-clock.ts";

type Signal = Exclude<Insight, { kind: "conduct" | "nudge" }>;

function signals(heard: Listener): Signal[] {
  return heard.of("insight").filter((insight): insight is Signal => "segment_id" in insight);
}

function conducts(heard: Listener): Extract<Insight, { kind: "conduct" }>[] {
  return heard.of("insight").filter((insight) => insight.kind === "conduct");
}

describe("signals", () => {
  it("are told of finals, with their words, their place and their time (I1)", async () => {
    const bench = new CallBench();
    const { heard } = await bench.live();
    bench.stream.say(1, "esto nos encaja", { final: false });
    await settle();
    expect(heard.of("insight")).toEqual([]);
    bench.stream.say(1, "esto nos encaja", { fromMs: 0, toMs: 900 });
    bench.stream.say(0, "le mando el contrato mañana", { id: "u2", fromMs: 1000, toMs: 2000 });
    await settle();
    expect(signals(heard)).toMatchObject([
      { kind: "buying_signal", speaker: 1, text: "encaja", ts_ms: 600, evidence: [{ start: 9, end: 15 }] },
      { kind: "commitment", speaker: 0, text: "mando el contrato mañana", when: "mañana", status: "noted" },
    ]);
  });

  it("of buying are the prospect's; terms of the playbook are anybody's (I2)", async () => {
    const bench = new CallBench();
    const { heard } = await bench.live();
    bench.stream.say(0, "seguro que le encaja más que Rivalia");
    bench.stream.say(1, "rivalia pasó la auditoria", { id: "u2", fromMs: 1500, toMs: 2500 });
    await settle();
    expect(signals(heard).map(({ kind, speaker, term }) => [kind, speaker, term])).toEqual([
      ["competitor_mention", 0, "Rivalia"],
      ["competitor_mention", 1, "Rivalia"],
      ["keyword_mention", 1, "auditoría"],
    ]);
  });

  it("tell a question that two turns of the rep leave open, and its late answer (I3)", async () => {
    const bench = new CallBench();
    const { heard } = await bench.live();
    const say = (channel: 0 | 1, text: string, at: number): void => {
      bench.stream.say(channel, text, { id: `u${String(at)}`, fromMs: at * 1000, toMs: at * 1000 + 800 });
    };
    say(1, "qué pasa con los datos?", 1);
    say(0, "por cierto le enseño la pantalla", 2);
    say(1, "muy bonita", 3);
    say(0, "por cierto también hay móvil", 4);
    await settle();
    expect(signals(heard)).toEqual([]);
    say(1, "muy bien", 5);
    await settle();
    say(0, "los datos los pasamos nosotros", 6);
    await settle();
    expect(signals(heard)).toMatchObject([
      { kind: "unanswered_question", status: "open", text: "qué pasa con los datos?", ts_ms: 1000 },
      { kind: "unanswered_question", status: "answered" },
    ]);
    expect(new Set(signals(heard).map(({ insight_id: id }) => id)).size).toBe(1);
  });

  it("are not told while coaching is off; what is said then still counts for the conduct (I6)", async () => {
    const bench = new CallBench();
    const { callId, heard } = await bench.live();
    await bench.registry.toggleCoach(callId, false);
    bench.stream.say(1, "nos encaja", { id: "a", fromMs: 0, toMs: 15_000 });
    await settle();
    expect(heard.of("insight")).toEqual([]);
    await bench.registry.toggleCoach(callId, true);
    bench.stream.say(0, "hola", { id: "b", fromMs: 15_000, toMs: 20_000 });
    await settle();
    expect(conducts(heard)).toMatchObject([{ conduct: { talk_ratio: 0.25 } }]);
  });

  it("follow the voice that is chosen in mono (I5)", async () => {
    const bench = new CallBench();
    const { seat, heard } = await bench.live({ audio_mode: "mono" });
    await seat.audio(0, new Uint8Array(160_000).fill(1));
    bench.stream.say(0, "a usted le encaja", { id: "u1", fromMs: 0, toMs: 900, voice: 0 });
    bench.stream.say(0, "sí me encaja", { id: "u2", fromMs: 1000, toMs: 1900, voice: 1 });
    await settle();
    expect(signals(heard).map(({ speaker, status }) => [speaker, status])).toEqual([
      [null, "noted"],
      [null, "noted"],
    ]);
    expect(conducts(heard)).toEqual([]);
    heard.messages.length = 0;
    await seat.chooseVoice(0);
    await settle();
    expect(signals(heard).map(({ speaker, status }) => [speaker, status])).toEqual([
      [null, "retracted"],
      [1, "noted"],
    ]);
    expect(conducts(heard)).toMatchObject([{ conduct: { talk_ratio: 0.5 } }]);
  });
});

describe("a question that was left open", () => {
  it("is taken back when it turns out to have been the rep's (I5)", async () => {
    const bench = new CallBench();
    const { seat, heard } = await bench.live({ audio_mode: "mono" });
    await seat.audio(0, new Uint8Array(320_000).fill(1));
    const lines = ["qué pasa con los datos?", "por cierto", "muy bonita", "por cierto", "muy bien"];
    for (const [at, text] of lines.entries()) {
      const fromMs = at * 1000;
      bench.stream.say(0, text, { id: `u${String(at)}`, fromMs, toMs: fromMs + 800, voice: at % 2 });
    }
    await settle();
    await seat.chooseVoice(1);
    await settle();
    expect(signals(heard).map(({ kind, status }) => [kind, status])).toEqual([
      ["unanswered_question", "open"],
    ]);
    await seat.chooseVoice(0);
    await settle();
    expect(signals(heard).map(({ kind, status }) => [kind, status])).toEqual([
      ["unanswered_question", "open"],
      ["unanswered_question", "retracted"],
    ]);
  });
});

describe("conduct", () => {
  it("is told at most every ten seconds of the call, and at its end, under one id (I4)", async () => {
    const bench = new CallBench();
    const { seat, heard } = await bench.live();
    await seat.audio(0, frame(16_000));
    for (let at = 0; at < 30; at += 1) {
      bench.stream.say(at % 2 === 0 ? 0 : 1, "hola", {
        id: `u${String(at)}`,
        fromMs: at * 1000,
        toMs: at * 1000 + 800,
      });
    }
    await settle();
    await seat.stop();
    const told = conducts(heard);
    expect(told.map(({ ts_ms }) => ts_ms)).toEqual([10_800, 20_800, 29_800]);
    expect(new Set(told.map(({ insight_id: id }) => id)).size).toBe(1);
    const types = heard.callEvents().map(({ type }) => type);
    expect(types.lastIndexOf("insight")).toBeLessThan(types.indexOf("call_completed"));
  });

  it("counts at its end what came late, and is told once more when the voice is chosen anew (I4)", async () => {
    const bench = new CallBench();
    const { seat, heard } = await bench.live();
    await seat.audio(0, frame(16_000));
    bench.stream.say(1, "hola", { id: "a", fromMs: 10_000, toMs: 20_000 });
    bench.stream.say(0, "hola", { id: "b", fromMs: 0, toMs: 10_000 });
    await settle();
    await seat.stop();
    expect(conducts(heard).map(({ conduct }) => conduct.talk_ratio)).toEqual([0, 0.5]);

    const mono = await bench.live({ audio_mode: "mono" });
    await mono.seat.audio(0, new Uint8Array(160_000).fill(1));
    bench.stream.say(0, "hola", { id: "a", fromMs: 0, toMs: 3000, voice: 0 });
    bench.stream.say(0, "hola", { id: "b", fromMs: 3000, toMs: 4000, voice: 1 });
    await settle();
    for (const voice of [0, 1]) await mono.seat.chooseVoice(voice);
    await settle();
    expect(conducts(mono.heard).map(({ conduct }) => conduct.talk_ratio)).toEqual([0.75, 0.25]);
  });

  it("is stored, replayed, and goes on after the death of the process (I7)", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    await seat.audio(0, frame(16_000));
    bench.stream.say(0, "le mando el contrato mañana", { id: "a", fromMs: 0, toMs: 12_000 });
    await settle();
    const next = bench.newRegistry();
    await next.recover();
    bench.registry = next;
    const again = await bench.join(callId);
    await again.seat.start(0);
    await settle();
    expect(again.heard.of("insight").map(({ kind }) => kind)).toEqual(["commitment", "conduct"]);
    bench.stream.say(1, "nos encaja", { id: "b", fromMs: 12_000, toMs: 24_000 });
    await settle();
    expect(conducts(again.heard).at(-1)).toMatchObject({ conduct: { talk_ratio: 0.5 } });
    expect(new Set(conducts(again.heard).map(({ insight_id: id }) => id)).size).toBe(1);
    const stored = await bench.repository.load(callId);
    expect(stored?.insights.map(({ kind }) => kind)).toEqual(["commitment", "conduct", "buying_signal"]);
  });
});
