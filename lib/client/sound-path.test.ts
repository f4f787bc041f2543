import { describe, expect, it } from "vitest";
import { untroubled } from "./capture-condition.ts";
import { CaptureBench } from "./testing/capture-bench.ts";

const near = (level: number): unknown => expect.closeTo(level, 3);

describe("the sound path", () => {
  it("is made anew when its processor dies, and the counter goes on", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("tab", "headset");
    bench.graph.run(1000);
    bench.graph.breakDown();
    await bench.settled();
    expect(bench.graphs).toHaveLength(2);
    expect(bench.graphs[0]?.isClosed).toBe(true);
    bench.graph.run(1000);
    expect(bench.lastLevels(2)).toEqual([near(0.1), near(0.2)]);
    expect(bench.samples(2)).toBe(32_000);
    expect(capture.condition).toEqual(untroubled);
  });

  it("hands out what the old path had captured and not yet told", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("microphone");
    bench.graph.run(250);
    expect(bench.samples(1)).toBe(3200);
    await capture.rebuild();
    expect(bench.graphs[0]?.isClosed).toBe(true);
    expect(bench.samples(1)).toBe(4000);
  });

  it("does not wait for long for an old path that answers nothing any more", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("microphone");
    bench.graph.answers = false;
    const rebuilt = capture.rebuild();
    await bench.timePasses(500);
    await rebuilt;
    bench.graph.run(100);
    expect(bench.graphs).toHaveLength(2);
    expect(bench.samples(1)).toBe(1600);
  });

  it.each(["finish", "close"] as const)("is not made anew any more once it is told to %s", async (end) => {
    const bench = new CaptureBench();
    const capture = await bench.open("microphone");
    bench.graph.answers = false;
    const rebuilt = capture.rebuild();
    const ended = capture[end]();
    await bench.timePasses(500);
    await Promise.all([rebuilt, ended]);
    bench.graph.answers = true;
    bench.graph.run(1000);
    expect([bench.graphs.length, bench.samples(1)]).toEqual([1, 0]);
  });

  it("gives up on one that breaks again and again, says so, and tries once more on a click", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("microphone");
    for (let turn = 0; turn < 4; turn += 1) {
      bench.graph.breakDown();
      await bench.settled();
    }
    expect(capture.condition.isBroken).toBe(true);
    await capture.unblock();
    bench.graph.run(100);
    expect(capture.condition).toEqual(untroubled);
    expect(bench.samples(1)).toBe(1600);
  });

  it("takes the device's own rate where the browser insists on it, also when the device changes", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("microphone", "headset");
    expect(bench.graph.rateHz).toBe(16_000);
    bench.graph.run(1000);
    bench.refusesOwnRate = true;
    await capture.switchInput("inner");
    expect(bench.graph.rateHz).toBe(null);
    bench.graph.run(1000);
    expect(bench.samples(1)).toBe(32_000);
    expect(capture.condition).toEqual(untroubled);
  });

  it("says that the browser holds the sound back, and goes on when the person comes back to the page", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("microphone");
    bench.graph.resumes = false;
    bench.graph.setRunning(false);
    expect(capture.condition.isBlocked).toBe(true);
    await bench.timePasses();
    expect(capture.condition.isBlocked).toBe(true);
    bench.graph.resumes = true;
    await bench.attention();
    expect(capture.condition).toEqual(untroubled);
  });

  it("resumes at once after an interruption that the browser allows to end", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("microphone");
    bench.graph.setRunning(false);
    await bench.settled();
    expect(capture.condition).toEqual(untroubled);
    expect(bench.events.filter(({ type }) => type === "condition")).toHaveLength(2);
  });

  it("rejects when there is no sound at all, and lets go of the microphone", async () => {
    const bench = new CaptureBench();
    bench.worksAtAll = false;
    await expect(bench.open("microphone")).rejects.toMatchObject({ code: "failed" });
    expect(bench.streamOf("Headset").active).toBe(false);
    expect(bench.watchers).toBe(0);
  });
});
