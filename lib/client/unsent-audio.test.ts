import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { numbered } from "./testing/numbered-audio.ts";
import { UnsentAudio } from "./unsent-audio.ts";

function buffer(maxSamples = 1000): UnsentAudio {
  return new UnsentAudio({ bytesPerSample: 2, maxSamples });
}

describe("unsent audio", () => {
  it("gives back what was put in, from any sample and across frames", () => {
    const unsent = buffer();
    unsent.append(numbered(0, 10));
    unsent.append(numbered(10, 10));
    expect([...unsent.read(7, 6)]).toEqual([...numbered(7, 6)]);
  });

  it("keeps only what is not durable", () => {
    const unsent = buffer();
    unsent.append(numbered(0, 20));
    unsent.dropBefore(15);
    expect([unsent.firstSample, unsent.endSample, unsent.heldSamples]).toEqual([15, 20, 5]);
    expect(unsent.read(14, 2)).toHaveLength(0);
    expect([...unsent.read(15, 99)]).toEqual([...numbered(15, 5)]);
  });

  it("gives up the oldest audio when it is full and counts it", () => {
    const unsent = buffer(12);
    unsent.append(numbered(0, 10));
    unsent.append(numbered(10, 10));
    expect([unsent.firstSample, unsent.endSample, unsent.givenUpSamples]).toEqual([8, 20, 8]);
    expect([...unsent.read(8, 12)]).toEqual([...numbered(8, 12)]);
  });

  it("does not go back for an older acknowledgement", () => {
    const unsent = buffer();
    unsent.append(numbered(0, 20));
    unsent.dropBefore(15);
    unsent.dropBefore(3);
    expect(unsent.firstSample).toBe(15);
  });

  it("moves on when the server is further than it ever heard of", () => {
    const unsent = buffer();
    unsent.append(numbered(0, 5));
    unsent.dropBefore(50);
    expect([unsent.firstSample, unsent.endSample]).toEqual([50, 50]);
  });

  it("moves what was captured before the call's place was known, and lets go of what the server has", () => {
    const unsent = buffer();
    unsent.restore(100, [numbered(100, 4), numbered(104, 6)]);
    unsent.append(numbered(0, 4));
    unsent.moveTail(110, 890);
    unsent.append(numbered(4, 4));
    expect([unsent.firstSample, unsent.endSample]).toEqual([1000, 1008]);
    expect([...unsent.read(1002, 4)]).toEqual([...numbered(2, 4)]);
  });

  it("takes up what was left behind, at its place", () => {
    const unsent = buffer();
    unsent.restore(100, [numbered(100, 4), numbered(104, 6)]);
    unsent.append(numbered(110, 2));
    expect([unsent.firstSample, unsent.endSample]).toEqual([100, 112]);
    expect([...unsent.read(102, 10)]).toEqual([...numbered(102, 10)]);
  });

  it("refuses half a sample", () => {
    expect(() => {
      buffer().append(new Uint8Array(3));
    }).toThrow(RangeError);
  });

  it("agrees with a plain array whatever comes", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("append" as const), samples: fc.integer({ min: 0, max: 40 }) }),
      fc.record({ kind: fc.constant("drop" as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({
        kind: fc.constant("read" as const),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
        samples: fc.integer({ min: 1, max: 60 }),
      }),
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 400 }),
        fc.integer({ min: 1, max: 200 }),
        (steps, maxSamples) => {
          const unsent = buffer(maxSamples);
          let first = 0;
          let end = 0;
          for (const one of steps) {
            if (one.kind === "append") {
              unsent.append(numbered(end, one.samples));
              end += one.samples;
              first = Math.max(first, end - maxSamples);
            } else if (one.kind === "drop") {
              const to = first + Math.floor((end - first) * one.share);
              unsent.dropBefore(to);
              first = Math.max(first, to);
            } else {
              const from = first + Math.floor((end - first) * one.share);
              const expected = numbered(from, Math.max(0, Math.min(end, from + one.samples) - from));
              expect([...unsent.read(from, one.samples)]).toEqual([...expected]);
            }
            expect([unsent.firstSample, unsent.endSample]).toEqual([first, end]);
            expect(unsent.heldSamples).toBeLessThanOrEqual(maxSamples);
          }
        },
      ),
    );
  });
});
