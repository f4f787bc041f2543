import { describe, expect, it } from "vitest";
import type { Clock } from "../call/ports.ts";
import { ReadLane } from "./read-lane.ts";

interface Held {
  readonly name: string;
  readonly end: (failed?: boolean) => void;
}

/** Time passes when it is told to. */
function handClock(): Clock & { pass: (ms: number) => void } {
  let nowMs = 0;
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after: (delayMs, run) => {
      const timer = { atMs: nowMs + delayMs, run };
      timers.push(timer);
      return () => void (timers = timers.filter((one) => one !== timer));
    },
    pass: (ms) => {
      nowMs += ms;
      const due = timers.filter(({ atMs }) => atMs <= nowMs);
      timers = timers.filter(({ atMs }) => atMs > nowMs);
      for (const { run } of due) run();
    },
  };
}

function lane(atOnce: number, maxWaiting: number) {
  const clock = handClock();
  const running: Held[] = [];
  let refused = 0;
  const reads = new ReadLane({ atOnce, maxWaiting, clock, onRefused: () => (refused += 1) });
  const read = (name: string): Promise<string> =>
    reads.run(
      () =>
        new Promise((resolve, reject) => {
          running.push({
            name,
            end: (failed = false) => {
              if (failed) reject(new Error(name));
              else resolve(name);
            },
          });
        }),
    );
  return { running, read, refused: () => refused, clock };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the lane of searches and documents", () => {
  it("runs a few at a time, the others in the order they came, and refuses one too many", async () => {
    const { running, read, refused, clock } = lane(2, 3);
    const all = ["a", "b", "c", "d", "e"].map(read);
    await expect(read("f")).rejects.toMatchObject({
      code: "rate_limited",
      retryable: true,
      retryAfterSec: 1,
    });
    expect(refused()).toBe(1);
    await settled();
    expect(running.map(({ name }) => name)).toEqual(["a", "b"]);
    for (let index = 0; index < 5; index += 1) {
      running[index]?.end();
      await settled();
      clock.pass(0);
      await settled();
    }
    expect(await Promise.all(all)).toEqual(["a", "b", "c", "d", "e"]);
    expect(running.map(({ name }) => name)).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("goes on after one that fails, and is free again afterwards", async () => {
    const { running, read, clock } = lane(1, 1);
    const [first, second] = [read("a"), read("b")];
    await settled();
    running[0]?.end(true);
    await expect(first).rejects.toThrow("a");
    clock.pass(0);
    await settled();
    running[1]?.end();
    expect(await second).toBe("b");
    const third = read("c");
    await settled();
    running[2]?.end();
    expect(await third).toBe("c");
  });

  it("rests as long as a read took while others wait, and not at all otherwise", async () => {
    const { running, read, clock } = lane(1, 5);
    const all = ["a", "b", "c"].map(read);
    await settled();
    clock.pass(40);
    running[0]?.end();
    expect(await all[0]).toBe("a");
    clock.pass(39);
    await settled();
    expect(running.length).toBe(1);
    clock.pass(1);
    await settled();
    expect(running.length).toBe(2);
    clock.pass(10_000);
    running[1]?.end();
    await all[1];
    clock.pass(1000);
    await settled();
    expect(running.length).toBe(3);
    clock.pass(40);
    running[2]?.end();
    await all[2];
    const alone = read("d");
    await settled();
    running[3]?.end();
    expect(await alone).toBe("d");
  });

  it("rests the longer the more are waiting", async () => {
    const { running, read, clock } = lane(1, 60);
    for (let one = 0; one < 51; one += 1) void read(String(one));
    await settled();
    clock.pass(40);
    running[0]?.end();
    await settled();
    clock.pass(5 * 40 - 1);
    await settled();
    expect(running.length).toBe(1);
    clock.pass(1);
    await settled();
    expect(running.length).toBe(2);
  });
});
