import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { untroubled } from "./capture-condition.ts";
import { SilenceWatch } from "./silence-watch.ts";
import { rmsDbfs } from "./sound-level.ts";
import { CaptureBench } from "./testing/capture-bench.ts";

const frameMs = 100;
const minuteMs = 60_000;

/** A repeatable number from 0 to 1 for every n. */
function chance(n: number): number {
  return (((Math.sin(n * 12.9898) * 43_758.5453) % 1) + 1) % 1;
}

type Level = (frame: number) => number;
const zeros: Level = () => -90;
/** Words and gaps over a quiet room: about half of the frames stand out, as in real speech. */
const talk: Level = (frame) =>
  chance(frame) < 0.55 ? -32 + 12 * chance(frame + 0.5) : -62 + 6 * chance(frame + 0.7);
const room =
  (dbfs: number): Level =>
  (frame) =>
    dbfs + 4 * (chance(frame) - 0.5);

/** Pushes frames of both channels and gives the second at which each channel was first said to be silent. */
function heard(watch: SilenceWatch, seconds: number, left: Level, right: Level): readonly (number | null)[] {
  const first: (number | null)[] = [null, null];
  for (let frame = 0; frame < seconds * 10; frame += 1) {
    watch.push([{ dbfs: left(frame) }, { dbfs: right(frame) }], frameMs);
    const silent = watch.silentChannel;
    if (silent !== null) first[silent] ??= (frame + 1) / 10;
  }
  return first;
}

describe("a channel that carries nothing", () => {
  it("is told after 20 s, whichever it is, from zeros and from the dither of a muted device", () => {
    expect(heard(new SilenceWatch(2), 30, zeros, talk)).toEqual([20, null]);
    expect(heard(new SilenceWatch(2), 30, talk, zeros)).toEqual([null, 20]);
    expect(heard(new SilenceWatch(2), 30, room(-86), talk)).toEqual([20, null]);
  });

  it("is not told of a side that listens in a quiet, a common or a noisy room", () => {
    for (const dbfs of [-76, -65, -50, -38]) {
      expect(heard(new SilenceWatch(2), 120, room(dbfs), talk)).toEqual([null, null]);
    }
  });

  it("is not told while the other side does not speak either, however noisy its room", () => {
    expect(heard(new SilenceWatch(2), 120, zeros, zeros)).toEqual([null, null]);
    expect(heard(new SilenceWatch(2), 120, zeros, room(-60))).toEqual([null, null]);
    expect(heard(new SilenceWatch(2), 120, zeros, room(-36))).toEqual([null, null]);
  });

  it("is not told for a few words of the other side, and is once they have said more", () => {
    const fewWords: Level = (frame) => (frame < 30 ? -20 : -65);
    expect(heard(new SilenceWatch(2), 40, zeros, fewWords)).toEqual([null, null]);
    const lateWords: Level = (frame) => (frame < 300 ? room(-65)(frame) : talk(frame));
    const [toldAt] = heard(new SilenceWatch(2), 60, zeros, lateWords);
    expect(toldAt).toBeGreaterThan(33);
    expect(toldAt).toBeLessThan(42);
  });

  it("is told of loud sound without pauses on the other channel too", () => {
    expect(heard(new SilenceWatch(2), 30, () => -12, zeros)).toEqual([null, 20]);
  });

  it("clears by itself, and is slower to speak up about an input that is still between words", () => {
    const watch = new SilenceWatch(2);
    expect(heard(watch, 25, zeros, talk)).toEqual([20, null]);
    heard(watch, 1, room(-60), talk);
    expect(watch.silentChannel).toBe(null);
    expect(heard(watch, 60, zeros, talk)).toEqual([40, null]);
    watch.renewed(0);
    expect(watch.silentChannel).toBe(null);
    expect(heard(watch, 60, zeros, talk)).toEqual([20, null]);
  });

  it("has no meaning in mono", () => {
    const watch = new SilenceWatch(1);
    for (let frame = 0; frame < 1200; frame += 1) watch.push([{ dbfs: -90 }], frameMs);
    expect(watch.silentChannel).toBe(null);
  });

  it("is not told in the recorded calls, and is told in them with one side taken out", async () => {
    for (const name of ["es-short", "en-short"]) {
      const path = fileURLToPath(new URL(`../../data/calls/${name}/call.wav`, import.meta.url));
      const file = await readFile(path);
      const pcm = new Int16Array(
        file.buffer.slice(file.byteOffset + 44, file.byteOffset + file.byteLength - (file.byteLength % 4)),
      );
      const frames = Math.floor(pcm.length / 3200);
      const levelOf = (channel: number): Level => {
        const levels = Array.from({ length: frames }, (_, frame) =>
          rmsDbfs(pcm.subarray(frame * 3200, (frame + 1) * 3200), channel, 2),
        );
        return (frame) => levels[frame] ?? -90;
      };
      const seconds = Math.floor(frames / 10);
      expect(heard(new SilenceWatch(2), seconds, levelOf(0), levelOf(1))).toEqual([null, null]);
      expect(heard(new SilenceWatch(2), seconds, levelOf(0), zeros)[1]).toBeLessThan(26);
      expect(heard(new SilenceWatch(2), seconds, zeros, levelOf(1))[0]).toBeLessThan(26);
    }
  });
});

