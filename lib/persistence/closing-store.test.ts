import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { migrateDatabase } from "./migrate.ts";
import { createRepositoryClient, type RepositoryClient } from "./repository-client.ts";
import { sampleCall, sampleSegment, sampleWrite } from "./sample-calls.ts";
import { keptLog, migrationsFolder, storeWorker, systemClock } from "./test-platform.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "closing-store-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function openClient(closing: { readonly tidyAtCloseMs?: number } = {}): Promise<RepositoryClient> {
  const databaseUrl = `file:${folder}/coach.db`;
  const logger = keptLog();
  await migrateDatabase({ databaseUrl, migrationsFolder, logger });
  const client = createRepositoryClient({
    ...storeWorker,
    ...closing,
    databaseUrl,
    clock: systemClock,
    logger,
  });
  await client.ready;
  return client;
}

it("a close leaves to the next start the deletions that it has no time for, and keeps what is written", async () => {
  const hurried = await openClient({ tidyAtCloseMs: 0 });
  const doomed = Array.from({ length: 5 }, (_, i) => `call_doomed_${String(i)}`);
  for (const callId of doomed) {
    await hurried.repository.create(sampleCall(callId, { title: "apresurada" }));
    const segments = Array.from({ length: 200 }, (_, i) => sampleSegment(`s${String(i)}`, "apresurada"));
    await hurried.repository.write(sampleWrite(callId, { segments }));
  }
  const deletions = Promise.allSettled(doomed.map((callId) => hurried.repository.delete(callId)));
  const kept = hurried.repository.create(sampleCall("call_kept"));
  await hurried.close();
  await expect(kept).resolves.toBeUndefined();
  expect((await deletions).map(({ status }) => status)).toContain("rejected");

  const next = await openClient();
  for (const callId of doomed) expect(await next.repository.get(callId)).toBeNull();
  expect(await next.repository.get("call_kept")).not.toBeNull();
  await next.close();
  for (const name of await readdir(folder)) {
    expect((await readFile(join(folder, name))).includes("apresurada")).toBe(false);
  }
});
