import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CallError } from "../call/errors.ts";

/**
 * The file that `DATABASE_URL` names, as an absolute path: `file:./data/coach.db` is taken from the working
 * directory. Throws `CallError("invalid")` for every other kind of address.
 */
export function databasePathOf(databaseUrl: string): string {
  const unsupported = (reason: string) =>
    new CallError("invalid", `DATABASE_URL ${reason}; it has to be like file:./data/coach.db`);
  if (/^postgres(ql)?:/.test(databaseUrl)) {
    throw unsupported("names a PostgreSQL server, which is not supported yet");
  }
  if (!databaseUrl.startsWith("file:")) throw unsupported("does not name a local file");
  if (/[?#]/.test(databaseUrl)) throw unsupported("has parameters");
  const path = databaseUrl.slice("file:".length);
  if (path === "" || path.endsWith("/") || path.includes(":memory:")) throw unsupported("names no file");
  try {
    return path.startsWith("//") ? fileURLToPath(databaseUrl) : resolve(decodeURIComponent(path));
  } catch {
    throw unsupported("is not a valid address");
  }
}

export async function createDatabaseFolder(databasePath: string): Promise<void> {
  await mkdir(dirname(databasePath), { recursive: true });
}
