import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "./database.ts";
import { StepSize } from "./step-size.ts";
import type { RunStep } from "./turns.ts";
import { unindexCompletedCall, unindexLiveLines, unindexLiveTitle } from "./search-index.ts";

/** Rows removed in one transaction, so that lines of live calls are written in between. */
const [fewestRows, mostRows] = [20, 80];
const truncateTries = 200;
const truncatePauseMs = 25;

/** False: there is no such call. From then on the call is unknown to everyone, even after a restart. */
export function markForRemoval(database: Database, step: RunStep, callId: string): Promise<boolean> {
  return step(async () => {
    const changed = await database.$executeRawUnsafe(
      "UPDATE calls SET search_state = 'deleting' WHERE call_id = ? AND search_state <> 'deleting'",
      callId,
    );
    if (changed > 0) await noteTraces(database, true);
    return changed > 0;
  });
}

/** Kept in the database itself, so that a process that dies leaves word for the next one. */
export async function noteTraces(database: Database, traces: boolean): Promise<void> {
  await database.$executeRawUnsafe(`PRAGMA user_version = ${traces ? "1" : "0"}`);
}

/** Removes a marked call, index entries first: they are found by its rows. */
export async function removeMarkedCall(database: Database, step: RunStep, callId: string): Promise<void> {
  const call = await step(() => database.call.findUnique({ where: { callId }, select: { position: true } }));
  if (call === null) return;
  await step(() => unindexCompletedCall(database, call.position));
  await unindexAllLines(database, step, callId, call.position, true);
  const rows = new StepSize(fewestRows, mostRows);
  for (const table of ["call_events", "insights", "suggestions", "objections"]) {
    for (let removed = 1; removed > 0;) {
      removed = await step(() =>
        rows.run((size) =>
          database.$executeRawUnsafe(
            `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE call_id = ? LIMIT ${String(size)})`,
            callId,
          ),
        ),
      );
    }
  }
  await step(() => database.$executeRawUnsafe("DELETE FROM calls WHERE call_id = ?", callId));
}

/** A completed call is found by its one row: its lines leave the live index. */
export async function settleCompletedCall(database: Database, step: RunStep, callId: string): Promise<void> {
  const call = await step(() =>
    database.call.findUnique({
      where: { callId, searchState: "settling" },
      select: { position: true },
    }),
  );
  if (call === null) return;
  await unindexAllLines(database, step, callId, call.position, false);
  await step(() =>
    database.$executeRawUnsafe(
      "UPDATE calls SET search_state = 'indexed' WHERE call_id = ? AND search_state = 'settling'",
      callId,
    ),
  );
}

async function unindexAllLines(
  database: Database,
  step: RunStep,
  callId: string,
  position: bigint,
  removeRows: boolean,
): Promise<void> {
  await step(() => unindexLiveTitle(database, position));
  const lines = new StepSize(fewestRows, mostRows);
  for (let lastId: number | null = 0; lastId !== null;) {
    const after: number = lastId;
    const unindexSome = async (size: number): Promise<number | null> => {
      const segments = await database.segment.findMany({
        where: { callId, id: { gt: after } },
        select: { id: true },
        orderBy: { id: "asc" },
        take: size,
      });
      const ids = segments.map((segment) => segment.id);
      await unindexLiveLines(database, ids);
      if (removeRows) {
        await database.$executeRawUnsafe(
          "DELETE FROM segments WHERE id IN (SELECT value FROM json_each(?))",
          JSON.stringify(ids),
        );
      }
      return ids.at(-1) ?? null;
    };
    lastId = await step(() => lines.run(unindexSome));
  }
}

export interface Leftovers {
  /** Calls whose removal or settling an earlier process left half done. */
  readonly calls: readonly { readonly callId: string; readonly searchState: string }[];
  /** Rows were removed whose traces may still be in the files. */
  readonly traces: boolean;
}

export async function leftovers(database: Database): Promise<Leftovers> {
  const calls = await database.call.findMany({
    where: { searchState: { in: ["deleting", "settling"] } },
    select: { callId: true, searchState: true },
  });
  const rows = await database.$queryRawUnsafe<{ user_version: number | bigint }[]>("PRAGMA user_version");
  return { calls, traces: Number(rows[0]?.user_version ?? 0) !== 0 };
}

/**
 * Empties the write-ahead log, which still holds what was deleted. A reader in the middle of a snapshot puts
 * it off; live calls are written in between. False: still put off.
 */
export async function truncateLog(database: Database, exclusively: RunStep): Promise<boolean> {
  for (let tries = 0; tries < truncateTries; tries++) {
    const busy = await exclusively(async () => {
      await database.$queryRawUnsafe("PRAGMA busy_timeout = 5");
      try {
        const rows = await database.$queryRawUnsafe<{ busy: number | bigint }[]>(
          "PRAGMA wal_checkpoint(TRUNCATE)",
        );
        return Number(rows[0]?.busy ?? 0) !== 0;
      } finally {
        await database.$queryRawUnsafe("PRAGMA busy_timeout = 5000");
      }
    });
    if (!busy) return true;
    await sleep(truncatePauseMs);
  }
  return false;
}
