import { CallError } from "../call/errors.ts";
import type { CallSearch } from "../call/ports.ts";
import type { Database } from "./database.ts";
import { searchTerms } from "./search-words.ts";
import { positionsPerMs } from "./write-statements.ts";

export interface FoundPage {
  /** Newest first. */
  readonly positions: readonly bigint[];
  readonly nextCursor: string | null;
}

type Parameter = string | number | bigint;

/** Where a page begins and which calls may be on it, on `calls c`. */
interface Filter {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
}

/**
 * The calls of one page. Both sources are walked by descending position, so that a word that nearly every
 * call has costs no more than a page of calls: nothing is ranked or sorted.
 */
export async function findPositions(database: Database, search: CallSearch): Promise<FoundPage> {
  const filter = filterOf(search);
  const terms = search.query === null ? [] : searchTerms(search.query);
  const wanted = search.limit + 1;
  const found =
    terms.length === 0
      ? await positions(
          database,
          `SELECT c.position FROM calls c WHERE ${filter.sql}`,
          filter.parameters,
          wanted,
        )
      : await matching(database, terms, filter, wanted);
  const shown = found.slice(0, search.limit);
  const last = shown.at(-1);
  return {
    positions: shown,
    nextCursor: found.length < wanted || last === undefined ? null : cursorAt(last),
  };
}

async function matching(
  database: Database,
  terms: readonly string[],
  filter: Filter,
  wanted: number,
): Promise<readonly bigint[]> {
  // CROSS JOIN keeps the order of the tables: matches first, newest first, then their calls.
  const completed = await positions(
    database,
    `SELECT c.position FROM call_search s CROSS JOIN calls c ON c.position = s.rowid
     WHERE s.call_search MATCH ? AND s.rowid < ? AND ${filter.sql}`,
    [terms.join(" "), filter.parameters[0] ?? 0n, ...filter.parameters],
    wanted,
    "s.rowid",
  );
  const live = await positions(
    database,
    `SELECT c.position FROM calls c WHERE c.position IN
       (${terms.map(() => "SELECT position FROM live_search WHERE live_search MATCH ?").join(" INTERSECT ")})
     AND ${filter.sql}`,
    [...terms, ...filter.parameters],
    wanted,
  );
  // A call that has just been completed is in both for a moment.
  return [...new Set([...completed, ...live])].sort((a, b) => (a < b ? 1 : -1)).slice(0, wanted);
}

async function positions(
  database: Database,
  sql: string,
  parameters: readonly Parameter[],
  limit: number,
  order = "c.position",
): Promise<readonly bigint[]> {
  const rows = await database.$queryRawUnsafe<{ position: bigint | number }[]>(
    `${sql} ORDER BY ${order} DESC LIMIT ?`,
    ...parameters,
    limit,
  );
  return rows.map((row) => BigInt(row.position));
}

const endOfTime = 2n ** 62n;

/** Its first parameter is always the position that every call of the page lies before. */
function filterOf(search: CallSearch): Filter {
  const clauses = ["c.position < ?", "c.search_state <> 'deleting'"];
  let before = search.cursor === null ? endOfTime : positionOf(search.cursor);
  const parameters: Parameter[] = [];
  if (search.toMs !== null) {
    const end = (BigInt(Math.floor(search.toMs)) + 1n) * BigInt(positionsPerMs);
    if (end < before) before = end;
  }
  if (search.fromMs !== null) {
    clauses.push("c.position >= ?");
    parameters.push(BigInt(Math.ceil(search.fromMs)) * BigInt(positionsPerMs));
  }
  if (search.ownerId !== null) {
    clauses.push("c.owner_id = ?");
    parameters.push(search.ownerId);
  }
  if (search.status !== null) {
    clauses.push("c.status = ?");
    parameters.push(search.status);
  }
  if (search.objection !== null) {
    clauses.push(
      "EXISTS (SELECT 1 FROM objections o WHERE o.call_id = c.call_id AND o.status = 'confirmed' AND o.type = ?)",
    );
    parameters.push(search.objection);
  }
  return { sql: clauses.join(" AND "), parameters: [before, ...parameters] };
}

const cursorPattern = /^c1\.([0-9a-z]{1,12})$/;

/** Opaque to callers: the position of the last call of a page. Calls that come later do not move it. */
function cursorAt(position: bigint): string {
  return Buffer.from(`c1.${position.toString(36)}`).toString("base64url");
}

function positionOf(cursor: string): bigint {
  const [, digits] = cursorPattern.exec(Buffer.from(cursor, "base64url").toString("latin1")) ?? [];
  let position = 0n;
  for (const digit of digits ?? "") position = position * 36n + BigInt(Number.parseInt(digit, 36));
  // What decodes must also be what we would have written.
  if (digits === undefined || cursorAt(position) !== cursor) {
    throw new CallError("malformed", "The cursor is not one of ours.", {
      issues: [{ path: "cursor", message: "is not one that a list of calls gave" }],
    });
  }
  return position;
}