describe("a call in which nobody speaks", () => {
  it("grows quieter by the frame and starts again with a word, not with a door", () => {
    const watch = new SilenceWatch(2);
    heard(watch, 60, room(-60), room(-55));
    const door: Level = (frame) => (frame === 5 ? -15 : -60);
    heard(watch, 30, door, room(-55));
    expect(watch.quietMs).toBe(90_000);
    heard(watch, 3, talk, room(-55));
    expect(watch.quietMs).toBeLessThan(3000);
  });

  it("is quiet in a noisy room too", () => {
    const watch = new SilenceWatch(1);
    for (let frame = 0; frame < 3000; frame += 1) watch.push([{ dbfs: room(-37)(frame) }], frameMs);
    expect(watch.quietMs).toBeGreaterThan(290_000);
  });
});

describe("silence in a capture", () => {
  it("tells the channel that carries nothing while the other speaks, and takes it back by itself", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("tab", "headset");
    bench.setLevels("Headset", [0]);
    bench.graph.run(19_900);
    expect(capture.condition.silentChannel).toBe(null);
    bench.graph.run(100);
    expect(capture.condition.silentChannel).toBe(0);
    bench.setLevels("Headset", [0.01]);
    bench.graph.run(100);
    expect(capture.condition.silentChannel).toBe(null);
  });

  it("does not say of a lost or muted source that it is silent as well", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("tab", "headset");
    bench.streamOf("Headset").track.mute(true);
    bench.graph.run(30_000);
    expect(capture.condition).toEqual({ ...untroubled, isInputMuted: true });
  });

  it("gives a tab that is shared again its own 20 s", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("tab", "headset");
    bench.setLevels("Tab", [0]);
    bench.graph.run(21_000);
    expect(capture.condition.silentChannel).toBe(1);
    await capture.shareAgain();
    bench.setLevels("Tab", [0]);
    bench.graph.run(10_000);
    expect(capture.condition.silentChannel).toBe(null);
  });

  it("gives a new device its own 20 s", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("tab", "headset");
    bench.setLevels("Headset", [0]);
    bench.graph.run(21_000);
    expect(capture.condition.silentChannel).toBe(0);
    await capture.switchInput("inner");
    bench.setLevels("Inner microphone", [0]);
    bench.graph.run(10_000);
    expect(capture.condition.silentChannel).toBe(null);
  });

  it("counts the minutes of a forgotten call by its frames, until somebody speaks or wants to go on", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("microphone");
    bench.setLevels("Headset", [0.001]);
    bench.graph.run(10 * minuteMs - 100);
    expect(capture.condition.quietMinutes).toBe(0);
    bench.graph.run(100);
    expect(capture.condition.quietMinutes).toBe(10);
    bench.graph.run(2 * minuteMs);
    expect(capture.condition.quietMinutes).toBe(12);
    bench.setLevels("Headset", [0.2]);
    bench.graph.run(500);
    expect(capture.condition).toEqual(untroubled);
    bench.setLevels("Headset", [0.001]);
    bench.graph.run(10 * minuteMs + 1000);
    expect(capture.condition.quietMinutes).toBe(10);
    capture.keepGoing();
    expect(capture.condition).toEqual(untroubled);
  });
});
