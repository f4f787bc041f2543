import { expect, it } from "vitest";
import { Turnstile } from "./turnstile.ts";

it("lets requests that come together begin in order, a few in each turn of the event loop", async () => {
  const turnstile = new Turnstile();
  const begun: number[] = [];
  let turn = 0;
  const turns: number[] = [];
  let done = false;
  const count = (): void => {
    turn += 1;
    if (!done) setImmediate(count);
  };
  setImmediate(count);
  await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      await turnstile.enter();
      begun.push(index);
      turns.push(turn);
    }),
  );
  done = true;
  expect(begun).toEqual(Array.from({ length: 40 }, (_, index) => index));
  const most = Math.max(...turns.map((one) => turns.filter((other) => other === one).length));
  expect(most).toBeLessThanOrEqual(4);
});

it("keeps nobody waiting who comes alone", async () => {
  const turnstile = new Turnstile();
  for (let times = 0; times < 10; times += 1) {
    expect(turnstile.enter()).toBeNull();
    await new Promise((resolve) => setImmediate(resolve));
  }
});
