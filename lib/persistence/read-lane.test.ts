import { describe, expect, it } from "vitest";
import { ReadLane } from "./read-lane.ts";

interface Held {
  readonly name: string;
  readonly end: (failed?: boolean) => void;
}

function lane(atOnce: number, maxWaiting: number) {
  const running: Held[] = [];
  let refused = 0;
  const reads = new ReadLane({ atOnce, maxWaiting, onRefused: () => (refused += 1) });
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
  return { running, read, refused: () => refused };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the lane of searches and documents", () => {
  it("runs a few at a time, the others in the order they came, and refuses one too many", async () => {
    const { running, read, refused } = lane(2, 3);
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
    }
    expect(await Promise.all(all)).toEqual(["a", "b", "c", "d", "e"]);
    expect(running.map(({ name }) => name)).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("goes on after one that fails, and is free again afterwards", async () => {
    const { running, read } = lane(1, 1);
    const [first, second] = [read("a"), read("b")];
    await settled();
    running[0]?.end(true);
    await expect(first).rejects.toThrow("a");
    await settled();
    running[1]?.end();
    expect(await second).toBe("b");
    const third = read("c");
    await settled();
    running[2]?.end();
    expect(await third).toBe("c");
  });
});
