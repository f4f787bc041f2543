import { describe, expect, it } from "vitest";
import { AudioCapture, type CaptureEvent } from "./audio-capture.ts";
import { untroubled } from "./capture-condition.ts";
import { processingOn } from "./media-inputs.ts";
import { CaptureBench } from "./testing/capture-bench.ts";

const near = (level: number): unknown => expect.closeTo(level, 3);
const headset = { deviceId: "headset", label: "Headset" };

describe("a microphone beside a shared tab", () => {
  it("leaves its channel silent when it is pulled out, and the other channel goes on", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("tab", "headset");
    bench.graph.run(500);
    expect(bench.lastLevels(2)).toEqual([near(0.1), near(0.2)]);
    await bench.unplug("Headset");
    bench.graph.run(500);
    expect(bench.lastLevels(2)).toEqual([0, near(0.2)]);
    expect(bench.samples(2)).toBe(16_000);
    expect(capture.condition).toEqual({ ...untroubled, inputLoss: "unplugged" });
  });

  it("comes back by itself with the same device, in the same channel, no sample too many or too few", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("tab", "headset");
    await bench.unplug("Headset");
    bench.graph.run(1000);
    for (let turn = 0; turn < 6; turn += 1) await bench.timePasses();
    expect(capture.condition.inputLoss).toBe("unplugged");
    await bench.plugIn(headset);
    await bench.timePasses();
    expect(capture.condition).toEqual(untroubled);
    bench.graph.run(1000);
    expect(bench.lastLevels(2)).toEqual([near(0.1), near(0.2)]);
    expect(bench.samples(2)).toBe(32_000);
    expect(bench.graphs).toHaveLength(1);
  });

  it("tries again while a device that came back is not ready yet", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("tab", "headset");
    await bench.unplug("Headset");
    bench.isBusy = true;
    await bench.plugIn(headset);
    await bench.timePasses();
    expect(capture.condition.inputLoss).toBe("unplugged");
    bench.isBusy = false;
    await bench.timePasses();
    expect(capture.condition.inputLoss).toBe(null);
  });

  it("waits for the device that was chosen and opens no other", async () => {
    const bench = new CaptureBench();
    await bench.open("tab", "headset");
    await bench.unplug("Headset");
    for (let turn = 0; turn < 6; turn += 1) await bench.timePasses();
    expect(bench.asked).toEqual(["headset"]);
  });

  it("moves on to the next default device by itself, and names it", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("tab");
    await bench.unplug("Headset");
    await bench.timePasses();
    expect(capture.condition).toEqual({ ...untroubled, movedTo: "Inner microphone" });
    bench.graph.run(300);
    expect(bench.lastLevels(2)).toEqual([near(0.1), near(0.2)]);
  });

  it("is exchanged in mid-call: the old one is let go, the axis goes on", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("tab", "headset");
    bench.graph.run(1000);
    await capture.switchInput("inner");
    bench.setLevels("Inner microphone", [0.4]);
    bench.graph.run(1000);
    expect(bench.lastLevels(2)).toEqual([near(0.4), near(0.2)]);
    expect(bench.samples(2)).toBe(32_000);
    expect(bench.streamOf("Headset").active).toBe(false);
    expect(bench.graphs).toHaveLength(1);
  });

  it("stays as it is when the other device cannot be had", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("tab", "headset");
    await expect(capture.switchInput("nowhere")).rejects.toMatchObject({ code: "no_device" });
    bench.graph.run(300);
    expect(bench.lastLevels(2)).toEqual([near(0.1), near(0.2)]);
    expect(capture.condition).toEqual(untroubled);
  });

  it("says that it was muted outside the page, and when it no longer is", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("tab", "headset");
    bench.streamOf("Headset").track.mute(true);
    expect(capture.condition.isInputMuted).toBe(true);
    bench.graph.run(300);
    expect(bench.lastLevels(2)).toEqual([0, near(0.2)]);
    bench.streamOf("Headset").track.mute(false);
    expect(capture.condition).toEqual(untroubled);
  });
});

