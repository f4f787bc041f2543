import { CallError } from "../call/errors.ts";
import { inTransaction } from "./database.ts";
import { concernsAll } from "./sqlite-faults.ts";
import type { SteadyDatabase } from "./steady-database.ts";

export type RunStep = <T>(run: () => Promise<T>) => Promise<T>;

/** One piece of work after the other on the one connection of a writer. */
export interface Turns {
  /** In a transaction, perhaps with others; all of `run` or nothing. It may be run again when others fail. */
  readonly write: RunStep;
  /** A transaction of its own, for a short step of something that nobody waits for: writes go first. */
  readonly tidy: RunStep;
  /** The same, outside any transaction. */
  readonly alone: RunStep;
  /** What is to be tidied up is left to the next process: such steps are rejected, but for one that has begun. */
  readonly abandonTidying: () => void;
  /** Resolves when nothing is left to do. */
  readonly idle: () => Promise<void>;
}

/** Writes committed together at most. */
const maxGroup = 64;

interface Job {
  readonly run: () => Promise<void>;
  readonly done: () => void;
  readonly reject: (error: unknown) => void;
}

/** `committed` is told of every transaction that is in the log. */
export function createTurns(steady: SteadyDatabase, committed: () => void = () => undefined): Turns {
  const { database } = steady;
  const writes: Job[] = [];
  const steps: (Job & { readonly alone: boolean })[] = [];
  let working: Promise<void> | null = null;
  let tidies = true;

  function job<T>(run: () => Promise<T>, add: (job: Job) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let result: { readonly value: T } | null = null;
      add({
        run: async () => {
          result = { value: await run() };
        },
        done: () => {
          if (result !== null) resolve(result.value);
        },
        reject,
      });
      working ??= work();
    });
  }

  function step<T>(run: () => Promise<T>, alone: boolean): Promise<T> {
    if (!tidies) return Promise.reject(leftToTheNext());
    return job(run, (added) => steps.push({ ...added, alone }));
  }

  async function work(): Promise<void> {
    do {
      // Lets the messages that have arrived already join the group.
      await new Promise((resolve) => setImmediate(resolve));
      const group = writes.splice(0, maxGroup);
      if (group.length > 0) await commit(group);
      // One step behind every group, and not in its transaction: a write waits for one that has begun, never for
      // a second one, and tidying still comes to its end.
      const next = steps.shift();
      if (next?.alone === true) await alone(next);
      else if (next !== undefined) await commit([next]);
    } while (writes.length > 0 || steps.length > 0);
    working = null;
  }

  async function alone(step: Job): Promise<void> {
    try {
      await steady.ready();
      await step.run();
    } catch (cause) {
      steady.failed(cause);
      step.reject(cause);
      return;
    }
    step.done();
  }

  /**
   * A piece of work that fails takes the transaction with it; then each is done by itself, so that it fails
   * alone. Savepoints would do the same in one pass, but each makes the search index write a piece of its own.
   */
  async function commit(group: readonly Job[]): Promise<void> {
    const taken: Job[] = [];
    try {
      await steady.ready();
      await inTransaction(database, "IMMEDIATE", async () => {
        for (const one of group) {
          try {
            await one.run();
            taken.push(one);
          } catch (error) {
            // Refused before anything was written: the others are not concerned.
            if (!(error instanceof CallError)) throw error;
            one.reject(error);
          }
        }
      });
    } catch (cause) {
      steady.failed(cause);
      if (group.length === 1 || concernsAll(cause)) for (const one of group) one.reject(cause);
      else for (const one of group) await commit([one]);
      return;
    }
    committed();
    for (const one of taken) one.done();
  }

  return {
    write: (run) => job(run, (added) => writes.push(added)),
    tidy: (run) => step(run, false),
    alone: (run) => step(run, true),
    abandonTidying() {
      tidies = false;
      for (const { reject } of steps.splice(0)) reject(leftToTheNext());
    },
    async idle() {
      while (working !== null) await working;
    },
  };
}

function leftToTheNext(): CallError {
  return new CallError("storage_failed", "The storage is being closed; the next start goes on with it.");
}
