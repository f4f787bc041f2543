import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CardPolicy, type Claim } from "./card-policy.ts";
import type { CoachingSettings } from "./ports.ts";

const settings: CoachingSettings = {
  cooldownMs: 45_000,
  maxCardsPerMinute: 3,
  provisional: true,
  nudges: true,
};

function claim(changes: Partial<Claim> = {}): Claim {
  const startMs = changes.startMs ?? 0;
  return {
    segmentId: `s${String(startMs)}`,
    speaker: 1,
    voice: undefined,
    type: "price",
    tsMs: startMs,
    startMs,
    endMs: startMs + 1000,
    text: "muy caro",
    ...changes,
  };
}

type Heard = Parameters<CardPolicy["hear"]>[0];

interface Told {
  readonly id: string;
  readonly claim: Claim;
  readonly repeatOf: string | null;
}

/** What a call does with each verdict. */
class Call {
  readonly policy: CardPolicy;
  readonly heard: Heard[] = [];
  readonly told: Told[] = [];
  readonly cards: { readonly id: string; readonly claim: Claim; withdrawn: boolean }[] = [];
  #ids = 0;

  constructor(changes: Partial<CoachingSettings> = {}) {
    this.policy = new CardPolicy({ ...settings, ...changes });
  }

  say(changes: Partial<Claim> = {}): "same" | "told" | "card" {
    const said = claim(changes);
    const { segmentId, startMs, endMs, text } = said;
    this.#hear({ segment_id: segmentId, role: "prospect", ts_ms: startMs, end_ms: endMs, text, words: [] });
    const verdict = this.policy.judge(said);
    if (verdict.kind === "same") return "same";
    const id = `o${String((this.#ids += 1))}`;
    this.policy.raise(id, said, verdict.repeatOf);
    this.told.push({ id, claim: said, repeatOf: verdict.repeatOf });
    if (!verdict.card) return "told";
    this.policy.showCard(id, said);
    this.cards.push({ id, claim: said, withdrawn: false });
    return "card";
  }

  rep(startMs: number, text: string): void {
    const words = text.split(" ").map((word, at) => {
      const tsMs = startMs + at * 200;
      return { text: word, ts_ms: tsMs, end_ms: tsMs + 200, confidence: null };
    });
    const end_ms = startMs + words.length * 200;
    this.#hear({ segment_id: `r${String(startMs)}`, role: "rep", ts_ms: startMs, end_ms, text, words });
  }

  retractLast(): void {
    const last = this.told.pop();
    if (last === undefined) return;
    this.policy.retract(last.id);
    for (const card of this.cards) if (card.id === last.id) card.withdrawn = true;
  }

  /** What a new process makes of what is stored. */
  restarted(changes: Partial<CoachingSettings>): Call {
    const next = new Call(changes);
    next.#ids = this.#ids;
    for (const heard of this.heard) next.#hear(heard);
    for (const told of this.told) {
      next.policy.raise(told.id, told.claim, told.repeatOf);
      next.told.push(told);
    }
    for (const card of this.cards) {
      const { segmentId, type, tsMs } = card.claim;
      next.policy.recallCard({ objectionId: card.id, segmentId, type, tsMs, withdrawn: card.withdrawn });
      next.cards.push({ ...card });
    }
    return next;
  }

  #hear(heard: Heard): void {
    this.heard.push(heard);
    this.policy.hear(heard);
  }
}

describe("one thing said", () => {
  it("is told once when the recogniser cuts it into several segments (Q2)", () => {
    const call = new Call();
    expect(call.say({ startMs: 0, text: "es que es muy caro" })).toBe("card");
    expect(call.say({ startMs: 1800, text: "muy caro la verdad" })).toBe("same");
    expect(call.say({ startMs: 7000, text: "no tenemos presupuesto" })).toBe("told");
  });

  it("goes on while the rep only says yes, and is over when they have answered (Q2, Q3)", () => {
    const call = new Call();
    call.say({ startMs: 0 });
    call.rep(1100, "ya");
    expect(call.say({ startMs: 2000, text: "no llegamos" })).toBe("same");
    const answered = new Call();
    answered.say({ startMs: 0 });
    answered.rep(1100, "entiendo su preocupación con el presupuesto");
    expect(answered.say({ startMs: 4000, text: "no llegamos" })).toBe("told");
    expect(answered.told[1]?.repeatOf).toBe("o1");
  });

  it("is told once when the rep asks back and the same words come again (Q2)", () => {
    const call = new Call();
    call.say({ startMs: 0, text: "se nos va de precio" });
    call.rep(2000, "perdón cómo dice");
    expect(call.say({ startMs: 8000, text: "que se nos va de precio" })).toBe("same");
    expect(call.say({ startMs: 30_000, text: "que se nos va de precio" })).toBe("told");
  });

  it("is told once when the same audio is heard twice (Q2)", () => {
    const call = new Call();
    call.say({ startMs: 0, endMs: 4000 });
    expect(call.say({ segmentId: "again", startMs: 500, endMs: 3500, text: "carísimo" })).toBe("same");
  });

  it("is another thing from another mouth or for another reason (Q2)", () => {
    const call = new Call();
    call.say({ startMs: 0, speaker: null, voice: 1 });
    expect(call.say({ startMs: 1200, speaker: null, voice: 2 })).toBe("told");
    expect(call.say({ startMs: 2400, type: "need" })).toBe("card");
  });
});

