import { describe, expect, it } from "vitest";
import type { SpeechReader } from "./ports.ts";
import type { StoredObjection, StoredSegment } from "./stored-call.ts";
import { summarise, summariseInTurns } from "./summary.ts";
import { emptyReading } from "./testing/empty-reading.ts";

function segment(speaker: 0 | 1 | null, text: string, tsMs = 0, endMs = 1000): StoredSegment {
  const rest = { revision: 1, voice: null, confidence: null, words: [] };
  return { segmentId: `s${String(tsMs)}`, speaker, tsMs, endMs, text, ...rest };
}

function objection(status: StoredObjection["status"], confidence: number): StoredObjection {
  return {
    objectionId: "o",
    segmentId: "s",
    speaker: 1,
    tsMs: 0,
    type: "price",
    text: "caro",
    evidence: [{ start: 0, end: 4 }],
    confidence,
    source: "rule",
    status,
    repeatOf: null,
    latencyMs: 1,
  };
}

/** "promise" with what follows is a commitment, "monday" and "friday" its days; a line with "broken" cannot be read. */
const reader: SpeechReader = {
  read(text) {
    if (text.includes("broken")) throw new Error("broken");
    const promise = /promise.*/iu.exec(text);
    const day = /monday|friday/iu.exec(text);
    const span = (match: RegExpExecArray): { start: number; end: number } => ({
      start: match.index,
      end: match.index + match[0].length,
    });
    const when = day === null ? null : span(day);
    return {
      ...emptyReading,
      signals: promise === null ? [] : [{ kind: "commitment", evidence: span(promise), when }],
    };
  },
};

describe("the summary of a call", () => {
  it("adds up who spoke for how long and counts confirmed objections only", () => {
    const summary = summarise(
      {
        segments: [
          segment(0, "hola", 0, 1500),
          segment(1, "qué tal", 1500, 4000),
          segment(null, "eh", 0, 10),
        ],
        objections: [objection("confirmed", 0.9), objection("confirmed", 0.6), objection("retracted", 0.1)],
      },
      "es",
      reader,
    );
    expect(summary).toMatchObject({
      total_segments: 3,
      total_objections: 2,
      objection_types: { price: 2 },
      speakers_time: { rep: 1500, prospect: 2500, unknown: 10 },
      confidence_score: 0.75,
    });
  });

  it("names what was talked about most, not the small change of the language", () => {
    const segments = [
      segment(0, "El almacén de Madrid es grande"),
      segment(1, "Nuestro almacén también, pero entonces el inventario…"),
      segment(0, "Con el inventario y el almacén vamos bien"),
    ];
    expect(summarise({ segments, objections: [] }, "es", reader).top_topics).toEqual([
      "almacén",
      "inventario",
    ]);
  });

  it("takes singular and plural, with and without accents, for one topic, named as it was said most", () => {
    const segments = [
      segment(0, "Los almacenes de la empresa y el almacén central"),
      segment(1, "El almacen central es caro"),
      segment(0, "Un almacén con tres usuarios"),
      segment(1, "Cada usuario paga"),
    ];
    expect(summarise({ segments, objections: [] }, "es", reader).top_topics).toEqual([
      "almacén",
      "central",
      "usuario",
    ]);
  });

  it("leaves out the names by which the two greet and introduce each other", () => {
    const segments = [
      segment(0, "Hola, Ramón, soy Elena. Llamo por el almacén."),
      segment(1, "Gracias, Elena. El almacén va bien."),
      segment(0, "Me alegro, Ramón."),
    ];
    expect(summarise({ segments, objections: [] }, "es", reader).top_topics).toEqual(["almacén"]);
  });

  it("of a long call is the same when other calls have their turn in between", async () => {
    const slow: SpeechReader = {
      read(text, language) {
        const untilMs = performance.now() + 1;
        while (performance.now() < untilMs) continue;
        return reader.read(text, language);
      },
    };
    const segments = Array.from({ length: 80 }, (_none, n) =>
      segment(
        n % 2 === 0 ? 0 : 1,
        n === 7 ? "I promise you the prices on monday" : "the warehouse is far away",
        n,
      ),
    );
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns += 1;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    const summary = await summariseInTurns({ segments, objections: [] }, "en", slow);
    isOver = true;
    expect(summary).toEqual(summarise({ segments, objections: [] }, "en", reader));
    expect(summary.next_steps).toHaveLength(1);
    expect(turns).toBeGreaterThan(5);
  });

  it("of a call in which nobody spoke says so in zeros", () => {
    expect(summarise({ segments: [], objections: [] }, "es", reader)).toEqual({
      total_segments: 0,
      total_objections: 0,
      objection_types: {},
      speakers_time: { rep: 0, prospect: 0, unknown: 0 },
      top_topics: [],
      next_steps: [],
      confidence_score: null,
    });
  });
});

describe("the next steps of a summary", () => {
  const stepsOf = (...lines: readonly StoredSegment[]): readonly string[] =>
    summarise({ segments: lines, objections: [] }, "en", reader).next_steps;

  it("come in the order they were said, whatever the order the finals came in (I8)", () => {
    expect(
      stepsOf(
        segment(0, "I promise the brochure today", 5000),
        segment(1, "We promise the figures on Friday", 1000),
      ),
    ).toEqual(["We promise the figures on Friday", "I promise the brochure today"]);
  });

  it("are the last five", () => {
    const lines = ["alpha", "bravo", "charlie", "delta", "echoes", "foxtrot"].map((thing, index) =>
      segment(0, `I promise ${thing} today`, index * 1000),
    );
    expect(stepsOf(...lines)).toEqual([
      "I promise bravo today",
      "I promise charlie today",
      "I promise delta today",
      "I promise echoes today",
      "I promise foxtrot today",
    ]);
  });

  it("of two on the same thing are the later one, unless it has lost its day", () => {
    expect(
      stepsOf(
        segment(0, "I promise the brochure on Monday", 0),
        segment(0, "I promise the brochure on Friday", 1000),
        segment(0, "I promise the brochure then", 2000),
      ),
    ).toEqual(["I promise the brochure on Friday"]);
  });

  it("leave out what the other side refuses at once, and what was asked and got no yes", () => {
    expect(
      stepsOf(
        segment(0, "I promise the brochure on Monday", 0),
        segment(1, "No, thank you.", 1000),
        segment(0, "Promise me the figures?", 2000),
        segment(1, "We will see.", 3000),
        segment(0, "Promise me the order on Friday?", 4000),
        segment(1, "Yes, sure.", 5000),
      ),
    ).toEqual(["Promise me the order on Friday"]);
  });

  it("take no harm from a reader that fails", () => {
    expect(
      stepsOf(segment(0, "I promise a broken thing", 0), segment(0, "I promise the brochure", 1000)),
    ).toEqual(["I promise the brochure"]);
  });
});
