import { describe, expect, it } from "vitest";
import { ManualClock } from "../../call/testing/manual-clock.ts";
import { AudioPause } from "./audio-pause.ts";

function watched() {
  const clock = new ManualClock();
  let told = 0;
  const pause = new AudioPause(clock, () => {
    told += 1;
  });
  return { clock, pause, told: () => told };
}

describe("a pause of the audio", () => {
  it("is told once, when none has come for 15 s", async () => {
    const { clock, pause, told } = watched();
    pause.watch();
    await clock.advance(14_000);
    pause.came();
    await clock.advance(14_999);
    expect(told()).toBe(0);
    await clock.advance(1);
    expect(told()).toBe(1);
    await clock.advance(60_000);
    expect(told()).toBe(1);
  });

  it("gives a connection that is made late the whole time", async () => {
    const { clock, pause, told } = watched();
    pause.watch();
    await clock.advance(5000);
    pause.close();
    await clock.advance(40_000);
    pause.watch();
    await clock.advance(14_999);
    expect(told()).toBe(0);
    await clock.advance(1);
    expect(told()).toBe(1);
  });

  it("is not told once nobody watches", async () => {
    const { clock, pause, told } = watched();
    pause.watch();
    pause.close();
    await clock.advance(60_000);
    expect(told()).toBe(0);
  });
});
