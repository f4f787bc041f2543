import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AudioAxis } from "./audio-axis.ts";
import { CallError } from "./errors.ts";

const stereo = { sampleRateHz: 16_000, channels: 2 } as const;

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof CallError) return error.code;
    throw error;
  }
  return "taken";
}

describe("the audio axis", () => {
  it("takes frames one after the other and counts what is durable (A1, A2)", () => {
    const axis = new AudioAxis(stereo, 0);
    expect(axis.take(0, 6400)).toEqual({ firstSample: 0, samples: 1600, skipBytes: 0 });
    expect(axis.nextSample).toBe(0);
    axis.madeDurable(1600);
    expect(axis.nextSample).toBe(1600);
  });

  it("takes only the new part of a frame that overlaps (A3)", () => {
    const axis = new AudioAxis(stereo, 1000);
    expect(axis.take(400, 4000)).toEqual({ firstSample: 1000, samples: 400, skipBytes: 2400 });
    expect(axis.take(0, 400)).toMatchObject({ samples: 0 });
  });

  it("refuses a gap and says where audio goes on (A4)", () => {
    const axis = new AudioAxis(stereo, 1000);
    expect(() => axis.take(1001, 400)).toThrow(
      expect.objectContaining({ code: "audio_gap", nextSample: 1000 }),
    );
    expect(axis.takenSample).toBe(1000);
  });

  it.each([0, 1, 2, 3, 6, 7])("refuses a stereo frame of %i bytes whole (A5)", (bytes) => {
    expect(codeOf(() => new AudioAxis(stereo, 0).take(0, bytes))).toBe("audio_misaligned");
  });

  it("refuses what would be more than ten seconds that are not durable (A6)", () => {
    const axis = new AudioAxis(stereo, 0);
    axis.take(0, 10 * 16_000 * 4);
    expect(codeOf(() => axis.take(160_000, 4))).toBe("backpressure");
    axis.madeDurable(1);
    expect(codeOf(() => axis.take(160_000, 4))).toBe("taken");
  });

  it("never has a hole or a double, whatever is offered in whatever order (A1 to A6)", () => {
    const offers = fc.array(fc.record({ first: fc.nat(4000), bytes: fc.nat(8000), durable: fc.nat(2000) }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(offers, (list) => {
        const axis = new AudioAxis(stereo, 0);
        let end = 0;
        for (const { first, bytes, durable } of list) {
          const before = axis.takenSample;
          try {
            const taken = axis.take(first, bytes);
            expect(taken.firstSample).toBe(end);
            expect(taken.skipBytes + taken.samples * 4).toBe(bytes);
            if (taken.samples > 0) expect(first + taken.skipBytes / 4).toBe(end);
            end += taken.samples;
          } catch (error) {
            expect(error).toBeInstanceOf(CallError);
            expect(axis.takenSample).toBe(before);
          }
          axis.madeDurable(Math.min(durable, axis.takenSample - axis.nextSample));
          expect(axis.nextSample).toBeLessThanOrEqual(axis.takenSample);
          expect(axis.takenSample).toBe(end);
        }
      }),
    );
  });
});
