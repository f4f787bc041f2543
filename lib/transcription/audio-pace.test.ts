import { describe, expect, it } from "vitest";
import { AudioPace } from "./audio-pace.ts";

describe("the pace at which audio comes", () => {
  it("is no surplus when it comes as it is spoken, however long", () => {
    const pace = new AudioPace();
    for (let atMs = 0; atMs < 60_000; atMs += 100) pace.came(0.1, atMs, 0.3);
    expect(pace.surplusSeconds(60_000)).toBeLessThan(0.5);
    expect(pace.isFast(60_000)).toBe(false);
    expect(pace.isFlowing(60_000)).toBe(true);
    expect(pace.isFlowing(62_000)).toBe(false);
  });

  it("is a surplus that grows with every second too many, and shrinks with the clock", () => {
    const pace = new AudioPace();
    for (let atMs = 0; atMs < 1000; atMs += 10) pace.came(0.2, atMs, 20);
    expect(pace.surplusSeconds(1000)).toBeGreaterThan(18);
    expect(pace.isFast(1000)).toBe(true);
    expect(pace.surplusSeconds(11_000)).toBeCloseTo(pace.surplusSeconds(1000) - 10);
  });

  it("forgets a surplus that was decoded as fast as it came", () => {
    const pace = new AudioPace();
    pace.came(60, 0, 0);
    pace.came(0.1, 3000, 0);
    expect(pace.surplusSeconds(3000)).toBeLessThan(0.2);
  });

  it("lets a live call that was held up for seconds bring what is missing at once", () => {
    const pace = new AudioPace();
    pace.came(0.1, 0, 0);
    pace.came(4, 4000, 0);
    expect(pace.surplusSeconds(4000)).toBeLessThan(0.5);
    pace.came(30, 34_000, 0);
    expect(pace.surplusSeconds(34_000)).toBeGreaterThan(20);
  });
});