describe("the same objection again", () => {
  it("names the first, and brings a card again once the type has cooled down (Q3, Q4)", () => {
    const call = new Call();
    expect(call.say({ startMs: 0 })).toBe("card");
    expect(call.say({ startMs: 30_000 })).toBe("told");
    expect(call.say({ startMs: 60_000 })).toBe("card");
    expect(call.say({ startMs: 90_000 })).toBe("told");
    expect(call.told.map(({ repeatOf }) => repeatOf)).toEqual([null, "o1", "o1", "o1"]);
  });

  it("has another first when that is retracted (Q7)", () => {
    const call = new Call();
    for (const startMs of [0, 30_000, 60_000]) call.say({ startMs });
    expect(call.policy.retract("o1")).toEqual([
      { objectionId: "o2", repeatOf: null },
      { objectionId: "o3", repeatOf: "o2" },
    ]);
    call.say({ startMs: 90_000 });
    expect(call.told.at(-1)?.repeatOf).toBe("o2");
  });

  it("has not been said when it was retracted: the next one is the first, and gets its card (Q7)", () => {
    const call = new Call();
    call.say({ startMs: 0 });
    call.policy.retract("o1");
    expect(call.say({ startMs: 2000 })).toBe("card");
    expect(call.told.at(-1)?.repeatOf).toBeNull();
  });
});

describe("cards", () => {
  it("are no more than so many a minute, those that were withdrawn among them (Q5)", () => {
    const call = new Call({ maxCardsPerMinute: 2 });
    expect(call.say({ startMs: 0 })).toBe("card");
    call.policy.retract("o1");
    expect(call.say({ startMs: 10_000, type: "need" })).toBe("card");
    expect(call.say({ startMs: 20_000, type: "trust" })).toBe("told");
    expect(call.say({ startMs: 59_999, type: "timing" })).toBe("told");
    expect(call.say({ startMs: 60_000, type: "other" })).toBe("card");
  });

  it("are not counted twice when one takes the place of another on the same words (Q5)", () => {
    const call = new Call({ maxCardsPerMinute: 1 });
    call.say({ segmentId: "s", startMs: 0 });
    call.policy.retract("o1");
    expect(call.say({ segmentId: "s", startMs: 0, type: "need" })).toBe("card");
  });

  it("do not come for what was said long before (Q6)", () => {
    const call = new Call();
    call.rep(100_000, "pues como le decía");
    expect(call.say({ startMs: 60_000 })).toBe("told");
    expect(call.say({ startMs: 90_000, type: "need" })).toBe("card");
  });
});

it("however people talk, cards keep their distance, repeats name a first, and a restart changes nothing (Q1 to Q8)", () => {
  const said = fc.record({
    afterMs: fc.integer({ min: -8000, max: 40_000 }),
    lengthMs: fc.integer({ min: 100, max: 8000 }),
    type: fc.constantFrom("price", "need", "trust", "timing", "other"),
    speaker: fc.constantFrom(1, 1, 1, null),
    rep: fc.integer({ min: 0, max: 12 }),
    text: fc.constantFrom("muy caro", "carísimo", "no nos hace falta", "ahora no"),
    retracts: fc.integer({ min: 0, max: 9 }),
  } as const);
  const limits = fc.record({
    cooldownMs: fc.integer({ min: 0, max: 120_000 }),
    maxCardsPerMinute: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(
    fc.property(fc.array(said, { maxLength: 60 }), limits, fc.nat(60), (lines, limit, restartAt) => {
      const call = new Call(limit);
      const calls = [call];
      let atMs = 10_000;
      for (const [index, line] of lines.entries()) {
        if (index === restartAt) calls.push(call.restarted(limit));
        atMs = Math.max(0, atMs + line.afterMs);
        const { type, speaker, text } = line;
        const place = { segmentId: `s${String(index)}`, startMs: atMs, endMs: atMs + line.lengthMs };
        const outcomes = calls.map((one) => {
          if (line.rep > 0) one.rep(Math.max(0, atMs - line.rep * 200), Array(line.rep).fill("sí").join(" "));
          const outcome = one.say({ ...place, type, speaker, text });
          if (outcome !== "same" && line.retracts === 0) one.retractLast();
          return outcome;
        });
        expect(new Set(outcomes).size, "a restart changes nothing").toBe(1);
      }
      const shown = call.cards.map((card) => card.claim);
      for (const card of shown) {
        const minute = shown.filter(({ tsMs }) => tsMs >= card.tsMs && tsMs < card.tsMs + 60_000);
        expect(minute.length).toBeLessThanOrEqual(limit.maxCardsPerMinute);
      }
      const standing = call.cards.flatMap((card) => (card.withdrawn ? [] : [card.claim]));
      for (const card of standing) {
        const near = standing.filter(
          ({ type, tsMs }) => type === card.type && Math.abs(tsMs - card.tsMs) < limit.cooldownMs,
        );
        expect(near).toEqual(limit.cooldownMs === 0 ? [] : [card]);
      }
      for (const { claim: raised, id, repeatOf } of call.told) {
        const first = call.told.find(({ claim: one }) => one.type === raised.type);
        expect(repeatOf).toBe(first?.id === id ? null : first?.id);
      }
    }),
  );
});
