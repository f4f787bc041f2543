import type { AuditActor, AuditEntry, AuditQuery } from "../call/privacy-ports.ts";
import type { AuditAction } from "../contract/vocabulary.ts";
import type { Database } from "./database.ts";

/** Callers hold a transaction. */
export async function insertAudit(database: Database, entries: readonly AuditEntry[]): Promise<void> {
  const rows = entries.map(({ atMs, principal, action, callId, detail }) => [
    Math.floor(atMs),
    principal.id,
    principal.name,
    principal.role,
    action,
    callId,
    detail === undefined ? null : JSON.stringify(detail),
  ]);
  await database.$executeRawUnsafe(
    `INSERT INTO audit_log (at_ms, principal_id, principal_name, principal_role, action, call_id, detail_json)
     SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
     FROM json_each(?)`,
    JSON.stringify(rows),
  );
}

interface AuditRow {
  readonly id: number | bigint;
  readonly at_ms: number | bigint;
  readonly principal_id: string;
  readonly principal_name: string;
  readonly principal_role: string;
  readonly action: string;
  readonly call_id: string | null;
  readonly detail_json: string | null;
}

export async function auditEntries(
  database: Database,
  { callId, sinceMs, beforeId, limit }: AuditQuery,
): Promise<readonly (AuditEntry & { readonly id: number })[]> {
  // A socket knows the id of its token's bearer; the name stands where the token was issued.
  const rows = await database.$queryRawUnsafe<AuditRow[]>(
    `SELECT id, at_ms, principal_id, principal_role, action, call_id, detail_json,
            CASE principal_name WHEN '' THEN coalesce(
              (SELECT o.principal_name FROM audit_log o WHERE o.call_id = a.call_id
                 AND o.principal_id = a.principal_id AND o.principal_name <> '' ORDER BY o.id DESC LIMIT 1), '')
            ELSE principal_name END AS principal_name
     FROM audit_log a
     WHERE ${callId === null ? "(?1 IS NULL)" : "call_id = ?1"} AND id < ?2 AND at_ms >= ?3
     ORDER BY id DESC LIMIT ?4`,
    callId,
    beforeId ?? Number.MAX_SAFE_INTEGER,
    BigInt(Math.floor(sinceMs ?? 0)),
    limit,
  );
  // The rows were written by this product from checked values; they are trusted when they come back.
  return rows.map((row) => ({
    id: Number(row.id),
    atMs: Number(row.at_ms),
    principal: {
      id: row.principal_id,
      name: row.principal_name,
      role: row.principal_role as AuditActor["role"],
    },
    action: row.action as AuditAction,
    callId: row.call_id,
    ...(row.detail_json === null
      ? {}
      : { detail: JSON.parse(row.detail_json) as Readonly<Record<string, string>> }),
  }));
}

/** Callers hold a transaction. The log is cut at its old end only: a trigger sees to that. */
export async function trimAudit(database: Database, beforeMs: number, limit: number): Promise<number> {
  return database.$executeRawUnsafe(
    `DELETE FROM audit_log WHERE id IN (SELECT id FROM audit_log ORDER BY id LIMIT ?2)
       AND id < coalesce((SELECT min(id) FROM audit_log WHERE at_ms >= ?1), ${String(Number.MAX_SAFE_INTEGER)})`,
    BigInt(Math.floor(beforeMs)),
    limit,
  );
}
