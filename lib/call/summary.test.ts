import { describe, expect, it } from "vitest";
import type { StoredObjection, StoredSegment } from "./stored-call.ts";
import { summarise } from "./summary.ts";

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
    expect(summarise({ segments, objections: [] }, "es").top_topics).toEqual(["almacén", "inventario"]);
  });

  it("takes singular and plural, with and without accents, for one topic, named as it was said most", () => {
    const segments = [
      segment(0, "Los almacenes de la empresa y el almacén central"),
      segment(1, "El almacen central es caro"),
      segment(0, "Un almacén con tres usuarios"),
      segment(1, "Cada usuario paga"),
    ];
    expect(summarise({ segments, objections: [] }, "es").top_topics).toEqual([
      "almacén",
      "central",
      "usuario",
    ]);
  });

  it.each([
    ["es", "Vale. Le mando el contrato el lunes. ¿Le parece?", ["Le mando el contrato el lunes."]],
    ["es", "Le llamo por el programa de facturas.", []],
    ["es", "Le llamo el jueves a las diez.", ["Le llamo el jueves a las diez."]],
    ["en", "Great. I'll send you the proposal tomorrow.", ["I'll send you the proposal tomorrow."]],
    ["en", "Will you send it?", []],
  ] as const)("finds next steps in %s: %s", (language, text, steps) => {
    expect(summarise({ segments: [segment(0, text)], objections: [] }, language).next_steps).toEqual(steps);
  });

  it("of a call in which nobody spoke says so in zeros", () => {
    expect(summarise({ segments: [], objections: [] }, "es")).toEqual({
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
