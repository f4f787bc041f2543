import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openSteadyDatabase, type SteadyDatabase } from "./steady-database.ts";
import { createTurns, type Turns } from "./turns.ts";

let folder: string;
let steady: SteadyDatabase;
let turns: Turns;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sales-coach-turns-"));
  const path = join(folder, "coach.db");
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

const note = (word: string) => () => steady.database.$executeRawUnsafe("INSERT INTO noted VALUES (?)", word);

it("a write that comes while tidying is under way waits for the step that has begun, and for no other", async () => {
  const order: string[] = [];
  let begun = (): void => undefined;
  const firstStepBegins = new Promise<void>((resolve) => (begun = resolve));
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const steps = [1, 2, 3].map((step) =>
    turns
      .tidy(async () => {
        order.push(`begun ${String(step)}`);
        begun();
        await held;
        await note(`step ${String(step)}`)();
      })
      .then(() => order.push(`done ${String(step)}`)),
  );
  await firstStepBegins;
  const writes = ["one", "two"].map((word) => turns.write(note(word)).then(() => order.push(word)));
  letGo();
  await Promise.all([...steps, ...writes]);
  expect(order).toEqual(["begun 1", "done 1", "one", "two", "begun 2", "done 2", "begun 3", "done 3"]);
});

it("a step that fails costs the writes beside it nothing", async () => {
  const results = await Promise.allSettled([
    turns.write(note("one")),
    turns.tidy(() => Promise.reject(new Error("it cannot be tidied"))),
    turns.write(note("two")),
  ]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});

it("tidying that is abandoned is told so, but for the step that has begun, and writes go on", async () => {
  let begun = (): void => undefined;
  const firstStepBegins = new Promise<void>((resolve) => (begun = resolve));
  const steps = Promise.allSettled([
    turns.tidy(async () => {
      begun();
      await note("first")();
    }),
    turns.tidy(note("second")),
    turns.alone(note("third")),
  ]);
  await firstStepBegins;
  turns.abandonTidying();
  await expect(turns.tidy(note("late"))).rejects.toMatchObject({ code: "storage_failed", refused: false });
  await turns.write(note("write"));
  expect((await steps).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
});

it("tidying comes to its end although writes never cease", async () => {
  const over = new AbortController();
  const writes = (async () => {
    while (!over.signal.aborted) await Promise.all([turns.write(note("a")), turns.write(note("b"))]);
  })();
  for (let step = 0; step < 20; step += 1) await turns.tidy(note("step"));
  over.abort();
  await writes;
});
