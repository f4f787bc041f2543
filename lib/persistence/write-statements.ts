import { CallError } from "../call/errors.ts";
import type { CallRecord, CallWrite } from "../call/stored-call.ts";
import type { FeedbackVerdict } from "../contract/client-messages.ts";
import {
  callColumnsOf,
  eventRow,
  insightRow,
  objectionRow,
  segmentRow,
  suggestionRow,
  type ColumnValue,
} from "./call-rows.ts";
import type { Database } from "./database.ts";
import {
  indexCompletedCall,
  indexLiveLines,
  indexLiveTitle,
  unindexLiveLines,
  unindexLiveTitle,
} from "./search-index.ts";
import { takeOutOfEvents } from "./taken-out-rows.ts";

/** `position` = start in milliseconds × this + a number that tells calls of one millisecond apart. */
export const positionsPerMs = 1024;

const insertSegments = `
  INSERT INTO segments (call_id, segment_id, revision, speaker, voice, ts_ms, end_ms, text, confidence, words_json)
  SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
         value ->> 7, value ->> 8
  FROM json_each(?) WHERE true
  ON CONFLICT (call_id, segment_id) DO UPDATE SET
    revision = excluded.revision, speaker = excluded.speaker, voice = excluded.voice, ts_ms = excluded.ts_ms,
    end_ms = excluded.end_ms, text = excluded.text, confidence = excluded.confidence,
    words_json = excluded.words_json
  RETURNING id, text`;

const insertObjections = `
  INSERT OR REPLACE INTO objections (call_id, objection_id, segment_id, speaker, ts_ms, type, text,
    evidence_json, confidence, source, status, repeat_of, latency_ms)
  SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
         value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11
  FROM json_each(?)`;

/** A card that was whole and has other words now is another reply. */
const isExchanged = "status = 'final' AND (excluded.text <> text OR excluded.source <> source)";

/** A verdict stays when the suggestion is written again without one, unless it was on another reply. */
const insertSuggestions = `
  INSERT INTO suggestions (call_id, suggestion_id, objection_id, ts_ms, type, text, source, playbook_entry,
    status, latency_ms, feedback)
  SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
         value ->> 7, value ->> 8, value ->> 9
  FROM json_each(?) WHERE true
  ON CONFLICT (call_id, suggestion_id) DO UPDATE SET
    objection_id = excluded.objection_id, ts_ms = excluded.ts_ms, type = excluded.type, text = excluded.text,
    source = excluded.source, playbook_entry = excluded.playbook_entry, status = excluded.status,
    latency_ms = excluded.latency_ms,
    feedback = coalesce(excluded.feedback, CASE WHEN ${isExchanged} THEN NULL ELSE feedback END),
    said_segment = CASE WHEN ${isExchanged} THEN NULL ELSE said_segment END,
    said_similarity = CASE WHEN ${isExchanged} THEN NULL ELSE said_similarity END`;

const insertInsights = `
  INSERT OR REPLACE INTO insights (call_id, insight_id, kind, segment_id, ts_ms, payload_json)
  SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?)`;

/** A number once sent is never used for another event: the first one stays. */
const insertEvents = `
  INSERT OR IGNORE INTO call_events (call_id, seq, type, payload_json)
  SELECT ?, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)`;

/** Asked at every write: a query of the client's own costs several times as much as the write. */
const selectCall =
  "SELECT position, search_state FROM calls WHERE call_id = ? AND search_state <> 'deleting'";

/** Callers hold a transaction. */
export async function insertCall(database: Database, call: CallRecord): Promise<void> {
  const first = BigInt(call.startedAtMs) * BigInt(positionsPerMs);
  const newest = await database.call.findFirst({
    where: { position: { gte: first, lt: first + BigInt(positionsPerMs) } },
    select: { position: true },
    orderBy: { position: "desc" },
  });
  const position = newest === null ? first : newest.position + 1n;
  if (position >= first + BigInt(positionsPerMs)) {
    throw new CallError("storage_failed", "Too many calls were started in one millisecond.");
  }
  const columns: readonly (readonly [string, ColumnValue])[] = [
    ...callColumnsOf(call),
    ["position", position],
    ["search_state", call.status === "completed" ? "indexed" : "live"],
  ];
  await database.$executeRawUnsafe(
    `INSERT INTO calls (${columns.map(([name]) => name).join(", ")})
     VALUES (${columns.map(() => "?").join(", ")})`,
    ...columns.map(([, value]) => value),
  );
  if (call.status === "completed") await indexCompletedCall(database, position);
  else await indexLiveTitle(database, position);
}

