import { pathToFileURL } from "node:url";
import { PrismaLibSql } from "@prisma/adapter-libsql";
import { PrismaClient } from "./generated/sqlite/client.ts";

export type Database = PrismaClient;

/**
 * One connection. Work on it must come one piece after the other: transactions are begun and ended in SQL,
 * because Prisma's `$transaction` would continue on a new connection without these settings.
 */
export async function openDatabase(databasePath: string, access: "write" | "read"): Promise<Database> {
  const database = new PrismaClient({
    adapter: new PrismaLibSql({ url: pathToFileURL(databasePath).href }),
  });
  const settings = [
    "busy_timeout = 5000",
    "journal_mode = WAL",
    // A commit outlives power loss; commits are grouped, so that this is one flush for many calls.
    "synchronous = FULL",
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

/** All of `run` or nothing; what it reads is one moment. */
export async function inTransaction<T>(
  database: Database,
  mode: "IMMEDIATE" | "DEFERRED",
  run: () => Promise<T>,
): Promise<T> {
  await database.$executeRawUnsafe(`BEGIN ${mode}`);
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
