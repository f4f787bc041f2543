import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openDatabase } from "./database.ts";
import { createLogFlush } from "./log-flush.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sales-coach-flush-"));
  path = join(folder, "calls.db");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function committedTimes(times: number, warnings: string[]): Promise<void> {
  const flush = createLogFlush(path, (message) => warnings.push(message));
  for (let count = 0; count < times; count += 1) {
    flush.committed();
    await flush.close();
  }
}

it("flushes a log that is there, and needs none that has gone into the database", async () => {
  const warnings: string[] = [];
  await committedTimes(1, warnings);
  await writeFile(`${path}-wal`, "pages");
  await committedTimes(1, warnings);
  expect(warnings).toEqual([]);
});

it("says once that it cannot", async () => {
  await symlink(`${path}-wal`, `${path}-wal`);
  const warnings: string[] = [];
  await committedTimes(3, warnings);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/cannot be flushed/u);
});

it("is not needed where every commit is flushed by itself", async () => {
  for (const [flush, level] of [
    ["in commits", 2n],
    ["behind them", 1n],
  ] as const) {
    const database = await openDatabase(path, "write", flush);
    const [row] = await database.$queryRawUnsafe<{ synchronous: bigint }[]>("PRAGMA synchronous");
    await database.$disconnect();
    expect(BigInt(row?.synchronous ?? 0)).toBe(level);
  }
});
