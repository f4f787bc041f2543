import { existsSync } from "node:fs";
import { CallError } from "../call/errors.ts";
import type { AuditEntry, AuditQuery } from "../call/privacy-ports.ts";
import { auditEntries } from "./audit-rows.ts";
import { openDatabase } from "./database.ts";
import { databasePathOf } from "./database-url.ts";

const pageEntries = 500;

/**
 * The audit log of a database, newest first, also while a server works on it; nothing is written.
 * Throws `CallError("storage_failed")` when there is no database, or none of this version.
 */
export async function* readAuditLog(
  databaseUrl: string,
  query: Pick<AuditQuery, "callId" | "sinceMs">,
): AsyncGenerator<AuditEntry> {
  const path = databasePathOf(databaseUrl);
  if (!existsSync(path)) throw new CallError("storage_failed", `There is no database at ${path}.`);
  const database = await openDatabase(path, "read");
  try {
    let beforeId: number | null = null;
    do {
      const page: Awaited<ReturnType<typeof auditEntries>> = await auditEntries(database, {
        ...query,
        beforeId,
        limit: pageEntries,
      });
      yield* page;
      beforeId = page.at(-1)?.id ?? null;
    } while (beforeId !== null);
  } catch (error) {
    if (error instanceof CallError) throw error;
    throw new CallError("storage_failed", "The audit log could not be read: has this server run once?", {
      cause: error,
    });
  } finally {
    await database.$disconnect();
  }
}
