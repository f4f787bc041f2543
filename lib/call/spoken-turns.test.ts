import { expect, it } from "vitest";
import { SpokenTurns } from "./spoken-turns.ts";

it("the context of an utterance is what was begun before it, in order, however late it became final", () => {
  const turns = new SpokenTurns();
  turns.add({ role: "rep", text: "third", startMs: 3000 });
  turns.add({ role: "rep", text: "first", startMs: 1000 });
  turns.add({ role: "prospect", text: "second", startMs: 2000 });
  const texts = (startMs: number): string[] => turns.before(startMs).map(({ text }) => text);
  expect(texts(2000)).toEqual(["first"]);
  expect(texts(2500)).toEqual(["first", "second"]);
  expect(texts(9000)).toEqual(["first", "second", "third"]);
});

it("the context is the last twelve turns, also of a channel that is a long way behind the other", () => {
  const turns = new SpokenTurns();
  for (let turn = 1; turn <= 80; turn += 1) turns.add({ role: "rep", text: String(turn), startMs: turn });
  expect(turns.before(1000).map(({ text }) => text)).toHaveLength(12);
  expect(turns.before(30.5).at(-1)?.text).toBe("30");
});
