import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { StepSize } from "./step-size.ts";

it("steps become small where they take long, down to the least, and large again where they do not", async () => {
  const steps = new StepSize(4, 100);
  expect(steps.size).toBe(20);
  const sizes: number[] = [];
  for (let step = 0; step < 4; step += 1) {
    await steps.run(async (size) => {
      sizes.push(size);
      await sleep(40);
    });
  }
  expect(sizes).toEqual([20, 10, 5, 4]);
  await expect(steps.run(() => Promise.reject(new Error("the disk fails")))).rejects.toThrow(
    "the disk fails",
  );
  for (let step = 0; step < 50; step += 1) await steps.run(() => Promise.resolve());
  expect(steps.size).toBe(100);
});
