import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WriteTurns } from "./write-turns.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function turnsThatTell(): { readonly take: (name: string) => void; readonly begun: string[] } {
  const turns = new WriteTurns();
  const begun: string[] = [];
  return {
    begun,
    take: (name) => {
      turns.take(() => begun.push(name));
    },
  };
}

test("a write that comes alone begins at once", () => {
  const { begun, take } = turnsThatTell();
  take("first");
  expect(begun).toEqual(["first"]);
  vi.advanceTimersByTime(100);
  take("second");
  expect(begun).toEqual(["first", "second"]);
});

test("writes that come close together begin together, in their order and within 20 ms", () => {
  const { begun, take } = turnsThatTell();
  take("first");
  vi.advanceTimersByTime(5);
  take("second");
  vi.advanceTimersByTime(5);
  take("third");
  expect(begun).toEqual(["first"]);
  vi.advanceTimersByTime(9);
  expect(begun).toEqual(["first"]);
  vi.advanceTimersByTime(1);
  expect(begun).toEqual(["first", "second", "third"]);
});

test("what comes while others begin has the next turn", () => {
  const turns = new WriteTurns();
  const begun: string[] = [];
  turns.take(() => undefined);
  turns.take(() => {
    begun.push("waited");
    turns.take(() => begun.push("came meanwhile"));
  });
  vi.advanceTimersByTime(20);
  expect(begun).toEqual(["waited"]);
  vi.advanceTimersByTime(20);
  expect(begun).toEqual(["waited", "came meanwhile"]);
});
