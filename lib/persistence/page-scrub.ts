import type { Database } from "./database.ts";
import { StepSize } from "./step-size.ts";
import type { RunStep } from "./turns.ts";

/** Pages looked at in one transaction. */
const [fewestPages, mostPages] = [32, 128];

/** Interior and leaf pages of indexes and tables; anything else begins with 0 in a file of under 64 GiB. */
const treePageTypes: ReadonlySet<number> = new Set([2, 5, 10, 13]);

/**
 * Overwrites the unused middle of every page. `secure_delete` clears what is deleted, but a row that SQLite
 * moved to another page before that leaves a copy of itself in the old page's unused part.
 * Layout of pages: https://www.sqlite.org/fileformat2.html#b_tree_pages
 */
export async function scrubPages(database: Database, step: RunStep): Promise<void> {
  const steps = new StepSize(fewestPages, mostPages);
  for (let first = 1; ;) {
    const wanted = steps.size;
    const pages = await step(() => steps.run(() => scrubSome(database, first, wanted)));
    if (pages < wanted) return;
    first += wanted;
  }
}

/** Returns how many pages there were. */
async function scrubSome(database: Database, first: number, wanted: number): Promise<number> {
  const numbers = Array.from({ length: wanted }, (_, i) => first + i);
  // Only an equality reads one page instead of all.
  const pages = await database.$queryRawUnsafe<{ pgno: number | bigint; data: Uint8Array }[]>(
    "SELECT p.pgno, p.data FROM json_each(?) n CROSS JOIN sqlite_dbpage p ON p.pgno = n.value",
    JSON.stringify(numbers),
  );
  for (const { pgno, data } of pages) {
    const gap = unusedPart(data, Number(pgno) === 1 ? 100 : 0);
    if (gap === null || gap.every((byte) => byte === 0)) continue;
    gap.fill(0);
    await database.$executeRawUnsafe("UPDATE sqlite_dbpage SET data = ? WHERE pgno = ?", data, pgno);
  }
  return pages.length;
}

/** Between the pointers to the cells and the cells; null for what is no page of a tree. */
export function unusedPart(page: Uint8Array, headerStart: number): Uint8Array | null {
  const header = new DataView(page.buffer, page.byteOffset + headerStart, page.byteLength - headerStart);
  const type = header.getUint8(0);
  if (!treePageTypes.has(type)) return null;
  const headerBytes = type <= 5 ? 12 : 8;
  const start = headerStart + headerBytes + 2 * header.getUint16(3);
  const end = header.getUint16(5) || 65_536;
  return start <= end && end <= page.byteLength ? page.subarray(start, end) : null;
}
