import type { ClockSeen } from "../call/privacy-ports.ts";
import type { Database } from "./database.ts";

/** Both halves are ranges of one index. Calls being deleted already are not counted again. */
const isExpired = `
  (ended_at_ms < ?1 OR (ended_at_ms IS NULL AND started_at_ms < ?1)) AND search_state <> 'deleting'`;

export async function expiredCalls(
  database: Database,
  beforeMs: number,
  limit: number,
  except: readonly string[],
): Promise<readonly string[]> {
  const rows = await database.$queryRawUnsafe<{ call_id: string }[]>(
    `SELECT call_id FROM calls WHERE ${isExpired} AND call_id NOT IN (SELECT value FROM json_each(?2)) LIMIT ?3`,
    BigInt(Math.floor(beforeMs)),
    JSON.stringify(except),
    limit,
  );
  return rows.map((row) => row.call_id);
}

export async function countExpired(
  database: Database,
  beforeMs: number,
): Promise<{ readonly calls: number; readonly expired: number }> {
  const [row] = await database.$queryRawUnsafe<{ calls: number | bigint; expired: number | bigint }[]>(
    `SELECT (SELECT count(*) FROM calls WHERE search_state <> 'deleting') AS calls,
            (SELECT count(*) FROM calls WHERE ${isExpired}) AS expired`,
    BigInt(Math.floor(beforeMs)),
  );
  return { calls: Number(row?.calls ?? 0), expired: Number(row?.expired ?? 0) };
}

export async function clockSeen(database: Database): Promise<ClockSeen | null> {
  const row = await database.serverClock.findUnique({ where: { id: 1 } });
  return row === null ? null : { seenAtMs: Number(row.seenAtMs), heldMs: Number(row.heldMs) };
}

/** Callers hold a transaction. */
export async function saveClockSeen(database: Database, seen: ClockSeen): Promise<void> {
  await database.$executeRawUnsafe(
    "INSERT OR REPLACE INTO server_clock (id, seen_at_ms, held_ms) VALUES (1, ?, ?)",
    BigInt(Math.floor(seen.seenAtMs)),
    BigInt(Math.floor(seen.heldMs)),
  );
}
