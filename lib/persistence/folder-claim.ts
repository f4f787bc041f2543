import { mkdirSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";

/** How long a process that is going down may still hold the folder. */
const patienceMs = 1000;

/** Another process has the folder. */
export class FolderInUseError extends Error {
  override readonly name = "FolderInUseError";
}

/**
 * Makes this process the only one that uses `folder`, until the returned function is called or the process is
 * gone, however it dies: the lock is one of the operating system on the file `owner.lock`.
 * Throws `FolderInUseError`. Blocks for up to a second.
 */
export function claimFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const lock = new Database(join(folder, "owner.lock"), { timeout: patienceMs });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    throw new FolderInUseError(`Another process uses the data folder ${folder}.`, { cause: error });
  }
  return () => {
    lock.close();
  };
}
