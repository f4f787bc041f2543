import { describe, expect, it } from "vitest";
import { SettledAudio } from "./settled-audio.ts";
import { ManualClock } from "./testing/manual-clock.ts";

describe("how far a call is settled", () => {
  function settling(): { clock: ManualClock; settled: SettledAudio; saved: number[] } {
    const clock = new ManualClock();
    const saved: number[] = [];
    const speech = { undecidedSample: null };
    const settled = new SettledAudio(speech, { settledSample: 0 }, clock, (sample) => saved.push(sample));
    return { clock, settled, saved };
  }

  it("is known at once and written every ten seconds", async () => {
    const { clock, settled, saved } = settling();
    for (let second = 0; second <= 20; second += 1) {
      settled.reach(16_000 * (second + 1));
      await clock.advance(1000);
    }
    expect(settled.sample).toBe(16_000 * 21);
    expect(saved).toEqual([16_000, 16_000 * 11, 16_000 * 21]);
  });

  it("is written with a final when the last time was three seconds ago", async () => {
    const { clock, settled, saved } = settling();
    settled.reach(1);
    await clock.advance(2999);
    settled.finalTold();
    settled.reach(2);
    await clock.advance(1);
    settled.reach(3);
    expect(saved).toEqual([1]);
    settled.finalTold();
    settled.reach(4);
    expect(saved).toEqual([1, 4]);
  });
});
