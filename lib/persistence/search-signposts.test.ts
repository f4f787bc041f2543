import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { inTransaction, openDatabase, type Database } from "./database.ts";
import { migrateDatabase } from "./migrate.ts";
import { firstTerm, renewSignposts } from "./search-signposts.ts";
import { keptLog, migrationsFolder } from "./test-platform.ts";

describe("the signposts of the search index", () => {
  let folder: string;
  let database: Database;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "signposts-"));
    const path = join(folder, "coach.db");
    await migrateDatabase({ databaseUrl: `file:${path}`, migrationsFolder, logger: keptLog() });
    database = await openDatabase(path, "write");
  });
  afterEach(async () => {
    await database.$disconnect();
    await rm(folder, { recursive: true });
  });

  const step = <T>(run: () => Promise<T>): Promise<T> => inTransaction(database, "IMMEDIATE", run);
  const signposts = async (): Promise<string[]> => {
    const rows = await database.$queryRawUnsafe<{ term: Uint8Array }[]>("SELECT term FROM call_search_idx");
    // The first byte says which of the index's lists it is.
    return rows.map(({ term }) => Buffer.from(term).toString("latin1").slice(1));
  };

  test("are made of words that are still there, and every word is found, whatever was removed", async () => {
    let orphansSeen = 0;
    let next = 1;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            seed: fc.integer({ min: 0, max: 0xffff }),
            words: fc.integer({ min: 1, max: 800 }),
            isRemoved: fc.boolean(),
          }),
          { minLength: 1, maxLength: 12 },
        ),
        async (calls) => {
          await step(() => database.$executeRawUnsafe("DELETE FROM call_search"));
          const wordsOf = ({ seed, words }: (typeof calls)[number]): string[] =>
            Array.from(
              { length: words },
              (_, i) => `palabra${(Math.imul(seed + i * 7919, 2_654_435_761) >>> 0).toString(36)}`,
            );
          const stored = calls.map((call) => ({ ...call, rowid: next++, text: wordsOf(call) }));
          for (const { rowid, text } of stored) {
            await step(() =>
              database.$executeRawUnsafe(
                "INSERT INTO call_search(rowid, body) VALUES (?, ?)",
                rowid,
                text.join(" "),
              ),
            );
          }
          for (const { rowid } of stored.filter(({ isRemoved }) => isRemoved)) {
            await step(() => database.$executeRawUnsafe("DELETE FROM call_search WHERE rowid = ?", rowid));
          }
          const kept = stored.filter(({ isRemoved }) => !isRemoved);
          const words = kept.flatMap(({ text }) => text);
          const orphans = async () =>
            (await signposts()).filter((sign) => sign !== "" && !words.some((word) => word.startsWith(sign)));
          orphansSeen += (await orphans()).length;

          await renewSignposts(database, step);
          expect(await orphans()).toEqual([]);
          await database.$executeRawUnsafe("INSERT INTO call_search(call_search) VALUES ('integrity-check')");
          for (const { rowid, text } of kept) {
            for (const word of [text[0], text.at(-1)]) {
              const rows = await database.$queryRawUnsafe<{ rowid: number | bigint }[]>(
                "SELECT rowid FROM call_search WHERE call_search MATCH ?",
                word,
              );
              expect(rows.map((row) => Number(row.rowid))).toContain(rowid);
            }
          }
        },
      ),
      { numRuns: Math.min(40, fc.readConfigureGlobal().numRuns ?? 40) },
    );
    // Without them the test would have shown nothing.
    expect(orphansSeen).toBeGreaterThan(0);
  }, 120_000);

  test("are read from a page as FTS5 lays it out", () => {
    const page = Uint8Array.from([0, 0, 0, 10, 3, 0x30, 0x61, 0x62, 1, 2, 4]);
    expect(firstTerm(page)).toEqual(Uint8Array.from([0x30, 0x61, 0x62]));
    expect(firstTerm(page.slice(0, 10))).toBeNull();
  });
});
