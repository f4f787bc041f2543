import { describe, expect, it } from "vitest";
import type { Playbooks, SuggestionChoice } from "./ports.ts";
import { CallBench, frame } from "./testing/call-bench.ts";
import { settle } from "./testing/manual-clock.ts";
import { PuppetModel } from "./testing/puppet-model.ts";

const fromPlaybook: SuggestionChoice = {
  text: "Del libro",
  source: "playbook",
  playbookEntry: "e",
  fits: true,
};

function playbooksThat(suggest: () => SuggestionChoice | null): Playbooks {
  const coaching = { cooldownMs: 45_000, maxCardsPerMinute: 3, provisional: true, nudges: true };
  const suggester = {
    coaching,
    suggest,
    keyterms: () => [],
    watched: () => ({ competitors: [], keywords: [] }),
  };
  return { open: () => Promise.resolve({ name: "default", version: 1, suggester }) };
}

async function callWith(choice: SuggestionChoice | null, request = {}) {
  const model = new PuppetModel();
  const playbooks = playbooksThat(() => choice);
  const bench = new CallBench({ model, playbooks });
  const call = await bench.live(request);
  await call.seat.audio(0, frame(16_000));
  const cards = () =>
    call.heard
      .of("suggestion_ready")
      .map(({ suggestion_id: id, source, status, text }) => [id, source, status, text]);
  return { model, playbooks, bench, cards, ...call };
}

describe("a doubt", () => {
  it("is put to the model with the turns before it, and is an objection when that says so (L1, L2)", async () => {
    const { bench, cards, heard, model } = await callWith(fromPlaybook);
    bench.stream.say(0, "¿qué le parece?", { id: "r", fromMs: 0, toMs: 900 });
    bench.stream.say(1, "quizá más adelante lo vemos", { id: "p", fromMs: 1000, toMs: 3000 });
    await settle();
    expect(heard.of("objection_detected")).toEqual([]);
    expect(model.last.question).toEqual({
      ask: "judge",
      language: "es",
      type: "timing",
      said: "quizá más adelante lo vemos",
      context: [{ role: "rep", text: "¿qué le parece?", startMs: 0 }],
    });
    model.last.listener.verdict({ type: "timing", quote: "Más adelante" });
    model.last.listener.reply("Una réplica del modelo", true);
    model.last.end();
    await settle();
    expect(heard.of("objection_detected")).toMatchObject([
      { status: "confirmed", type: "timing", source: "llm", confidence: 0.4, text: "más adelante" },
    ]);
    expect(
      cards().map((card) => card.slice(1)),
      "the playbook has one that fits",
    ).toEqual([["playbook", "final", "Del libro"]]);
  });

  it("is none when the model says so, says nothing, or the coach was switched off meanwhile", async () => {
    const { bench, heard, model, seat } = await callWith(fromPlaybook);
    bench.stream.say(1, "quizá luego", { id: "a", fromMs: 0, toMs: 900 });
    model.last.listener.verdict({ type: null, quote: "" });
    model.last.end();
    bench.stream.say(1, "quizá otro día", { id: "b", fromMs: 20_000, toMs: 20_900 });
    model.last.end("late");
    await settle();
    bench.stream.say(1, "quizá nunca", { id: "c", fromMs: 40_000, toMs: 40_900 });
    await seat.toggleCoach(false);
    model.last.listener.verdict({ type: "timing", quote: "" });
    bench.stream.say(1, "quizá jamás", { id: "d", fromMs: 60_000, toMs: 60_900 });
    await settle();
    expect(model.asked).toHaveLength(3);
    expect(heard.of("objection_detected")).toEqual([]);
  });

  it("is not put where the answer could bring no card (Q4)", async () => {
    const { bench, model } = await callWith(fromPlaybook);
    bench.stream.say(1, "quizá luego", { id: "a", fromMs: 0, toMs: 900 });
    model.last.listener.verdict({ type: "timing", quote: "quizá luego" });
    model.last.end();
    await settle();
    bench.stream.say(1, "quizá otro día", { id: "b", fromMs: 30_000, toMs: 30_900 });
    expect(model.asked, "within the cool-down").toHaveLength(1);
    bench.stream.say(1, "quizá otro mes", { id: "c", fromMs: 50_000, toMs: 50_900 });
    expect(model.asked).toHaveLength(2);
  });

  it("is not put of an interim, of the rep, or of what was said already", async () => {
    const { bench, model } = await callWith(fromPlaybook);
    bench.stream.say(1, "quizá", { id: "a", fromMs: 0, toMs: 900, final: false });
    bench.stream.say(0, "quizá", { id: "b", fromMs: 0, toMs: 900 });
    await settle();
    expect(model.asked).toEqual([]);
    bench.stream.say(1, "quizá luego", { id: "a", fromMs: 0, toMs: 900 });
    model.last.listener.verdict({ type: "timing", quote: "quizá luego" });
    bench.stream.say(1, "quizá luego sí", { id: "c", fromMs: 1200, toMs: 1900 });
    await settle();
    expect(model.asked).toHaveLength(1);
  });
});