export interface Applied {
  /** The call was completed by this write: its lines may be taken out of the live index. */
  readonly settling: boolean;
  /** Words were taken out that are still in the files until a pass over them. */
  readonly takenOut: boolean;
}

/**
 * Callers hold a transaction. Throws `CallError("call_not_found")`.
 */
export async function applyWrite(database: Database, write: CallWrite): Promise<Applied> {
  const { callId, changes } = write;
  const [call] = await database.$queryRawUnsafe<{ position: number | bigint; search_state: SearchState }[]>(
    selectCall,
    callId,
  );
  if (call === undefined) throw new CallError("call_not_found", "There is no such call.");
  const position = BigInt(call.position);
  const columns = callColumnsOf(changes);
  if (columns.length > 0) {
    await database.$executeRawUnsafe(
      `UPDATE calls SET ${columns.map(([name]) => `${name} = ?`).join(", ")} WHERE call_id = ?`,
      ...columns.map(([, value]) => value),
      callId,
    );
  }
  const lines =
    write.segments.length === 0
      ? []
      : await database.$queryRawUnsafe<{ id: number | bigint; text: string }[]>(
          insertSegments,
          callId,
          JSON.stringify(write.segments.map(segmentRow)),
        );
  await insertRows(database, insertObjections, callId, write.objections.map(objectionRow));
  await insertRows(database, insertSuggestions, callId, write.suggestions.map(suggestionRow));
  for (const { suggestionId, segmentId, similarity } of write.said ?? []) {
    await database.$executeRawUnsafe(
      "UPDATE suggestions SET said_segment = ?, said_similarity = ? WHERE call_id = ? AND suggestion_id = ?",
      segmentId,
      similarity,
      callId,
      suggestionId,
    );
  }
  await insertRows(database, insertInsights, callId, (write.insights ?? []).map(insightRow));
  await insertRows(database, insertEvents, callId, write.events.map(eventRow));
  const takenOut = write.takenOut !== undefined;
  if (takenOut) await takeOutOfEvents(database, write);

  const renamed = changes.title !== undefined || changes.customer !== undefined;
  if (call.search_state !== "live") {
    if (!renamed && lines.length === 0) return { settling: false, takenOut };
    await indexCompletedCall(database, position);
    if (call.search_state === "settling") {
      // What is still in the live index would be found as it was.
      await unindexLiveTitle(database, position);
      await unindexLiveLines(
        database,
        lines.map((line) => Number(line.id)),
      );
    }
    return { settling: false, takenOut };
  }
  if (changes.status === "completed") {
    await indexCompletedCall(database, position);
    await setSearchState(database, callId, "settling");
    return { settling: true, takenOut };
  }
  if (renamed) await indexLiveTitle(database, position);
  await indexLiveLines(
    database,
    position,
    lines.map((line) => ({ id: Number(line.id), text: line.text })),
  );
  return { settling: false, takenOut };
}

async function insertRows(
  database: Database,
  statement: string,
  callId: string,
  rows: readonly (readonly ColumnValue[])[],
): Promise<void> {
  if (rows.length > 0) await database.$executeRawUnsafe(statement, callId, JSON.stringify(rows));
}

type SearchState = "live" | "settling" | "indexed" | "deleting";

async function setSearchState(database: Database, callId: string, state: SearchState): Promise<void> {
  await database.$executeRawUnsafe("UPDATE calls SET search_state = ? WHERE call_id = ?", state, callId);
}

export async function applyFeedback(
  database: Database,
  callId: string,
  suggestionId: string,
  verdict: FeedbackVerdict,
): Promise<boolean> {
  const changed = await database.$executeRawUnsafe(
    `UPDATE suggestions SET feedback = ? WHERE call_id = ? AND suggestion_id = ?
       AND EXISTS (SELECT 1 FROM calls WHERE calls.call_id = suggestions.call_id AND search_state <> 'deleting')`,
    verdict,
    callId,
    suggestionId,
  );
  return changed > 0;
}
