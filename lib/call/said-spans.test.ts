import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SaidSpans } from "./said-spans.ts";

const places = 60;
const spans = fc.array(
  fc.record({
    channel: fc.nat({ max: 1 }),
    start: fc.nat({ max: places }),
    samples: fc.nat({ max: 15 }),
  }),
  { maxLength: 12 },
);

function said(added: readonly { channel: number; start: number; samples: number }[]): SaidSpans {
  const spans = new SaidSpans();
  for (const { channel, start, samples } of added) spans.add(channel, start, start + samples);
  return spans;
}

describe("where finals were said", () => {
  it("is silent on its own channel and nowhere else, in whatever order finals came", () => {
    fc.assert(
      fc.property(spans, fc.nat({ max: places }), (added, firstSample) => {
        const pcm = new Uint8Array(40 * 4).fill(7);
        const silenced = said(added).silenced(pcm, firstSample, 2);
        for (let sample = 0; sample < 40; sample += 1) {
          for (const channel of [0, 1]) {
            const at = firstSample + sample;
            const isSaid = added.some(
              (one) => one.channel === channel && one.start <= at && at < one.start + one.samples,
            );
            const bytes = [...silenced.subarray(sample * 4 + channel * 2, sample * 4 + channel * 2 + 2)];
            expect(bytes).toEqual(isSaid ? [0, 0] : [7, 7]);
          }
        }
        expect([...pcm].every((byte) => byte === 7)).toBe(true);
      }),
    );
  });

  it("counts what is said of a stretch once, also where finals overlap", () => {
    fc.assert(
      fc.property(
        spans,
        fc.nat({ max: places }),
        fc.integer({ min: 1, max: 20 }),
        (added, start, samples) => {
          const places = Array.from({ length: samples }, (_, i) => start + i);
          const covered = places.filter((at) =>
            added.some((one) => one.channel === 0 && one.start <= at && at < one.start + one.samples),
          );
          const share = said(added).share(0, start, start + samples);
          expect(share).toBeCloseTo(covered.length / samples, 10);
        },
      ),
    );
  });

  it("forgets what lies before a position, and a copy keeps it", () => {
    const spans = said([
      { channel: 0, start: 0, samples: 10 },
      { channel: 0, start: 20, samples: 10 },
    ]);
    const copy = spans.copy();
    spans.forgetBefore(15);
    expect([spans.share(0, 0, 10), spans.share(0, 20, 30)]).toEqual([0, 1]);
    expect(copy.share(0, 0, 10)).toBe(1);
  });
});