describe("a card", () => {
  it("is streamed where the playbook has nothing: one id from the first words to the last (L4)", async () => {
    const { bench, callId, cards, heard, model } = await callWith(null);
    bench.stream.say(1, "es caro", { final: false });
    await settle();
    expect(model.asked, "it may be taken back yet").toEqual([]);
    bench.stream.say(1, "es caro ya");
    await settle();
    expect(model.last.question).toMatchObject({ ask: "reply", type: "price", said: "es caro ya" });
    model.last.listener.reply("¿Con qué lo", false);
    model.last.listener.reply("¿Con qué lo compara?", true);
    model.last.end();
    await settle();
    const id = heard.of("suggestion_ready")[0]?.suggestion_id;
    expect(cards()).toEqual([
      [id, "llm", "partial", "¿Con qué lo"],
      [id, "llm", "final", "¿Con qué lo compara?"],
    ]);
    const stored = await bench.repository.load(callId);
    expect(stored?.suggestions).toMatchObject([{ source: "llm", status: "final", playbookEntry: null }]);
  });

  it("that stands is never blanked: a better reply takes its place whole, or not at all (L4)", async () => {
    const { bench, cards, heard, model } = await callWith({ ...fromPlaybook, fits: false });
    bench.stream.say(1, "es caro", { id: "a", fromMs: 0, toMs: 900 });
    await settle();
    const id = heard.of("suggestion_ready")[0]?.suggestion_id;
    model.last.listener.reply("¿Con qué lo", false);
    model.last.listener.reply("¿Con qué lo compara?", true);
    model.last.end();
    bench.stream.say(1, "decide mi jefe", { id: "b", fromMs: 20_000, toMs: 20_900 });
    await settle();
    model.last.listener.reply("¿Y qué dirá", false);
    model.last.end("late");
    await settle();
    const second = heard.of("suggestion_ready").at(-1)?.suggestion_id;
    expect(cards()).toEqual([
      [id, "playbook", "final", "Del libro"],
      [id, "llm", "final", "¿Con qué lo compara?"],
      [second, "playbook", "final", "Del libro"],
    ]);
  });

  it("of which only half came is withdrawn; its objection stands (L4)", async () => {
    const { bench, cards, heard, model } = await callWith(null);
    bench.stream.say(1, "es caro");
    model.last.listener.reply("¿Con qué lo", false);
    model.last.end("refused");
    await settle();
    expect(cards().map(([, , status]) => status)).toEqual(["partial", "withdrawn"]);
    expect(heard.of("objection_detected").map(({ status }) => status)).toEqual(["confirmed"]);
  });

  it("keeps its place while the model thinks, and gives it back when nothing comes (Q5)", async () => {
    const model = new PuppetModel();
    const suggester = {
      coaching: { cooldownMs: 0, maxCardsPerMinute: 1, provisional: true, nudges: true },
      suggest: () => null,
      keyterms: () => [],
      watched: () => ({ competitors: [], keywords: [] }),
    };
    const bench = new CallBench({
      model,
      playbooks: { open: () => Promise.resolve({ name: "default", version: 1, suggester }) },
    });
    await bench.live();
    bench.stream.say(1, "es caro", { id: "a", fromMs: 0, toMs: 900 });
    bench.stream.say(1, "decide mi jefe", { id: "b", fromMs: 10_000, toMs: 10_900 });
    expect(model.asked).toHaveLength(1);
    model.last.end("late");
    await settle();
    bench.stream.say(1, "decide mi jefe otra vez", { id: "c", fromMs: 60_000, toMs: 60_900 });
    expect(model.asked).toHaveLength(2);
  });

  it("is not waited for when coaching is switched off: half of it is withdrawn, its place is free (L5)", async () => {
    const { bench, cards, model, seat } = await callWith(null);
    bench.stream.say(1, "es caro", { id: "a", fromMs: 0, toMs: 900 });
    model.last.listener.reply("¿Con qué lo", false);
    bench.stream.say(1, "decide mi jefe", { id: "b", fromMs: 2000, toMs: 2900 });
    await settle();
    expect(cards().map(([, , status]) => status)).toEqual(["partial"]);
    await seat.toggleCoach(false);
    expect(model.asked.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    for (const { listener } of model.asked) listener.reply("¿Con qué lo compara?", true);
    await settle();
    expect(cards().map(([, , status]) => status)).toEqual(["partial", "withdrawn"]);
    await seat.toggleCoach(true);
    bench.stream.say(1, "pues decide mi jefe y nadie más", { id: "c", fromMs: 20_000, toMs: 20_900 });
    expect(model.asked, "nothing of this type was shown").toHaveLength(3);
  });

  it("never shown on an interim that is taken back keeps no place (Q5)", async () => {
    const model = new PuppetModel();
    const { suggester, ...playbook } = await playbooksThat(() => null).open("default", 1);
    const coaching = { ...suggester.coaching, maxCardsPerMinute: 1 };
    const open = () => Promise.resolve({ ...playbook, suggester: { ...suggester, coaching } });
    const bench = new CallBench({ model, playbooks: { open } });
    await bench.live();
    bench.stream.say(1, "es caro", { id: "a", fromMs: 0, toMs: 900, final: false });
    bench.stream.say(1, "es claro", { id: "a", fromMs: 0, toMs: 900 });
    bench.stream.say(1, "decide mi jefe", { id: "b", fromMs: 10_000, toMs: 10_900 });
    expect(model.asked.map(({ question }) => question.type)).toEqual(["authority"]);
  });

  it("is not waited for when its objection is taken back (L5)", async () => {
    const { bench, cards, heard, model, seat } = await callWith(null, { audio_mode: "mono" });
    bench.stream.say(0, "sé que es caro", { voice: 0 });
    model.last.listener.reply("¿Con qué lo", false);
    await settle();
    await seat.chooseVoice(0);
    expect(model.last.signal.aborted).toBe(true);
    model.last.listener.reply("¿Con qué lo compara?", true);
    await settle();
    expect(cards().map(([, , status]) => status)).toEqual(["partial", "withdrawn"]);
    expect(heard.of("objection_detected").at(-1)?.status).toBe("retracted");
  });
});

describe("what asking costs and what ends it", () => {
  it("is over with the call, also one that nobody joined or whose end fails", async () => {
    const model = new PuppetModel();
    const bench = new CallBench({ model });
    await bench.registry.start({});
    expect(model.watching).toBe(1);
    await bench.clock.advance(121_000);
    expect(model.watching, "never joined").toBe(0);

    const stopped = await bench.live();
    await stopped.seat.audio(0, frame(16_000));
    await stopped.seat.stop();
    expect(model.watching, "stopped").toBe(0);

    await bench.live();
    const afterwards = new PuppetModel();
    await bench.newRegistry({ model: afterwards }).recover();
    expect(afterwards.watching).toBe(1);
    bench.recorder.open = () => Promise.reject(new Error("The disk is gone."));
    await bench.clock.advance(121_000);
    expect(afterwards.watching, "its end fails").toBe(0);
  });

  it("is counted with the call; the end of the call ends every question (L5)", async () => {
    const { bench, callId, cards, heard, model, seat } = await callWith(null);
    bench.stream.say(1, "es caro", { id: "a", fromMs: 0, toMs: 900 });
    model.last.listener.reply("¿Con qué lo compara?", true);
    model.last.end();
    await settle();
    expect((await bench.registry.status(callId)).call.modelUsage).toMatchObject({ requests: 1 });
    bench.stream.say(1, "decide mi jefe", { id: "b", fromMs: 20_000, toMs: 20_900 });
    model.last.listener.reply("¿Y qué dirá", false);
    await settle();
    await seat.stop();
    expect(model.last.signal.aborted).toBe(true);
    expect(cards().map(([, , status]) => status)).toEqual(["final", "partial", "withdrawn"]);
    expect(heard.callEvents().at(-1)?.type).toBe("call_completed");
    const stored = await bench.repository.load(callId);
    expect(stored?.call.modelUsage).toMatchObject({ requests: 2, promptTokens: 200, unmetered: 1 });
  });

  it("are two questions of a call at most; who is turned away has what the playbook has", async () => {
    const { bench, heard, model } = await callWith({ ...fromPlaybook, fits: false });
    for (const [at, text] of ["es caro", "decide mi jefe", "quizá"].entries()) {
      bench.stream.say(1, text, { id: text, fromMs: at * 20_000, toMs: at * 20_000 + 900 });
    }
    await settle();
    expect(model.asked).toHaveLength(2);
    expect(heard.of("suggestion_ready")).toHaveLength(2);
  });

  it("is told when the model is away, and when it is back (L6)", async () => {
    const { heard, model } = await callWith(null);
    model.away(true);
    model.away(false);
    await settle();
    expect(heard.of("status").map(({ reason, state }) => [state, reason])).toEqual([
      ["degraded", "language_model"],
      ["live", "language_model"],
    ]);
  });

  it("leaves no half reply on the screen over a restart (S9)", async () => {
    const { bench, callId, model, playbooks } = await callWith(null);
    bench.stream.say(1, "es caro");
    model.last.listener.reply("¿Con qué lo", false);
    await settle();
    bench.registry = bench.newRegistry({ model, playbooks });
    await bench.registry.recover();
    const back = await bench.join(callId);
    await back.seat.start(0);
    expect(back.heard.of("suggestion_ready").map(({ status }) => status)).toEqual(["partial", "withdrawn"]);
    expect(back.heard.of("objection_detected").map(({ status }) => status)).toEqual(["confirmed"]);
  });
});
