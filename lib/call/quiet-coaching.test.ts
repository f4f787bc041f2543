import { describe, expect, it } from "vitest";
import type { CoachingSettings, Playbooks, ReplySuggester } from "./ports.ts";
import { CallBench, frame, type Listener } from "./testing/call-bench.ts";
import { settle } from "./testing/manual-clock.ts";

function playbooksWith(coaching: Partial<CoachingSettings>): Playbooks {
  const replies = ["Réplica 1", "Réplica 2", "Réplica 3"];
  const suggester: ReplySuggester = {
    coaching: { cooldownMs: 45_000, maxCardsPerMinute: 3, provisional: true, nudges: true, ...coaching },
    suggest: ({ shownEntries }) => {
      const text = replies.find((reply) => !shownEntries.includes(reply)) ?? "Réplica 1";
      return { text, source: "playbook", playbookEntry: text, fits: true };
    },
    keyterms: () => [],
    watched: () => ({ competitors: [], keywords: [] }),
  };
  return { open: () => Promise.resolve({ name: "default", version: 1, suggester }) };
}

const told = (heard: Listener) =>
  heard.of("objection_detected").map(({ objection_id: id, status, repeat_of: first }) => [id, status, first]);

describe("an objection that comes again", () => {
  it("is told with the first one's id; a card comes again only after the cool-down, with another reply (Q3, Q4)", async () => {
    const bench = new CallBench({ playbooks: playbooksWith({}) });
    const { heard } = await bench.live();
    for (const [at, id] of ["a", "b", "c"].entries()) {
      const fromMs = at * 30_000;
      bench.stream.say(0, "entiendo lo que me dice del precio", {
        id: `r${id}`,
        fromMs: fromMs + 2000,
        toMs: fromMs + 5000,
      });
      bench.stream.say(1, "es caro", { id, fromMs, toMs: fromMs + 1000, final: false });
      bench.stream.say(1, "es caro ya", { id, fromMs, toMs: fromMs + 1000 });
    }
    await settle();
    const [first] = heard.of("objection_detected");
    const firstId = first?.objection_id;
    expect(told(heard).map(([, status, repeatOf]) => [status, repeatOf])).toEqual([
      ["provisional", undefined],
      ["confirmed", undefined],
      ["provisional", firstId],
      ["confirmed", firstId],
      ["provisional", firstId],
      ["confirmed", firstId],
    ]);
    expect(heard.of("suggestion_ready").map(({ text, ts_ms: tsMs }) => [text, tsMs])).toEqual([
      ["Réplica 1", 500],
      ["Réplica 2", 60_500],
    ]);
  });

  it("is one objection when the recogniser cuts it in two (Q2)", async () => {
    const bench = new CallBench();
    const { heard } = await bench.live();
    bench.stream.say(1, "es que es muy caro", { id: "a", fromMs: 0, toMs: 1500 });
    bench.stream.say(1, "muy caro la verdad", { id: "b", fromMs: 1900, toMs: 3000, final: false });
    bench.stream.say(1, "muy caro la verdad", { id: "b", fromMs: 1900, toMs: 3000 });
    await settle();
    expect(heard.of("objection_detected")).toHaveLength(1);
    expect(heard.of("suggestion_ready")).toHaveLength(1);
  });

  it("is known to be a repeat after a restart, and is as quiet as it would have been (Q8)", async () => {
    const bench = new CallBench({ playbooks: playbooksWith({}) });
    const { callId, seat, heard } = await bench.live();
    await seat.audio(0, frame(16_000));
    bench.stream.say(1, "es caro", { id: "a", fromMs: 0, toMs: 1000 });
    await settle();
    const first = heard.of("objection_detected")[0]?.objection_id;
    bench.registry = bench.newRegistry({ playbooks: playbooksWith({}) });
    await bench.registry.recover();
    const back = await bench.join(callId);
    await back.seat.start(undefined);
    bench.stream.say(1, "es caro", { id: "b", fromMs: 30_000, toMs: 31_000 });
    bench.stream.say(1, "es caro", { id: "c", fromMs: 60_000, toMs: 61_000 });
    await settle();
    expect(back.heard.of("objection_detected").map(({ repeat_of: repeatOf }) => repeatOf)).toEqual([
      first,
      first,
    ]);
    expect(back.heard.of("suggestion_ready").map(({ text }) => text)).toEqual(["Réplica 2"]);
    const stored = await bench.repository.load(callId);
    expect(stored?.objections.map(({ repeatOf }) => repeatOf)).toEqual([null, first, first]);
  });

  it("is the first when that one was the rep's own voice, and says so (Q7)", async () => {
    const bench = new CallBench();
    const { seat, heard } = await bench.live({ audio_mode: "mono" });
    bench.stream.say(0, "sé que es caro", { id: "a", fromMs: 0, toMs: 1000, voice: 0 });
    bench.stream.say(0, "es caro", { id: "b", fromMs: 2000, toMs: 3000, voice: 1 });
    await settle();
    const [first, second] = heard.of("objection_detected");
    expect(second?.repeat_of).toBe(first?.objection_id);
    heard.messages.length = 0;
    await seat.chooseVoice(0);
    const last = heard
      .of("objection_detected")
      .findLast(({ objection_id: id }) => id === second?.objection_id);
    expect(last).toMatchObject({ status: "confirmed", speaker: 1 });
    expect(last).not.toHaveProperty("repeat_of");
  });
});

describe("a playbook that wants it quieter", () => {
  it("has nothing raised before the words are final (Q1)", async () => {
    const bench = new CallBench({ playbooks: playbooksWith({ provisional: false }) });
    const { heard } = await bench.live();
    bench.stream.say(1, "es caro", { final: false });
    await settle();
    expect(heard.of("objection_detected")).toEqual([]);
    bench.stream.say(1, "es caro ya");
    await settle();
    expect(heard.of("objection_detected").map(({ status }) => status)).toEqual(["confirmed"]);
  });

  it("shows no more cards a minute than it names; what is said is told all the same (Q5)", async () => {
    const bench = new CallBench({ playbooks: playbooksWith({ maxCardsPerMinute: 1 }) });
    const { heard } = await bench.live();
    bench.stream.say(1, "es caro", { id: "a", fromMs: 0, toMs: 1000 });
    bench.stream.say(1, "decide mi jefe", { id: "b", fromMs: 10_000, toMs: 11_000 });
    await settle();
    expect(heard.of("objection_detected").map(({ type }) => type)).toEqual(["price", "authority"]);
    expect(heard.of("suggestion_ready").map(({ type }) => type)).toEqual(["price"]);
  });
});
