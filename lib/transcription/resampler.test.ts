import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Resampler, channelsOf, modelRateHz } from "./resampler.ts";

function tone(rateHz: number, hz: number, seconds: number): Float32Array {
  return Float32Array.from({ length: Math.round(rateHz * seconds) }, (_, i) =>
    Math.sin((2 * Math.PI * hz * i) / rateHz),
  );
}

function inPieces(rateHz: number, samples: Float32Array, pieces: readonly number[]): Float32Array {
  const resampler = new Resampler(rateHz);
  const output: number[] = [];
  let from = 0;
  for (let i = 0; from < samples.length; i++) {
    const until = Math.min(samples.length, from + (pieces[i % pieces.length] ?? 1));
    output.push(...resampler.push(samples.subarray(from, until)));
    from = until;
  }
  output.push(...resampler.flush());
  return Float32Array.from(output);
}

function largestDifference(a: Float32Array, b: Float32Array, from = 0, until = a.length): number {
  let largest = 0;
  for (let i = from; i < until; i++) largest = Math.max(largest, Math.abs((a[i] ?? 0) - (b[i] ?? 0)));
  return largest;
}

describe("the resampler", () => {
  it.each([8000, 11025, 16000, 22050, 32000, 44100, 47999, 48000])(
    "gives a tone at %i Hz as the same tone at 16 kHz, not delayed and not weakened",
    (rateHz) => {
      const output = inPieces(rateHz, tone(rateHz, 1000, 0.5), [rateHz / 10]);
      const edge = 200;
      expect(
        largestDifference(output, tone(modelRateHz, 1000, 0.5), edge, output.length - edge),
      ).toBeLessThan(0.002);
    },
  );

  it.each([8000, 44100, 48000])("gives at %i Hz one output for every 1/16000 s of input", (rateHz) => {
    for (const samples of [1, 7, 441, 10_001]) {
      const output = inPieces(rateHz, new Float32Array(samples), [160]);
      expect(output.length).toBe(Math.ceil((samples * modelRateHz) / rateHz));
    }
  });

  it.each([44100, 48000])("keeps what lies above 8 kHz out of the model's band at %i Hz", (rateHz) => {
    const output = inPieces(rateHz, tone(rateHz, 9500, 0.3), [4800]);
    expect(largestDifference(output, new Float32Array(output.length), 200, output.length - 200)).toBeLessThan(
      0.01,
    );
  });

  it("gives the same samples however the input is cut into frames", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(8000, 11025, 44100, 48000),
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 6 }),
        (rateHz, pieces) => {
          const speech = tone(rateHz, 440, 0.2).map((value, i) => value * Math.sin(i / 700));
          const whole = inPieces(rateHz, speech, [speech.length]);
          const cut = inPieces(rateHz, speech, pieces);
          expect(cut.length).toBe(whole.length);
          expect(largestDifference(cut, whole)).toBe(0);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("hands 16 kHz on untouched", () => {
    const samples = tone(16000, 300, 0.1);
    expect(inPieces(16000, samples, [333])).toEqual(samples);
  });

  it("takes interleaved PCM16 apart, also where the bytes begin at an odd address", () => {
    const bytes = new Uint8Array(9);
    const pcm = bytes.subarray(1);
    new DataView(pcm.buffer, 1).setInt16(0, -32768, true);
    new DataView(pcm.buffer, 1).setInt16(2, 16384, true);
    new DataView(pcm.buffer, 1).setInt16(6, 8192, true);
    expect(channelsOf(pcm, 2)).toEqual([Float32Array.of(-1, 0), Float32Array.of(0.5, 0.25)]);
  });
});
