import { basename } from "node:path";
import { databasePathOf } from "./database-url.ts";

/** What to do about a database that cannot be read, for whoever starts the server. */
export function damageAdvice(databaseUrl: string, dataFolder: string): string {
  const path = databasePathOf(databaseUrl);
  const name = basename(path);
  return [
    `The database ${path} is damaged and was left as it is.`,
    `All audio that was acknowledged is in ${dataFolder}/audio, and what could not be written to the database in ${dataFolder}/unsaved: keep both.`,
    `What to do, with the server stopped: move ${name}, ${name}-wal and ${name}-shm to another folder, put a copy of ${name} from your backups in their place, and start the server again.`,
    "Calls that the copy knows as unfinished are then transcribed from their audio to their ends.",
    `Without a copy, try to save what can be read: sqlite3 ${name} .recover | sqlite3 saved.db, and put saved.db in its place.`,
    "",
  ].join("\n");
}
