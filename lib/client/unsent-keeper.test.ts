import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import { sweepKeptCalls } from "./kept-calls.ts";
import { ManualTimers, settled } from "./testing/manual-timers.ts";
import { numbered } from "./testing/numbered-audio.ts";
import { UnsentAudio } from "./unsent-audio.ts";
import { lastRunOf, UnsentKeeper, type Keeping } from "./unsent-keeper.ts";
import { IndexedDbUnsentStore, type AudioWrite, type KeptCall, type UnsentStore } from "./unsent-store.ts";

const callId = "call_kept_1";
const seat = { callId };
let databases = 0;
let store: IndexedDbUnsentStore;
beforeEach(() => {
  databases += 1;
  store = new IndexedDbUnsentStore(`test-${databases}`);
});

/** One life of a page: its memory, and the same storage as the lives before it. */
class PageLife {
  readonly timers = new ManualTimers();
  readonly unsent = new UnsentAudio({ bytesPerSample: 2, maxSamples: 10_000 });
  readonly told: Keeping[] = [];
  readonly keeper: UnsentKeeper;
  #captured = 0;

  constructor(on: UnsentStore = store) {
    this.keeper = new UnsentKeeper({
      store: on,
      unsent: this.unsent,
      callId,
      bytesPerSample: 2,
      sampleRateHz: 100,
      timers: this.timers,
      wallClockMs: () => 1_000_000 + this.timers.nowMs(),
      onKeeping: (keeping) => this.told.push(keeping),
    });
  }

  /** Frames of ten samples, numbered from `from` on in the order of their capture. */
  async capture(frames: number, from = this.#captured): Promise<void> {
    for (let frame = 0; frame < frames; frame += 1) {
      this.unsent.append(numbered(from + frame * 10, 10));
      this.keeper.appended();
      await settled();
    }
    this.#captured = from + frames * 10;
  }

  durable(sample: number): void {
    this.unsent.dropBefore(sample);
    this.keeper.released();
  }

  held(): number[] {
    return [...this.unsent.read(this.unsent.firstSample, this.unsent.heldSamples)];
  }
}

async function keptSpan(): Promise<[number, number] | null> {
  const run = lastRunOf((await store.load(callId))?.audio ?? [], 2);
  if (run === null) return null;
  return [run.firstSample, run.firstSample + run.parts.reduce((sum, part) => sum + part.length / 2, 0)];
}

/** A storage that says no, as a private window or a full disk does. */
function refusing(error: Error): UnsentStore & { isRefusing: boolean } {
  const failing = {
    isRefusing: true,
    load: (id: string) => (failing.isRefusing ? Promise.reject(error) : store.load(id)),
    write: (write: AudioWrite) => (failing.isRefusing ? Promise.reject(error) : store.write(write)),
    move: (call: KeptCall, from: number, shift: number) => store.move(call, from, shift),
    forget: (id: string) => store.forget(id),
    list: () => store.list(),
  };
  return failing;
}

