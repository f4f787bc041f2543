import type { Database } from "./database.ts";
import { StepSize } from "./step-size.ts";
import type { RunStep } from "./turns.ts";

/** Signposts looked at in one transaction. */
const [fewestSignposts, mostSignposts] = [32, 128];

interface Signpost {
  readonly segid: number | bigint;
  readonly term: Uint8Array;
  readonly pgno: number | bigint;
}

/**
 * The search index finds the page of a word by signposts: the first letters of the first word of each page, as
 * many as tell it from its neighbour. `secure-delete` takes a word off its page but leaves the signpost that was
 * made of it. Those are made anew here from the word that is first now; those of pages that are gone go, too.
 * Layout of the index: comments of https://www.sqlite.org/src/file/ext/fts5/fts5_index.c
 */
export async function renewSignposts(database: Database, step: RunStep): Promise<void> {
  const steps = new StepSize(fewestSignposts, mostSignposts);
  for (const table of ["call_search", "live_search"]) {
    let last: Signpost | null = null;
    do {
      const after: Signpost | null = last;
      last = await step(() => steps.run((size) => renewSome(database, table, after, size)));
    } while (last !== null);
  }
}

/** Returns the last signpost looked at, null at the end. */
async function renewSome(
  database: Database,
  table: string,
  after: Signpost | null,
  size: number,
): Promise<Signpost | null> {
  const signposts = await database.$queryRawUnsafe<Signpost[]>(
    `SELECT segid, term, pgno FROM ${table}_idx WHERE (segid, term) > (?, ?) ORDER BY segid, term LIMIT ${String(size)}`,
    after?.segid ?? -1,
    after?.term ?? new Uint8Array(0),
  );
  const pages = await database.$queryRawUnsafe<{ id: number | bigint; block: Uint8Array }[]>(
    `SELECT id, block FROM ${table}_data WHERE id IN (SELECT value FROM json_each(?))`,
    `[${signposts.map((signpost) => String(pageId(signpost))).join(",")}]`,
  );
  const blocks = new Map(pages.map(({ id, block }) => [BigInt(id), block]));
  for (const signpost of signposts) {
    const block = blocks.get(pageId(signpost));
    if (block === undefined) {
      await database.$executeRawUnsafe(
        `DELETE FROM ${table}_idx WHERE segid = ? AND term = ?`,
        signpost.segid,
        signpost.term,
      );
      continue;
    }
    const word = firstTerm(block);
    if (word === null || startsWith(word, signpost.term)) continue;
    await database.$executeRawUnsafe(
      `UPDATE ${table}_idx SET term = ? WHERE segid = ? AND term = ?`,
      word,
      signpost.segid,
      signpost.term,
    );
  }
  return signposts.at(-1) ?? null;
}

/** `segid << 37 | page`; the lowest bit of `pgno` says something else. */
function pageId({ segid, pgno }: Signpost): bigint {
  return (BigInt(segid) << 37n) + (BigInt(pgno) >> 1n);
}

/** The word that a page of the index begins with, in full; null for a page without the beginning of any. */
export function firstTerm(page: Uint8Array): Uint8Array | null {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  const contentBytes = view.getUint16(2);
  if (contentBytes >= page.byteLength) return null;
  const [at] = varint(page, contentBytes);
  const [length, start] = varint(page, at);
  return page.slice(start, start + length);
}

/** SQLite's variable-length integer (as long as it fits 32 bits), and where it ends. */
function varint(bytes: Uint8Array, start: number): [value: number, end: number] {
  let value = 0;
  for (let at = start; ; at++) {
    const byte = bytes[at] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return [value, at + 1];
  }
}

function startsWith(word: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, index) => word[index] === byte);
}
