import { statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { PrismaLibSql } from "@prisma/adapter-libsql";
import { PrismaClient } from "./generated/sqlite/client.ts";

export type Database = PrismaClient;

/**
 * One connection. Work on it must come one piece after the other: transactions are begun and ended in SQL,
 * because Prisma's `$transaction` would continue on a new connection without these settings. Who has the log flushed
 * `behind` commits does so with `createLogFlush`.
 */
export async function openDatabase(
  databasePath: string,
  access: "write" | "read",
  flush: "in commits" | "behind them" = "in commits",
): Promise<Database> {
  const database = new PrismaClient({
    adapter: new PrismaLibSql({ url: pathToFileURL(databasePath).href }),
  });
  const settings = [
    // Whoever asked is told soon, and asks again: only strangers ever hold a lock.
    "busy_timeout = 1000",
    "journal_mode = WAL",
    // Either way a commit outlives the process, and the file is whole after a power loss.
    `synchronous = ${flush === "in commits" ? "FULL" : "NORMAL"}`,
    "foreign_keys = ON",
    // What is deleted is overwritten.
    "secure_delete = ON",
    // What is sorted or undone never reaches a file outside the data folder.
    "temp_store = MEMORY",
    "cache_size = -16000",
    ...(access === "read" ? ["query_only = ON"] : []),
  ];
  try {
    for (const setting of settings) await database.$queryRawUnsafe(`PRAGMA ${setting}`);
  } catch (error) {
    await database.$disconnect();
    throw error;
  }
  return database;
}

/** Nothing of the work was tried: it would be the same for any other. */
export class NotBegunError extends Error {
  override readonly name = "NotBegunError";
}

/** All of `run` or nothing; what it reads is one moment. */
export async function inTransaction<T>(
  database: Database,
  mode: "IMMEDIATE" | "DEFERRED",
  run: () => Promise<T>,
): Promise<T> {
  try {
    await database.$executeRawUnsafe(`BEGIN ${mode}`);
  } catch (cause) {
    throw new NotBegunError("The transaction could not be begun.", { cause });
  }
  try {
    const result = await run();
    await database.$executeRawUnsafe("COMMIT");
    return result;
  } catch (error) {
    // SQLite has rolled back by itself after some faults, such as a full disk.
    await database.$executeRawUnsafe("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/**
 * Throws when the file that is open now has been moved, removed or replaced: SQLite would go on writing to
 * it and call that durable. Not asynchronous: on a thread of the database's own a look takes microseconds, and in the
 * pool that all files share it would wait behind the flushes of the recordings.
 */
export function watchPlace(databasePath: string): () => void {
  const opened = statSync(databasePath);
  return () => {
    let found: ReturnType<typeof statSync>;
    try {
      found = statSync(databasePath);
    } catch (cause) {
      throw new NotBegunError("SQLITE_CANTOPEN: the file of the database is not there.", { cause });
    }
    if (found.ino !== opened.ino || found.dev !== opened.dev) {
      throw new NotBegunError(
        "SQLITE_CANTOPEN: another file is in the place of the database; restart the server.",
      );
    }
  };
}
