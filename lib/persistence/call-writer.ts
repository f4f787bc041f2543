import type { CallRecord, CallRepository, CallWrite } from "../call/ports.ts";
import {
  leftovers,
  markForRemoval,
  removeMarkedCall,
  settleCompletedCall,
  truncateLog,
} from "./call-removal.ts";
import { openDatabase } from "./database.ts";
import { createTurns } from "./turns.ts";
import { applyFeedback, applyWrite, insertCall } from "./write-statements.ts";

export type CallWriter = Pick<CallRepository, "create" | "write" | "setFeedback" | "delete"> & {
  /** Finishes what was asked for, then lets go of the database. */
  close(): Promise<void>;
};

/** The one writer of a database. It finishes the removals that an earlier process began. */
export async function openCallWriter(
  databasePath: string,
  warn: (message: string) => void,
): Promise<CallWriter> {
  const database = await openDatabase(databasePath, "write");
  const turns = createTurns(database);
  const background = new Set<Promise<unknown>>();
  let truncation: Promise<boolean> | null = null;

  function inBackground(work: Promise<unknown>): void {
    const tracked = work
      .catch(() => {
        warn("stored calls could not be tidied up; it will be tried again at the next start");
      })
      .finally(() => background.delete(tracked));
    background.add(tracked);
  }

  /** Everyone who asks while one is waiting for its turn shares the next. */
  async function forgetDeletedPages(): Promise<void> {
    truncation ??= truncateLog(database, (run) =>
      turns.alone(() => {
        truncation = null;
        return run();
      }),
    );
    if (!(await truncation)) warn("the log of the database is in use and could not be emptied yet");
  }

  for (const call of await leftovers(database)) {
    inBackground(
      call.searchState === "deleting"
        ? removeMarkedCall(database, turns.tidy, call.callId).then(forgetDeletedPages)
        : settleCompletedCall(database, turns.tidy, call.callId),
    );
  }

  return {
    create: (call: CallRecord) => turns.write(() => insertCall(database, call)),
    async write(write: CallWrite) {
      const { settling } = await turns.write(() => applyWrite(database, write));
      if (settling) inBackground(settleCompletedCall(database, turns.tidy, write.callId));
    },
    setFeedback: (callId, suggestionId, verdict) =>
      turns.write(() => applyFeedback(database, callId, suggestionId, verdict)),
    async delete(callId) {
      if (!(await markForRemoval(database, turns.write, callId))) return false;
      await removeMarkedCall(database, turns.tidy, callId);
      await forgetDeletedPages();
      return true;
    },
    async close() {
      while (background.size > 0) await Promise.all(background);
      await turns.idle();
      await database.$disconnect();
    },
  };
}
