import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SentAxis } from "./sent-axis.ts";

const rate = 16_000;

describe("the axis of a connection", () => {
  it("begins where its first audio lies in the call", () => {
    const axis = new SentAxis(rate);
    axis.sent(48_000, 32_000);
    expect(axis.startAt(0)).toBe(48_000);
    expect(axis.startAt(1.5)).toBe(48_000 + 24_000);
    expect(axis.endAt(2)).toBe(80_000);
    expect(axis.callEnd).toBe(80_000);
  });

  it("leaps over silence that was not sent: what begins there begins behind it, what ends there ends before", () => {
    const axis = new SentAxis(rate);
    axis.sent(0, 16_000);
    axis.sent(160_000, 16_000);
    expect(axis.startAt(1)).toBe(160_000);
    expect(axis.endAt(1)).toBe(16_000);
    expect(axis.startAt(1.25)).toBe(164_000);
  });

  it("takes times of 32 bits back to the very sample for minutes, and never past what was sent", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3600 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 1, max: 200_000 })), {
          minLength: 1,
          maxLength: 20,
        }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (startSeconds, spans, share) => {
          const axis = new SentAxis(rate);
          let position = startSeconds * rate;
          const sent: { call: number; from: number; samples: number }[] = [];
          for (const [silence, samples] of spans) {
            position += silence;
            sent.push({ call: position, from: axis.sentSamples, samples });
            axis.sent(position, samples);
            position += samples;
          }
          const sample = Math.floor(share * (axis.sentSamples - 1));
          const span = sent.findLast(({ from }) => from <= sample);
          if (span === undefined) throw new Error("nothing was sent");
          expect(axis.startAt(Math.fround(sample / rate))).toBe(span.call + sample - span.from);
          expect(axis.endAt(1e6)).toBe(axis.callEnd);
        },
      ),
    );
  });
});
