import { describe, expect, it } from "vitest";
import { markedSpans } from "./audible-audio.ts";
import type { StoredSegment } from "./stored-call.ts";

const call = { audioMode: "stereo", stereoLayout: "LR", sampleRateHz: 1000 } as const;

function segment(text: string, words: readonly (readonly [string, number, number])[]): StoredSegment {
  return {
    segmentId: "seg_00000001",
    revision: 1,
    speaker: 1,
    voice: null,
    tsMs: 1000,
    endMs: 5000,
    text,
    confidence: null,
    words: words.map(([word, tsMs, endMs]) => ({
      text: word,
      tsMs,
      endMs,
      confidence: null,
      estimated: false,
    })),
  };
}

describe("what is silenced anew after a restart", () => {
  it("is the marked words with 300 ms on each side", () => {
    const said = segment("es [card], gracias", [
      ["es", 1000, 1200],
      ["[card]", 1500, 4000],
      ["gracias", 4500, 5000],
    ]);
    expect(markedSpans(call, [said])).toEqual([{ channel: 1, firstSample: 1200, samples: 3100 }]);
  });

  it.each([
    ["a mark in the middle has no word of its own", "es [card], gracias", [["es", 1000, 1200]]],
    [
      "one of two marks has none",
      "[card] y [phone]",
      [
        ["[card]", 1000, 2000],
        ["y", 2000, 2100],
      ],
    ],
    ["there are no words at all", "es [card], gracias", []],
  ] as const)("is the whole segment where %s", (_why, text, words) => {
    expect(markedSpans(call, [segment(text, words)])).toEqual([
      { channel: 1, firstSample: 700, samples: 4600 },
    ]);
  });

  it("is nothing where nothing was taken out", () => {
    expect(markedSpans(call, [segment("es caro", [["es", 1000, 1200]])])).toEqual([]);
  });
});