describe("a tab whose sound is shared later", () => {
  it("begins with the microphone alone, and takes the tab's sound when it is shared", async () => {
    const bench = new CaptureBench();
    const request = {
      kind: "tab",
      deviceId: "headset",
      processing: processingOn,
      isSharedLater: true,
    } as const;
    const capture = await AudioCapture.open(request, bench.environment);
    capture.subscribe((event) => bench.events.push(event));
    expect(capture.condition).toEqual({ ...untroubled, hasSharingEnded: true });
    bench.graph.run(500);
    expect(bench.lastLevels(2)).toEqual([near(0.1), 0]);
    await capture.shareAgain();
    bench.graph.run(500);
    expect(bench.lastLevels(2)).toEqual([near(0.1), near(0.2)]);
    expect(capture.condition).toEqual(untroubled);
    expect(bench.samples(2)).toBe(16_000);
  });
});

describe("permission withdrawn in mid-call", () => {
  it("stops the microphone even where the browser lets it run, and the tab goes on", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("tab", "headset");
    await bench.setPermission("denied");
    expect(capture.condition).toEqual({ ...untroubled, inputLoss: "permission" });
    expect(bench.streamOf("Headset").active).toBe(false);
    bench.graph.run(300);
    expect(bench.lastLevels(2)).toEqual([0, near(0.2)]);
  });

  it("is told apart from an unplugged device when the track ends first", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("tab", "headset");
    bench.permission = "denied";
    bench.streamOf("Headset").track.end();
    await bench.settled();
    expect(capture.condition.inputLoss).toBe("permission");
    for (let turn = 0; turn < 6; turn += 1) await bench.timePasses();
    expect(bench.asked).toEqual(["headset"]);
  });

  it("goes on by itself when it is given again", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("microphone", "headset");
    await bench.setPermission("denied");
    expect(capture.condition.isHalted).toBe(true);
    await bench.setPermission("granted");
    await bench.timePasses();
    expect(capture.condition).toEqual(untroubled);
  });

  it("asks for nothing by itself when it was reset; a click does", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("microphone", "headset");
    bench.permission = "prompt";
    bench.streamOf("Headset").track.end();
    await bench.settled();
    expect(capture.condition).toMatchObject({ inputLoss: "permission", isHalted: true });
    for (let turn = 0; turn < 6; turn += 1) await bench.timePasses();
    expect(bench.asked).toEqual(["headset"]);
    await capture.switchInput("headset");
    expect(capture.condition).toEqual(untroubled);
  });
});

describe("with no source left", () => {
  it("captures nothing, so that the axis stands still, and hands out what was captured before", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("microphone", "headset");
    bench.graph.run(250);
    await bench.unplug("Headset");
    expect(capture.condition).toMatchObject({ isHalted: true, inputLoss: "unplugged" });
    bench.graph.run(5000);
    expect(bench.samples(1)).toBe(4000);
    expect(capture.levels[0]?.dbfs).toBe(-90);
    await capture.switchInput("inner");
    bench.graph.run(100);
    expect(bench.samples(1)).toBe(5600);
    expect(capture.condition).toEqual(untroubled);
  });

  it("halts a tab call only when sharing has ended and the microphone is gone", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("tab", "headset");
    bench.streamOf("Tab").track.end();
    expect(capture.condition).toEqual({ ...untroubled, hasSharingEnded: true });
    bench.graph.run(200);
    expect(bench.lastLevels(2)).toEqual([near(0.1), 0]);
    await bench.unplug("Headset");
    expect(capture.condition.isHalted).toBe(true);
    bench.graph.run(1000);
    expect(bench.samples(2)).toBe(3200);
    await capture.shareAgain();
    bench.graph.run(200);
    expect(bench.lastLevels(2)).toEqual([0, near(0.2)]);
    expect(bench.samples(2)).toBe(6400);
    expect(capture.condition).toEqual({ ...untroubled, inputLoss: "unplugged" });
  });

  it("captures nothing through a path made anew either", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("microphone", "headset");
    await bench.unplug("Headset");
    await capture.rebuild();
    bench.graph.run(1000);
    expect(bench.graphs).toHaveLength(2);
    expect(bench.samples(1)).toBe(0);
  });

  it("keeps both channels of a two-channel input together", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("two_channel", "headset");
    bench.graph.run(200);
    expect(bench.lastLevels(2)).toEqual([near(0.1), near(0.3)]);
    await bench.unplug("Headset");
    expect(capture.condition.isHalted).toBe(true);
  });
});

