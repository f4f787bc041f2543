import type { Database } from "./database.ts";
import { searchBody, searchWords } from "./search-words.ts";

/**
 * Keeps the two search tables. A call that goes on has a row per line, cheap to add; a completed one has a
 * single row with everything, so that "all words" is one lookup. Callers hold a transaction.
 * What is removed leaves the index (`secure-delete`); the signposts to it are renewed after a removal.
 */

/** Lines of one call that were written, in `live_search`. */
export async function indexLiveLines(
  database: Database,
  position: bigint,
  lines: readonly { readonly id: number; readonly text: string }[],
): Promise<void> {
  if (lines.length === 0) return;
  await unindexLiveLines(
    database,
    lines.map((line) => line.id),
  );
  for (const line of lines) {
    const words = searchWords(line.text);
    if (words.length > 0) await insertLive(database, BigInt(line.id), words.join(" "), position);
  }
}

export async function indexLiveTitle(database: Database, position: bigint): Promise<void> {
  await unindexLiveTitle(database, position);
  const body = await titleBody(database, position);
  if (body !== "") await insertLive(database, -position, body, position);
}

async function insertLive(database: Database, rowid: bigint, body: string, position: bigint): Promise<void> {
  await database.$executeRawUnsafe(
    "INSERT INTO live_search(rowid, body, position) VALUES (?, ?, ?)",
    rowid,
    body,
    position,
  );
}

export async function unindexLiveLines(database: Database, ids: readonly number[]): Promise<void> {
  await database.$executeRawUnsafe(
    "DELETE FROM live_search WHERE rowid IN (SELECT value FROM json_each(?))",
    JSON.stringify(ids),
  );
}

export async function unindexLiveTitle(database: Database, position: bigint): Promise<void> {
  await database.$executeRawUnsafe("DELETE FROM live_search WHERE rowid = ?", -position);
}

/** The one row of a completed call, as its lines, title and customer are now. */
export async function indexCompletedCall(database: Database, position: bigint): Promise<void> {
  const segments = await database.segment.findMany({
    where: { call: { position } },
    select: { text: true },
    orderBy: { id: "asc" },
  });
  const body = [await titleBody(database, position), searchBody(segments.map((segment) => segment.text))];
  await unindexCompletedCall(database, position);
  await database.$executeRawUnsafe(
    "INSERT INTO call_search(rowid, body) VALUES (?, ?)",
    position,
    body.join(" "),
  );
}

export async function unindexCompletedCall(database: Database, position: bigint): Promise<void> {
  await database.$executeRawUnsafe("DELETE FROM call_search WHERE rowid = ?", position);
}

async function titleBody(database: Database, position: bigint): Promise<string> {
  const call = await database.call.findUnique({
    where: { position },
    select: { title: true, customerName: true, customerCompany: true },
  });
  return call === null ? "" : searchBody([call.title, call.customerName, call.customerCompany]);
}
