import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createRepositoryClient } from "./repository-client.ts";
import { keptLog, systemClock, type LogLine } from "./test-platform.ts";

describe("a storage worker that dies", () => {
  test("fails what it was asked with storage_failed, and another takes its place", async () => {
    const folder = await mkdtemp(join(tmpdir(), "repository-"));
    // Answers `get`, and dies of `load`.
    const entry = join(folder, "fragile.mjs");
    await writeFile(
      entry,
      `import { parentPort } from "node:worker_threads";
       parentPort.on("message", ({ id, method }) => {
         if (method === "load") process.exit(7);
         if (method === "close") return parentPort.close();
         if (method === "get") parentPort.postMessage({ kind: "result", id, value: null });
       });
       parentPort.postMessage({ kind: "ready" });`,
    );
    const lines: LogLine[] = [];
    const client = createRepositoryClient({
      workerUrl: new URL(`file://${entry}`),
      databaseUrl: `file:${folder}/coach.db`,
      clock: systemClock,
      logger: keptLog(lines),
    });
    try {
      await client.ready;
      await expect(client.repository.load("call_fatal")).rejects.toMatchObject({
        code: "storage_failed",
        retryable: true,
      });
      expect(await client.repository.get("call_afterwards")).toBeNull();
      expect(lines.map((line) => line.level)).toEqual(["error"]);
    } finally {
      await client.close();
      await rm(folder, { recursive: true });
    }
  });

  test("before it is ready makes the client say so instead of waiting", async () => {
    const client = createRepositoryClient({
      workerUrl: new URL("file:///nowhere/store.mjs"),
      databaseUrl: "file:./never-created.db",
      clock: systemClock,
      logger: keptLog(),
    });
    await expect(client.ready).rejects.toMatchObject({ code: "storage_failed" });
    await client.close();
  });
});
