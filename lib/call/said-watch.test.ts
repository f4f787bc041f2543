import { describe, expect, it } from "vitest";
import type { SuggestionUpdate } from "./coach-steps.ts";
import { SaidWatch } from "./said-watch.ts";
import { CallBench } from "./testing/call-bench.ts";
import { settle } from "./testing/manual-clock.ts";

const reply = "¿Comparado con qué parece caro? Hagamos la cuenta juntos.";

const card = (changes: Partial<SuggestionUpdate> = {}) => ({
  kind: "suggestion" as const,
  causedAtMs: null,
  update: {
    suggestion_id: "sug_1",
    objection_id: "obj_1",
    ts_ms: 10_000,
    type: "price" as const,
    text: reply,
    source: "playbook" as const,
    playbook_entry: "es-price/1",
    status: "final" as const,
    latency_ms: 0,
    ...changes,
  },
});

function hearing(watch: SaidWatch) {
  let at = 10_000;
  return (role: "rep" | "prospect" | "unknown", text: string, ts_ms = (at += 1000)) =>
    watch
      .heard({ segment_id: `s${String(ts_ms)}`, role, text, ts_ms })
      .map(({ suggestionId }) => suggestionId);
}

describe("what a rep says of what was offered (P2)", () => {
  it("is noticed in the next two turns of the rep, once, and not later", () => {
    const watch = new SaidWatch();
    const hear = hearing(watch);
    watch.follow(card());
    expect(hear("rep", "a ver")).toEqual([]);
    expect(hear("prospect", reply)).toEqual([]);
    expect(hear("rep", "y dígame, ¿comparado con qué le parece caro? hagamos la cuenta")).toEqual(["sug_1"]);
    expect(hear("rep", reply)).toEqual([]);

    watch.follow(card({ suggestion_id: "sug_2" }));
    for (const other of ["uno", "dos"]) {
      hear("prospect", "sí");
      expect(hear("rep", other)).toEqual([]);
    }
    hear("prospect", "sí");
    expect(hear("rep", reply)).toEqual([]);
  });

  it("is put together where the recogniser cuts a turn into several lines", () => {
    const watch = new SaidWatch();
    const hear = hearing(watch);
    watch.follow(card());
    expect(hear("rep", "bueno")).toEqual([]);
    expect(hear("rep", "comparado con qué")).toEqual([]);
    expect(hear("rep", "parece caro hagamos la cuenta")).toEqual(["sug_1"]);
  });

  it("is no answer when it was said before the objection, or when the card was withdrawn", () => {
    const watch = new SaidWatch();
    const hear = hearing(watch);
    watch.follow(card());
    expect(hear("rep", reply, 9_000)).toEqual([]);
    watch.follow(card({ status: "withdrawn" }));
    expect(hear("rep", reply)).toEqual([]);
  });

  it("is judged by the words that stand on the card now, within the turns that are left", () => {
    const watch = new SaidWatch();
    const hear = hearing(watch);
    const other = "¿Qué presupuesto tenían previsto para este trimestre?";
    watch.follow(card());
    expect(hear("rep", "a ver")).toEqual([]);
    watch.follow(card({ text: other, source: "llm" }));
    expect(hear("rep", reply)).toEqual([]);
    hear("prospect", "sí");
    expect(hear("rep", other)).toEqual(["sug_1"]);

    watch.follow(card({ suggestion_id: "sug_2" }));
    for (const line of ["uno", "dos"]) {
      hear("prospect", "sí");
      hear("rep", line);
    }
    watch.follow(card({ suggestion_id: "sug_2", text: other, source: "llm" }));
    hear("prospect", "sí");
    expect(hear("rep", other)).toEqual([]);
  });

  it("is noticed across the lines of a turn that goes on for long", () => {
    const watch = new SaidWatch();
    const hear = hearing(watch);
    watch.follow(card());
    for (let line = 0; line < 40; line += 1) {
      expect(hear("rep", "verá usted, la instalación del equipo la hacemos nosotros")).toEqual([]);
    }
    const lines = ["y ¿comparado con qué", "le parece caro?", "hagamos la cuenta juntos"];
    expect(lines.flatMap((line) => hear("rep", line))).toEqual(["sug_1"]);
  });

  it("is noticed where nobody knows whose voice it is, in the next four lines", () => {
    const watch = new SaidWatch();
    const hear = hearing(watch);
    watch.follow(card());
    for (const other of ["uno", "dos", "tres"]) expect(hear("unknown", other)).toEqual([]);
    expect(hear("unknown", reply)).toEqual(["sug_1"]);
  });
});

describe("a call in which the rep says what was offered (P2)", () => {
  it("keeps it with the suggestion, apart from the rep's own verdict, also over a restart", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    bench.stream.say(1, "es caro", { fromMs: 1000, toMs: 2000 });
    bench.stream.say(1, "y decide mi jefe", { fromMs: 2000, toMs: 3000 });
    await settle();
    bench.stream.say(0, "entonces réplica price", { fromMs: 4000, toMs: 5000 });
    await settle();
    const suggestions = async () => (await bench.repository.load(callId))?.suggestions ?? [];
    const [price, authority] = await suggestions();
    expect(price).toMatchObject({ feedback: null, said: { similarity: 1 } });
    expect(authority).toMatchObject({ said: null });
    await seat.feedback(price?.suggestionId ?? "", "dismissed");

    bench.registry = bench.newRegistry();
    await bench.registry.recover();
    const back = await bench.join(callId);
    await back.seat.start(undefined);
    await settle();
    bench.stream.say(1, "ya", { fromMs: 5000, toMs: 5500 });
    bench.stream.say(0, "réplica authority", { fromMs: 6000, toMs: 7000 });
    await settle();
    expect(await suggestions()).toMatchObject([
      { feedback: "dismissed", said: { similarity: 1 } },
      { feedback: null, said: { similarity: 1 } },
    ]);
  });
});