describe("keeping unsent audio in the browser", () => {
  it("writes each frame when the next one comes, so that a killed tab loses two at most", async () => {
    const life = new PageLife();
    await life.keeper.begin(seat);
    for (let frame = 0; frame < 8; frame += 1) {
      await life.capture(1);
      await settled();
      expect(await keptSpan()).toEqual(frame === 0 ? null : [0, frame * 10]);
    }
  });

  it("writes nothing of what is durable before the next frame comes", async () => {
    const life = new PageLife();
    await life.keeper.begin(seat);
    for (let frame = 1; frame <= 5; frame += 1) {
      life.durable(frame * 10 - 10);
      await life.capture(1);
    }
    expect(await keptSpan()).toBeNull();
  });

  it("erases what has become durable, and keeps whole the piece it ends in", async () => {
    const life = new PageLife();
    await life.keeper.begin(seat);
    for (let frame = 0; frame < 6; frame += 1) {
      await life.capture(1);
      await settled();
    }
    await life.timers.advance(5000);
    life.durable(25);
    await settled();
    expect(await keptSpan()).toEqual([20, 50]);
    life.durable(60);
    await settled();
    expect(await keptSpan()).toBeNull();
  });

  it("sends a last write off at once when the page goes", async () => {
    const life = new PageLife();
    await life.keeper.begin(seat);
    for (let frame = 0; frame < 3; frame += 1) life.unsent.append(numbered(frame * 10, 10));
    life.keeper.flushNow();
    await settled();
    expect(await keptSpan()).toEqual([0, 30]);
  });

  it("takes up in the next life what the last one left, and goes on behind it", async () => {
    const first = new PageLife();
    await first.keeper.begin(seat);
    await first.capture(5);
    await first.keeper.flush();
    const second = new PageLife();
    expect(await second.keeper.resume()).toBe(true);
    await second.capture(2, 50);
    await second.keeper.settle(20);
    second.durable(20);
    expect([second.unsent.firstSample, second.unsent.endSample]).toEqual([20, 70]);
    expect(second.held()).toEqual([...numbered(20, 50)]);
    await second.keeper.flush();
    expect(await keptSpan()).toEqual([20, 70]);
  });

  it("moves what was captured before the server said that it has more than was kept", async () => {
    const first = new PageLife();
    await first.keeper.begin(seat);
    await first.capture(4);
    await settled();
    // The last frame was sent, and the tab killed before it was written.
    const second = new PageLife();
    await second.keeper.resume();
    expect(second.unsent.endSample).toBe(30);
    await second.capture(3, 40);
    await second.keeper.flush();
    // Killed again before it had heard from the server.
    const third = new PageLife();
    await third.keeper.resume();
    await third.capture(1, 70);
    await third.keeper.settle(40);
    expect([third.unsent.firstSample, third.unsent.endSample]).toEqual([40, 80]);
    expect(third.held()).toEqual([...numbered(40, 40)]);
    await third.keeper.flush();
    expect(await keptSpan()).toEqual([40, 80]);
    const fourth = new PageLife();
    await fourth.keeper.resume();
    expect(fourth.held()).toEqual([...numbered(40, 40)]);
  });

  it("keeps a stop that was asked for", async () => {
    const first = new PageLife();
    await first.keeper.begin(seat);
    await first.capture(2);
    await first.keeper.stopAsked();
    const second = new PageLife();
    await second.keeper.resume();
    expect([second.keeper.isStopAsked, second.unsent.endSample]).toEqual([true, 20]);
  });

  it("goes on in memory when storage is refused or full, says so, and writes all of it when it can", async () => {
    const failing = refusing(new DOMException("no room", "QuotaExceededError"));
    const life = new PageLife(failing);
    await life.keeper.begin(seat);
    await life.capture(5);
    await settled();
    expect(life.told.at(-1)).toEqual({ kind: "memory_only", reason: "full" });
    expect(life.unsent.heldSamples).toBe(50);
    failing.isRefusing = false;
    await life.timers.advance(3000);
    await life.capture(1);
    await settled();
    expect(life.told.at(-1)).toEqual({ kind: "kept" });
    expect(await keptSpan()).toEqual([0, 50]);
  });

  it("says that nothing is kept when the storage never answers, and takes it back when it does", async () => {
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    const life = new PageLife({
      ...refusing(new Error()),
      write: (write) => held.then(() => store.write(write)),
    });
    void life.keeper.begin(seat);
    await life.capture(5);
    await life.timers.advance(9000);
    expect(life.told).toEqual([]);
    await life.timers.advance(1000);
    expect(life.told).toEqual([{ kind: "memory_only", reason: "refused" }]);
    expect(life.unsent.heldSamples).toBe(50);
    answer();
    await life.timers.advance(3000);
    await life.capture(1);
    await settled();
    expect(life.told.at(-1)).toEqual({ kind: "kept" });
    expect(await keptSpan()).toEqual([0, 50]);
  });

  it("begins without what was kept when the storage does not answer", async () => {
    const life = new PageLife({ ...refusing(new Error()), load: () => new Promise(() => undefined) });
    const resumed = life.keeper.resume();
    await life.timers.advance(5000);
    expect(await resumed).toBe(false);
    expect(life.told).toEqual([{ kind: "memory_only", reason: "refused" }]);
  });

  it("drops from storage what memory had to give up", async () => {
    const life = new PageLife();
    await life.keeper.begin(seat);
    for (let frame = 0; frame < 1100; frame += 100) {
      await life.capture(100);
      await life.keeper.flush();
    }
    expect(life.unsent.givenUpSamples).toBe(1000);
    await life.keeper.flush();
    expect(await keptSpan()).toEqual([1000, 11_000]);
  });

  it("forgets the call when it is over, and writes no more of it", async () => {
    const life = new PageLife();
    await life.keeper.begin(seat);
    await life.capture(3);
    await life.keeper.flush();
    await life.keeper.forget();
    await life.capture(3);
    await life.keeper.flush();
    expect(await store.load(callId)).toBeNull();
    expect(await store.list()).toEqual([]);
  });
});

describe("the last run of what was kept", () => {
  it("joins pieces that follow on each other or overlap, and begins anew behind a hole", () => {
    const piece = (firstSample: number, samples: number) => ({
      callId,
      firstSample,
      pcm: numbered(firstSample, samples),
    });
    const run = lastRunOf([piece(40, 10), piece(0, 10), piece(30, 15), piece(50, 5)], 2);
    expect(run?.firstSample).toBe(30);
    expect(run?.parts.flatMap((part) => [...part])).toEqual([...numbered(30, 25)]);
    expect(lastRunOf([], 2)).toBeNull();
  });
});

describe("calls left behind", () => {
  const hourMs = 3600 * 1000;
  const left = (id: string, hoursAgo: number, megabytes: number): KeptCall => ({
    callId: id,
    seat: null,
    uncertainFrom: null,
    isStopAsked: false,
    endSample: 0,
    audioBytes: megabytes * 1024 * 1024,
    touchedAtMs: 100 * hourMs - hoursAgo * hourMs,
  });

  it("are swept when they are older than a day, or too much together, oldest first", async () => {
    for (const call of [
      left("call_old_", 25, 1),
      left("call_a__", 3, 60),
      left("call_b__", 2, 60),
      left("call_c__", 1, 60),
    ]) {
      const add = { firstSample: 0, pcm: numbered(0, 4) };
      await store.write({ call, dropBefore: 0, add });
    }
    const kept = await sweepKeptCalls(store, 100 * hourMs);
    expect(kept.map((call) => call.callId)).toEqual(["call_c__", "call_b__"]);
    expect((await store.list()).map((call) => call.callId)).toEqual(["call_b__", "call_c__"]);
    expect(await store.load("call_a__")).toBeNull();
  });
});
