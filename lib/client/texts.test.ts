import { describe, expect, it } from "vitest";
import type { Word } from "../contract/events.ts";
import { litParts } from "./lit-text.ts";
import { lastStarted, wordRuns } from "./word-parts.ts";

function words(...texts: readonly string[]): readonly Word[] {
  return texts.map((text, index) => ({
    text,
    ts_ms: index * 100,
    end_ms: index * 100 + 100,
    confidence: null,
  }));
}

describe("lit parts of a text", () => {
  it("lights the deciding words and keeps every letter", () => {
    const parts = litParts("me parece caro, la verdad", [{ start: 10, end: 14 }], "caro");
    expect(parts).toEqual([
      { text: "me parece ", isLit: false },
      { text: "caro", isLit: true },
      { text: ", la verdad", isLit: false },
    ]);
  });

  it("finds the words again when the interim has moved on", () => {
    const parts = litParts("pues me parece caro", [{ start: 10, end: 14 }], "caro");
    expect(parts.filter(({ isLit }) => isLit).map(({ text }) => text)).toEqual(["caro"]);
  });

  it("lights nothing when the words are gone", () => {
    expect(litParts("otra cosa", [{ start: 10, end: 14 }], "caro")).toEqual([
      { text: "otra cosa", isLit: false },
    ]);
  });

  it("stands spans that overlap", () => {
    const parts = litParts(
      "abcdef",
      [
        { start: 1, end: 4 },
        { start: 3, end: 5 },
      ],
      "",
    );
    expect(parts.map(({ text }) => text).join("")).toBe("abcdef");
  });
});

describe("words of a text", () => {
  it("cuts a text into its words and what stands between them", () => {
    const runs = wordRuns("Hola, ¿qué tal?", words("hola", "qué", "tal"), []);
    expect(runs.map(({ text, wordIndex }) => [text, wordIndex])).toEqual([
      ["Hola", 0],
      [", ¿", null],
      ["qué", 1],
      [" ", null],
      ["tal", 2],
      ["?", null],
    ]);
  });

  it("passes over a word that the text does not have", () => {
    const runs = wordRuns("son 25 euros", words("son", "veinticinco", "euros"), []);
    expect(runs.filter(({ wordIndex }) => wordIndex !== null).map(({ text }) => text)).toEqual([
      "son",
      "euros",
    ]);
    expect(runs.map(({ text }) => text).join("")).toBe("son 25 euros");
  });

  it("lights words and the gaps between lit words only", () => {
    const runs = wordRuns("es muy caro ya", words("es", "muy", "caro", "ya"), [{ start: 3, end: 11 }]);
    const lit = runs.filter(({ isLit }) => isLit).map(({ text }) => text);
    expect(lit.join("")).toBe("muy caro");
  });

  it("finds the word being said", () => {
    const said = words("a", "b", "c");
    expect([-1, 0, 99, 100, 250, 900].map((ms) => lastStarted(said, ms))).toEqual([-1, 0, 0, 1, 2, 2]);
  });
});
