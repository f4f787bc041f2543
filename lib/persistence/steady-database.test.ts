import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openSteadyDatabase, type SteadyDatabase } from "./steady-database.ts";
import { createTurns, type Turns } from "./turns.ts";

let folder: string;
let path: string;
let steady: SteadyDatabase;
let turns: Turns;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sales-coach-steady-"));
  path = join(folder, "coach.db");
  const made = new Libsql(path);
  made.exec("PRAGMA journal_mode = WAL");
  made.exec("CREATE TABLE noted (word TEXT NOT NULL)");
  made.close();
  steady = await openSteadyDatabase(path, "write");
  turns = createTurns(steady);
});
afterEach(async () => {
  await turns.idle();
  await steady.close();
  await rm(folder, { recursive: true, force: true });
});

const note = (word: string | null): Promise<number> =>
  turns.write(() => steady.database.$executeRawUnsafe("INSERT INTO noted VALUES (?)", word));

function noted(): string[] {
  const look = new Libsql(path);
  try {
    return look
      .prepare("SELECT word FROM noted ORDER BY rowid")
      .all()
      .map((row) => (row as { word: string }).word);
  } finally {
    look.close();
  }
}

it("a database that was locked for longer than anyone waits is written to again when it is free", async () => {
  await note("before");
  const stranger = new Libsql(path);
  stranger.exec("BEGIN EXCLUSIVE");
  await expect(note("during")).rejects.toThrow();
  await expect(Promise.all([note("during"), note("too")])).rejects.toThrow();
  stranger.exec("ROLLBACK");
  stranger.close();
  await note("after");
  expect(noted()).toEqual(["before", "after"]);
});

it("a database that was moved away takes nothing until it is back, so that nothing is written to nowhere", async () => {
  await note("before");
  await rename(path, `${path}.away`);
  await expect(note("during")).rejects.toThrow(/cannot be|not there/u);
  await rename(`${path}.away`, path);
  await note("after");
  expect(noted()).toEqual(["before", "after"]);
});

it("an entry that is refused costs neither its neighbours nor the connection anything", async () => {
  const results = await Promise.allSettled([note("one"), note(null), note("two")]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  await note("three");
  expect(noted()).toEqual(["one", "two", "three"]);
});
