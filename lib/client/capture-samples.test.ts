import { describe, expect, it } from "vitest";
import { FramePacker } from "./frame-packer.ts";
import { percentile } from "./latency-stats.ts";
import { RationalResampler } from "./rational-resampler.ts";
import { meterFraction, rmsDbfs, SoundLevels } from "./sound-level.ts";
import { channelsAreAlike, isHeard } from "./sound-file.ts";

function tone(hz: number, rateHz: number, samples: number, amplitude = 0.5): Float32Array {
  return Float32Array.from(
    { length: samples },
    (_, n) => amplitude * Math.sin((2 * Math.PI * hz * n) / rateHz),
  );
}

function resampled(input: Float32Array, fromHz: number, toHz: number, portion: number): number[] {
  const resampler = new RationalResampler(fromHz, toHz);
  const out: number[] = [];
  for (let start = 0; start < input.length; start += portion) {
    out.push(...resampler.process(input.subarray(start, start + portion)));
  }
  return out;
}

describe("the resampler", () => {
  it.each([44_100, 48_000, 32_000, 22_050])(
    "carries a tone from %d Hz to 16 kHz in time and level",
    (fromHz) => {
      const out = resampled(tone(1000, fromHz, fromHz), fromHz, 16_000, 128);
      const wanted = tone(1000, 16_000, out.length);
      let error = 0;
      let power = 0;
      for (let n = 200; n < out.length - 200; n += 1) {
        error += ((out[n] ?? 0) - (wanted[n] ?? 0)) ** 2;
        power += (wanted[n] ?? 0) ** 2;
      }
      expect(10 * Math.log10(power / error)).toBeGreaterThan(60);
    },
  );

  it("keeps out what 16 kHz cannot carry", () => {
    const out = resampled(tone(12_000, 48_000, 48_000), 48_000, 16_000, 128);
    const peak = Math.max(...out.slice(200, -200).map(Math.abs));
    expect(20 * Math.log10(peak / 0.5)).toBeLessThan(-60);
  });

  it("gives the same samples however the input is cut up", () => {
    const input = tone(440, 44_100, 4410);
    expect(resampled(input, 44_100, 16_000, 128)).toEqual(resampled(input, 44_100, 16_000, 999));
  });

  it("gives 16 000 samples for each second, less the half filter it waits for", () => {
    const out = resampled(new Float32Array(441_000), 44_100, 16_000, 128);
    expect(Math.abs(out.length - 160_000)).toBeLessThan(40);
  });
});

describe("the frame packer", () => {
  it("interleaves channels into whole frames and flushes the rest", () => {
    const frames: number[][] = [];
    const packer = new FramePacker({ channels: 2, frameSamples: 3, onFrame: (pcm) => frames.push([...pcm]) });
    packer.push([Float32Array.of(0.5, 0, 0, 1), Float32Array.of(-0.5, 0, 0, -1)], 4);
    packer.flush();
    packer.flush();
    expect(frames).toEqual([
      [16_384, -16_384, 0, 0, 0, 0],
      [32_767, -32_768],
    ]);
  });

  it("takes a missing plane for silence and clips what is too loud", () => {
    const frames: number[][] = [];
    const packer = new FramePacker({ channels: 2, frameSamples: 1, onFrame: (pcm) => frames.push([...pcm]) });
    packer.push([Float32Array.of(3)], 1);
    expect(frames).toEqual([[32_767, 0]]);
  });
});

describe("sound levels", () => {
  const loud = Int16Array.from({ length: 3200 }, (_, n) => (n % 2 === 0 ? 8000 : 0));

  it("measures each channel by itself", () => {
    expect(rmsDbfs(loud, 0, 2)).toBeCloseTo(20 * Math.log10(8000 / 32_768), 5);
    expect(rmsDbfs(loud, 1, 2)).toBe(-90);
  });

  it("has heard a side after three loud frames, and only that side", () => {
    const levels = new SoundLevels(2);
    levels.push(loud);
    levels.push(loud);
    expect(levels.levels.map((level) => level.isHeard)).toEqual([false, false]);
    levels.push(loud);
    for (let n = 0; n < 50; n += 1) levels.push(new Int16Array(3200));
    expect(levels.levels.map((level) => level.isHeard)).toEqual([true, false]);
  });

  it("shows nothing for silence and all for full scale", () => {
    expect([meterFraction(-90), meterFraction(0)]).toEqual([0, 1]);
  });

  it("tells one voice on two channels from two voices", () => {
    const a = tone(300, 16_000, 16_000);
    const b = tone(500, 16_000, 16_000);
    expect([channelsAreAlike(a, a), channelsAreAlike(a, b)]).toEqual([true, false]);
  });

  it("finds speech in a file only where there is enough of it", () => {
    const file = new Float32Array(16_000 * 3);
    expect(isHeard(file, 16_000)).toBe(false);
    file.set(tone(300, 16_000, 16_000), 16_000);
    expect(isHeard(file, 16_000)).toBe(true);
  });
});

describe("percentiles", () => {
  it("takes the nearest rank", () => {
    const values = Array.from({ length: 100 }, (_, n) => 100 - n);
    expect([percentile(values, 0.5), percentile(values, 0.95), percentile([7], 0.95)]).toEqual([50, 95, 7]);
  });
});
