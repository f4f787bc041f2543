import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { estimateWordTimes } from "./word-times.ts";

/** The voice activity model is this much late. */
const lag = 2300;

describe("estimated word times", () => {
  it("give longer words more time, from the voice's begin to its end", () => {
    const words = estimateWordTimes("sí, extraordinario", { start: 0, end: 40_000 }, [
      { start: 8000 + lag, end: 24_000 + lag },
    ]);
    expect(words.map(({ text }) => text)).toEqual(["sí,", "extraordinario"]);
    expect(words[0]?.start).toBe(8000);
    expect(words[1]?.end).toBe(24_000);
    const [short = 0, long = 0] = words.map(({ start, end }) => end - start);
    expect(long).toBeGreaterThan(3 * short);
  });

  it("leave silence within the utterance to no word", () => {
    const words = estimateWordTimes("uno dos", { start: 0, end: 40_000 }, [
      { start: 4000 + lag, end: 8000 + lag },
      { start: 30_000 + lag, end: 34_000 + lag },
    ]);
    expect(words).toEqual([
      { text: "uno", start: 4000, end: 8000 },
      { text: "dos", start: 30_000, end: 34_000 },
    ]);
  });

  it("give no words for no text", () => {
    expect(estimateWordTimes(" ", { start: 0, end: 10 }, [])).toEqual([]);
  });

  it("stay in order, in the utterance and free of overlap", () => {
    const word = fc.stringMatching(/^[a-zñ0-9,.¿?]{1,12}$/u);
    const span = fc
      .tuple(fc.nat(50_000), fc.nat(8000))
      .map(([start, length]) => ({ start, end: start + length }));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.array(span, { maxLength: 4 }), (words, spans) => {
        let free = 1000;
        const voiced = spans.map(({ start, end }) => {
          const moved = { start: free + (start % 3000), end: free + (start % 3000) + end - start };
          free = moved.end;
          return moved;
        });
        const utterance = { start: 500, end: free + 2000 };
        const timed = estimateWordTimes(words.join(" "), utterance, voiced);
        expect(timed.map(({ text }) => text)).toEqual(words);
        let until = utterance.start;
        for (const { start, end } of timed) {
          expect(start).toBeGreaterThanOrEqual(until);
          expect(end).toBeGreaterThanOrEqual(start);
          until = end;
        }
        expect(until).toBeLessThanOrEqual(utterance.end);
      }),
    );
  });
});
