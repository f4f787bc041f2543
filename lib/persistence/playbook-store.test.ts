import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MemoryPlaybooks } from "../call/testing/memory-playbooks.ts";
import { migrateDatabase } from "./migrate.ts";
import { describePlaybookStore, samplePlaybook } from "./playbook-store.conformance.ts";
import { createRepositoryClient, type RepositoryClient } from "./repository-client.ts";
import { sampleCall, sampleSuggestion, sampleWrite } from "./sample-calls.ts";
import { keptLog, migrationsFolder, storeWorker, systemClock } from "./test-platform.ts";

async function openClient(databaseUrl: string): Promise<RepositoryClient> {
  const logger = keptLog([]);
  await migrateDatabase({ databaseUrl, migrationsFolder, logger });
  const client = createRepositoryClient({ ...storeWorker, databaseUrl, clock: systemClock, logger });
  await client.ready;
  return client;
}

describePlaybookStore("playbooks in memory", () => {
  const store = new MemoryPlaybooks();
  return Promise.resolve({
    store,
    restart: () => Promise.resolve(store),
    close: () => Promise.resolve(),
  });
});

describePlaybookStore("playbooks on the storage workers", async () => {
  const folder = await mkdtemp(join(tmpdir(), "playbooks-"));
  let client = await openClient(`file:${folder}/coach.db`);
  return {
    store: client.playbooks,
    async restart() {
      await client.close();
      client = await openClient(`file:${folder}/coach.db`);
      return client.playbooks;
    },
    async close() {
      await client.close();
      await rm(folder, { recursive: true });
    },
  };
});

describe("playbooks beside calls", () => {
  let folder: string;
  let client: RepositoryClient;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "playbooks-"));
    client = await openClient(`file:${folder}/coach.db`);
  });
  afterAll(async () => {
    await client.close();
    await rm(folder, { recursive: true });
  });

  test("what became of each reply is counted: said or used, dismissed, wrong, or passed over", async () => {
    const { repository, playbooks } = client;
    const callId = "call_outcomes1";
    await repository.create(sampleCall(callId, { playbook: "mine", startedAtMs: 2_000_000 }));
    await repository.create(sampleCall("call_outcomes2", { playbook: "other", startedAtMs: 2_000_000 }));
    const shown = (id: string, playbookEntry: string, more = {}) =>
      sampleSuggestion(id, { playbookEntry, ...more });
    await repository.write(
      sampleWrite(callId, {
        suggestions: [
          shown("g1", "a/1"),
          shown("g2", "a/1"),
          shown("g3", "a/1"),
          shown("g4", "a/2"),
          shown("g5", "a/2", { status: "withdrawn" }),
          shown("g6", "a/2", { source: "llm" }),
        ],
      }),
    );
    await repository.write(sampleWrite("call_outcomes2", { suggestions: [shown("g1", "a/1")] }));
    await repository.setFeedback(callId, "g1", "used");
    await repository.setFeedback(callId, "g3", "wrong");
    const heard = { segmentId: "s9", similarity: 0.8 };
    await repository.write(
      sampleWrite(callId, { said: ["g2", "g3"].map((suggestionId) => ({ suggestionId, ...heard })) }),
    );
    expect(await playbooks.replyOutcomes("mine", 1_000_000)).toEqual({
      // What the rep says of a card counts more than what was heard.
      "a/1": { shown: 3, used: 2, said: 2, dismissed: 0, wrong: 1 },
      "a/2": { shown: 1, used: 0, said: 0, dismissed: 0, wrong: 0 },
    });
    expect(await playbooks.replyOutcomes("mine", 3_000_000)).toEqual({});

    // Written again by a confirmation, it keeps what was heard.
    await repository.write(sampleWrite(callId, { suggestions: [shown("g2", "a/1", { latencyMs: 7 })] }));
    const stored = await repository.load(callId);
    expect(stored?.suggestions.find(({ suggestionId }) => suggestionId === "g2")).toMatchObject({
      latencyMs: 7,
      feedback: null,
      said: heard,
    });
  });

  test("a version can be neither changed nor removed, whoever has the database", async () => {
    const save = { origin: "created", restoredFrom: null, savedAtMs: 0, savedBy: "", basedOn: null } as const;
    await client.playbooks.savePlaybook({ ...save, playbook: samplePlaybook("sealed") });
    const database = new Database(`${folder}/coach.db`);
    try {
      expect(() => database.exec("UPDATE playbook_versions SET body_json = '{}'")).toThrow(/not changed/u);
      expect(() => database.exec("DELETE FROM playbook_versions")).toThrow(/not removed/u);
    } finally {
      database.close();
    }
  });
});
