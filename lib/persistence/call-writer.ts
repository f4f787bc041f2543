import type { CallRecord, CallRepository, CallWrite } from "../call/ports.ts";
import { CallError } from "../call/errors.ts";
import {
  leftovers,
  markForRemoval,
  removeMarkedCall,
  settleCompletedCall,
  truncateLog,
} from "./call-removal.ts";
import { inTransaction, openDatabase, type Database } from "./database.ts";
import { applyFeedback, applyWrite, insertCall } from "./write-statements.ts";

export type CallWriter = Pick<CallRepository, "create" | "write" | "setFeedback" | "delete"> & {
  /** Finishes what was asked for, then lets go of the database. */
  close(): Promise<void>;
};

/** Pieces of work committed together at most: a commit is one flush to the medium. */
const maxGroup = 64;

interface Job {
  readonly run: () => Promise<void>;
  readonly reject: (error: unknown) => void;
  readonly done: () => void;
}

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
        ? removeMarkedCall(database, turns.grouped, call.callId).then(forgetDeletedPages)
        : settleCompletedCall(database, turns.grouped, call.callId),
    );
  }

  return {
    create: (call: CallRecord) => turns.grouped(() => insertCall(database, call)),
    async write(write: CallWrite) {
      const { settling } = await turns.grouped(() => applyWrite(database, write));
      if (settling) inBackground(settleCompletedCall(database, turns.grouped, write.callId));
    },
    setFeedback: (callId, suggestionId, verdict) =>
      turns.grouped(() => applyFeedback(database, callId, suggestionId, verdict)),
    async delete(callId) {
      if (!(await markForRemoval(database, turns.grouped, callId))) return false;
      await removeMarkedCall(database, turns.grouped, callId);
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

/** One piece of work after the other on the one connection; what waits together is committed together. */
function createTurns(database: Database) {
  const queue: (Job & { readonly alone: boolean })[] = [];
  let working: Promise<void> | null = null;

  function add<T>(run: () => Promise<T>, alone: boolean): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let result: { readonly value: T } | null = null;
      queue.push({
        alone,
        run: async () => {
          result = { value: await run() };
        },
        reject,
        done: () => {
          if (result !== null) resolve(result.value);
        },
      });
      working ??= work();
    });
  }

  async function work(): Promise<void> {
    // Lets the messages that have arrived already join the group.
    await new Promise((resolve) => setImmediate(resolve));
    for (let first = queue.shift(); first !== undefined; first = queue.shift()) {
      if (first.alone) {
        await first.run().then(first.done, first.reject);
      } else {
        const group: Job[] = [first];
        while (group.length < maxGroup && queue[0]?.alone === false) {
          const next = queue.shift();
          if (next !== undefined) group.push(next);
        }
        await commit(group);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    working = null;
  }

  /**
   * A piece of work that fails takes the transaction with it; then each is done by itself, so that it fails
   * alone. Savepoints would do the same in one pass, but each makes the search index write a piece of its own.
   */
  async function commit(group: readonly Job[]): Promise<void> {
    const taken: Job[] = [];
    try {
      await inTransaction(database, "IMMEDIATE", async () => {
        for (const job of group) {
          try {
            await job.run();
            taken.push(job);
          } catch (error) {
            // Refused before anything was written: the others are not concerned.
            if (!(error instanceof CallError)) throw error;
            job.reject(error);
          }
        }
      });
    } catch (cause) {
      if (group.length === 1) group[0]?.reject(cause);
      else for (const job of group) await commit([job]);
      return;
    }
    for (const job of taken) job.done();
  }

  return {
    /** In a transaction, perhaps with others; all of `run` or nothing. */
    grouped: <T>(run: () => Promise<T>): Promise<T> => add(run, false),
    /** Outside any transaction. */
    alone: <T>(run: () => Promise<T>): Promise<T> => add(run, true),
    async idle(): Promise<void> {
      while (working !== null) await working;
    },
  };
}
