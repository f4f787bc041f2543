import { open } from "node:fs/promises";

/** Power loss may cost the last two seconds (section 2 of the contract); the flush itself has the other. */
const flushAfterMs = 1000;

export interface LogFlush {
  /** A commit is in the log; within a second it is on the medium. */
  committed(): void;
  /** What has been committed is on the medium, or `warn` was told that it is not. */
  close(): Promise<void>;
}

/**
 * Brings commits from SQLite's write-ahead log to the medium when nobody waits for them. A commit outlives its process as
 * soon as it is in the log; a flush in each would make every final wait for whatever else is being written to the disk.
 */
export function createLogFlush(databasePath: string, warn: (message: string) => void): LogFlush {
  let timer: NodeJS.Timeout | null = null;
  let flushing: Promise<void> = Promise.resolve();
  let hasWarned = false;

  async function flush(): Promise<void> {
    try {
      const log = await open(`${databasePath}-wal`, "r");
      try {
        await log.datasync();
      } finally {
        await log.close();
      }
      hasWarned = false;
    } catch (error) {
      // No log: all of it is in the database already, which was flushed first.
      if ((error as NodeJS.ErrnoException).code === "ENOENT" || hasWarned) return;
      hasWarned = true;
      warn("the log of the database cannot be flushed: a power loss would cost what is said now");
    }
  }

  function begin(): void {
    timer = null;
    flushing = flushing.then(flush);
  }

  return {
    committed() {
      timer ??= setTimeout(begin, flushAfterMs);
    },
    async close() {
      if (timer !== null) {
        clearTimeout(timer);
        begin();
      }
      await flushing;
    },
  };
}
