import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WriteTurns } from "./write-turns.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function turnsThatTell(): {
  readonly take: (recording: object, name: string) => void;
  readonly begun: string[];
} {
  const turns = new WriteTurns();
  const begun: string[] = [];
  return {
    begun,
    take: (recording, name) => {
      turns.take(recording, () => begun.push(name));
    },
  };
}

test("a write that comes alone begins at once", () => {
  const { begun, take } = turnsThatTell();
  const recording = {};
  take(recording, "first");
  expect(begun).toEqual(["first"]);
  vi.advanceTimersByTime(100);
  take(recording, "second");
  expect(begun).toEqual(["first", "second"]);
});

test("the writes of a hundred recordings begin together, in their order and within 20 ms", () => {
  const { begun, take } = turnsThatTell();
  const recordings = Array.from({ length: 100 }, () => ({}));
  for (const recording of recordings) take(recording, "before");
  vi.advanceTimersByTime(1000);
  begun.length = 0;
  const [first = {}, second = {}, third = {}] = recordings;
  take(first, "first");
  vi.advanceTimersByTime(5);
  take(second, "second");
  vi.advanceTimersByTime(5);
  take(third, "third");
  vi.advanceTimersByTime(9);
  expect(begun).toEqual(["first"]);
  vi.advanceTimersByTime(1);
  expect(begun).toEqual(["first", "second", "third"]);
});

test("one that writes many times as often as eight others makes nobody wait for longer than 2 ms", () => {
  const { begun, take } = turnsThatTell();
  const busy = {};
  const others = Array.from({ length: 8 }, () => ({}));
  for (let ms = 0; ms < 3000; ms += 5) {
    take(busy, "busy");
    const other = others[(ms / 5) % 20];
    if (other !== undefined) {
      take(other, `other at ${String(ms)}`);
      vi.advanceTimersByTime(2);
      expect(begun.at(-1)).toBe(`other at ${String(ms)}`);
      vi.advanceTimersByTime(3);
    } else {
      vi.advanceTimersByTime(5);
    }
  }
});

test("what comes while others begin has the next turn", () => {
  const turns = new WriteTurns();
  const begun: string[] = [];
  const [one, other] = [{}, {}];
  turns.take(one, () => undefined);
  turns.take(other, () => {
    begun.push("waited");
    turns.take(one, () => begun.push("came meanwhile"));
  });
  expect(begun).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(begun).toEqual(["waited"]);
  vi.advanceTimersByTime(1);
  expect(begun).toEqual(["waited", "came meanwhile"]);
});
