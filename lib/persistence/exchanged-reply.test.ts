import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { migrateDatabase } from "./migrate.ts";
import { createRepositoryClient } from "./repository-client.ts";
import { sampleCall, sampleSuggestion, sampleWrite } from "./sample-calls.ts";
import { keptLog, migrationsFolder, storeWorker, systemClock } from "./test-platform.ts";

test("what was made of a reply is not of the one that takes its place", async () => {
  const folder = await mkdtemp(join(tmpdir(), "exchanged-"));
  const databaseUrl = `file:${join(folder, "coach.db")}`;
  const logger = keptLog([]);
  await migrateDatabase({ databaseUrl, migrationsFolder, logger });
  const client = createRepositoryClient({ ...storeWorker, databaseUrl, clock: systemClock, logger });
  await client.ready;
  try {
    const { repository } = client;
    const { callId } = sampleCall("call_exchanged");
    await repository.create(sampleCall(callId));
    const reply = sampleSuggestion("g1");
    const write = (changes: Partial<ReturnType<typeof sampleWrite>>): Promise<void> =>
      repository.write(sampleWrite(callId, changes));
    await write({ suggestions: [reply] });
    await write({ said: [{ suggestionId: "g1", segmentId: "s1", similarity: 0.9 }] });
    await repository.setFeedback(callId, "g1", "wrong");
    await write({ suggestions: [{ ...reply, latencyMs: 7 }] });
    expect((await repository.load(callId))?.suggestions).toMatchObject([
      { feedback: "wrong", said: { segmentId: "s1", similarity: 0.9 } },
    ]);

    const exchanged = { ...reply, text: "¿Qué haría falta?", source: "llm" as const, playbookEntry: null };
    await write({ suggestions: [exchanged] });
    expect((await repository.load(callId))?.suggestions).toEqual([exchanged]);
  } finally {
    await client.close();
    await rm(folder, { recursive: true });
  }
});
