import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openCallReader } from "./call-reader.ts";
import { openCallWriter } from "./call-writer.ts";
import { migrateDatabase } from "./migrate.ts";
import { sampleCall, sampleSegment, sampleWrite } from "./sample-calls.ts";
import { keptLog, migrationsFolder } from "./test-platform.ts";

it("a close leaves to the next start the deletions that it has no time for, and keeps what is written", async () => {
  const folder = await mkdtemp(join(tmpdir(), "closing-store-"));
  const path = join(folder, "coach.db");
  await migrateDatabase({ databaseUrl: `file:${path}`, migrationsFolder, logger: keptLog() });
  const hurried = await openCallWriter(path, () => undefined);
  const doomed = ["call_doomed_1", "call_doomed_2"];
  for (const callId of doomed) {
    await hurried.create(sampleCall(callId, { title: "apresurada" }));
    const segments = Array.from({ length: 50 }, (_, i) => sampleSegment(`s${String(i)}`, "apresurada"));
    await hurried.write(sampleWrite(callId, { segments }));
  }
  const deletions = Promise.allSettled(doomed.map((callId) => hurried.delete(callId)));
  const kept = hurried.create(sampleCall("call_kept"));
  hurried.abandonTidying();
  await hurried.close();
  await expect(kept).resolves.toBeUndefined();
  expect((await deletions).map(({ status }) => status)).toEqual(["rejected", "rejected"]);

  const next = await openCallWriter(path, () => undefined);
  const reader = await openCallReader(path);
  for (const callId of doomed) expect(await reader.get(callId)).toBeNull();
  expect(await reader.get("call_kept")).not.toBeNull();
  await reader.close();
  await next.close();
  for (const name of await readdir(folder)) {
    expect((await readFile(join(folder, name))).includes("apresurada")).toBe(false);
  }
  await rm(folder, { recursive: true });
}, 120_000);

it("a reader that is closed ends with what it reads, and keeps nobody waiting for what is behind it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "closing-reader-"));
  const path = join(folder, "coach.db");
  await migrateDatabase({ databaseUrl: `file:${path}`, migrationsFolder, logger: keptLog() });
  const writer = await openCallWriter(path, () => undefined);
  await writer.create(sampleCall("call_to_read"));
  const reader = await openCallReader(path);
  const first = reader.get("call_to_read");
  // Its turn has begun.
  await Promise.resolve();
  await Promise.resolve();
  const behind = Promise.allSettled([reader.load("call_to_read"), reader.unfinished()]);
  await reader.close();
  expect(await first).not.toBeNull();
  for (const result of await behind) {
    expect(result).toMatchObject({ status: "rejected", reason: { code: "draining" } });
  }
  await writer.close();
  await rm(folder, { recursive: true });
}, 120_000);
