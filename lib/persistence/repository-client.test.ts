import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock, Logger } from "../call/ports.ts";
import { describeCallRepository } from "./call-repository.conformance.ts";
import { migrateDatabase } from "./migrate.ts";
import { createRepositoryClient } from "./repository-client.ts";

const clock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};
const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

/** `--import tsx` alone registers nothing within worker threads on Node 20. */
const typescriptLoader = `data:text/javascript,${encodeURIComponent(
  `import { register } from ${JSON.stringify(import.meta.resolve("tsx/esm/api"))}; register();`,
)}`;

async function openClient(databaseUrl: string) {
  const client = createRepositoryClient({
    workerUrl: new URL("../../workers/store.ts", import.meta.url),
    execArgv: ["--import", typescriptLoader],
    databaseUrl,
    clock,
    logger: silent,
  });
  await client.ready;
  return client;
}

describeCallRepository("the repository on two storage workers", async () => {
  const folder = await mkdtemp(join(tmpdir(), "repository-"));
  const databaseUrl = `file:${join(folder, "new folder", "coach.db")}`;
  await migrateDatabase({
    databaseUrl,
    migrationsFolder: new URL("../../prisma/sqlite/migrations", import.meta.url).pathname,
    logger: silent,
  });
  let client = await openClient(databaseUrl);
  return {
    repository: client.repository,
    async restart() {
      await client.close();
      client = await openClient(databaseUrl);
      return client.repository;
    },
    async close() {
      await client.close();
      await rm(folder, { recursive: true });
    },
  };
});