describe("sharing", () => {
  it("refuses a tab shared without audio, and lets go of nothing it has not opened", async () => {
    const bench = new CaptureBench();
    bench.sharing = "without_audio";
    await expect(bench.open("tab")).rejects.toMatchObject({ code: "shared_without_audio" });
    expect(bench.asked).toEqual([]);
    expect(bench.watchers).toBe(0);
  });

  it("stays ended when it is shared again without audio, and the microphone goes on", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("tab", "headset");
    bench.streamOf("Tab").track.end();
    bench.sharing = "without_audio";
    await expect(capture.shareAgain()).rejects.toMatchObject({ code: "shared_without_audio" });
    bench.graph.run(200);
    expect(capture.condition.hasSharingEnded).toBe(true);
    expect(bench.lastLevels(2)).toEqual([near(0.1), 0]);
  });

  it("lets go of the tab when the microphone is refused", async () => {
    const bench = new CaptureBench();
    bench.permission = "denied";
    await expect(bench.open("tab")).rejects.toMatchObject({ code: "permission_denied" });
    expect(bench.streamOf("Tab").active).toBe(false);
  });
});

describe("a file", () => {
  const sound: AudioBuffer = {
    duration: 60,
    length: 960_000,
    numberOfChannels: 2,
    sampleRate: 16_000,
    copyFromChannel: () => undefined,
    copyToChannel: () => undefined,
    getChannelData: () => new Float32Array(0),
  };

  it("plays from where the call stands, also after the path was made anew, and says when it has ended", async () => {
    const bench = new CaptureBench();
    const capture = await AudioCapture.open({ kind: "file", sound }, bench.environment);
    const events: CaptureEvent[] = [];
    capture.subscribe((event) => {
      events.push(event);
    });
    await capture.play(5000);
    expect(bench.graph.played?.fromSec).toBe(5);
    bench.graph.run(30_000);
    bench.graph.breakDown();
    await bench.settled();
    expect(bench.graph.played?.fromSec).toBe(35);
    bench.graph.played?.onEnded();
    expect(events.at(-1)).toEqual({ type: "finished" });
    expect(capture.condition).toEqual(untroubled);
  });
});

describe("closing", () => {
  it("captures nothing more once it has finished: what came between would go nowhere", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("microphone");
    bench.graph.run(150);
    await capture.finish();
    expect(bench.samples(1)).toBe(2400);
    bench.graph.run(500);
    expect(bench.samples(1)).toBe(2400);
  });

  it("lets go of every device, tab, watcher and path, once", async () => {
    const bench = new CaptureBench();
    const capture = await bench.open("tab", "headset");
    await capture.close();
    await capture.close();
    expect(bench.streams.map(({ active }) => active)).toEqual([false, false]);
    expect(bench.graph.isClosed).toBe(true);
    expect(bench.watchers).toBe(0);
  });

  it("lets go of a device that was still being opened", async () => {
    const bench = new CaptureBench();
    const capture = await AudioCapture.open(
      { kind: "microphone", deviceId: "headset", processing: processingOn },
      bench.environment,
    );
    const switching = capture.switchInput("inner");
    await capture.close();
    await switching;
    expect(bench.streamOf("Inner microphone").active).toBe(false);
  });
});
