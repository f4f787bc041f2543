import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "libsql";
import { z } from "zod";
import { CallError } from "../call/errors.ts";
import type { Logger } from "../call/ports.ts";
import { createDatabaseFolder, databasePathOf } from "./database-url.ts";

export interface MigrateOptions {
  readonly databaseUrl: string;
  /** Holds one folder per migration, applied in the order of their names: `prisma/sqlite/migrations`. */
  readonly migrationsFolder: string;
  readonly logger: Logger;
}

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** How long a server waits for another one that is migrating the same database. */
const busyTimeoutMs = 30_000;

/** As Prisma's own `migrate` creates it, so that either can go on where the other stopped. */
const historyTable = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "checksum" TEXT NOT NULL,
  "finished_at" DATETIME,
  "migration_name" TEXT NOT NULL,
  "logs" TEXT,
  "rolled_back_at" DATETIME,
  "started_at" DATETIME NOT NULL DEFAULT current_timestamp,
  "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0
)`;

const historySchema = z.array(
  z.object({
    migration_name: z.string(),
    checksum: z.string(),
    finished_at: z.union([z.string(), z.number()]).nullable(),
    rolled_back_at: z.union([z.string(), z.number()]).nullable(),
  }),
);

/**
 * Brings the database up to the newest migration; creates it, and its folder, where there is none.
 * Returns the names of those applied now. Throws `CallError("storage_failed")` when an applied migration was
 * edited since, is unknown, or did not finish, and when the database cannot be opened.
 */
export async function migrateDatabase(options: MigrateOptions): Promise<readonly string[]> {
  const path = databasePathOf(options.databaseUrl);
  const migrations = await readMigrations(options.migrationsFolder);
  try {
    await createDatabaseFolder(path);
    const database = new Database(path);
    try {
      return applyMissing(database, migrations, options.logger);
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof CallError) throw error;
    throw new CallError("storage_failed", "The database could not be prepared.", { cause: error });
  }
}

async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, "migration.sql"), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

function applyMissing(
  database: Database.Database,
  migrations: readonly Migration[],
  logger: Logger,
): readonly string[] {
  // In this order: the wait must be in force before WAL is asked for, which needs the file to itself, and
  // foreign keys cannot be switched within a transaction, where redefined tables would drop their parents.
  database.exec(`PRAGMA busy_timeout = ${String(busyTimeoutMs)}`);
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA secure_delete = ON");
  database.exec("PRAGMA foreign_keys = OFF");
  database.exec("BEGIN IMMEDIATE");
  try {
    database.exec(historyTable);
    const missing = missingMigrations(database, migrations);
    for (const migration of missing) {
      database.exec(migration.sql);
      recordApplied(database, migration);
      logger.info({ migration: migration.name }, "database migration applied");
    }
    const violations = database.prepare("PRAGMA foreign_key_check").all();
    if (violations.length > 0) {
      throw new CallError("storage_failed", "The migrations leave rows without their parents.");
    }
    database.exec("COMMIT");
    return missing.map((migration) => migration.name);
  } catch (error) {
    if (database.inTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function missingMigrations(
  database: Database.Database,
  migrations: readonly Migration[],
): readonly Migration[] {
  const history = historySchema.parse(
    database
      .prepare('SELECT migration_name, checksum, finished_at, rolled_back_at FROM "_prisma_migrations"')
      .all()
      .map((row) => ({ ...(row as object) })),
  );
  const byName = new Map(migrations.map((migration) => [migration.name, migration]));
  const applied = new Set<string>();
  for (const row of history) {
    if (row.rolled_back_at !== null) continue;
    const migration = byName.get(row.migration_name);
    const refuse = (reason: string) =>
      new CallError("storage_failed", `Database migration ${row.migration_name} ${reason}.`);
    if (row.finished_at === null) throw refuse("did not finish: restore the database from a copy");
    if (migration === undefined) throw refuse("is unknown: the database belongs to a newer version");
    if (migration.checksum !== row.checksum) throw refuse("was edited after it had been applied");
    applied.add(row.migration_name);
  }
  return migrations.filter((migration) => !applied.has(migration.name));
}

function recordApplied(database: Database.Database, migration: Migration): void {
  database
    .prepare(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES (?, ?, ?, current_timestamp, current_timestamp, 1)`,
    )
    .run(randomUUID(), migration.checksum, migration.name);
}
