import { setTimeout as sleep } from "node:timers/promises";
import type { CallRepository } from "../call/ports.ts";
import type { PlaybookStore } from "../call/playbook-ports.ts";
import type { AuditStore, RetentionStore } from "../call/privacy-ports.ts";
import type { CallRecord, CallWrite } from "../call/stored-call.ts";
import { insertAudit, trimAudit } from "./audit-rows.ts";
import { createRecord, removeRecords, updateRecords, type AccountWriter } from "./account-records.ts";
import {
  leftovers,
  markForRemoval,
  noteTraces,
  removeMarkedCall,
  settleCompletedCall,
  truncateLog,
} from "./call-removal.ts";
import { createLogFlush } from "./log-flush.ts";
import { savePlaybook } from "./playbook-rows.ts";
import { scrubPages } from "./page-scrub.ts";
import { saveClockSeen } from "./retention-rows.ts";
import { renewSignposts } from "./search-signposts.ts";
import { openSteadyDatabase } from "./steady-database.ts";
import { createTurns } from "./turns.ts";
import { applyFeedback, applyWrite, insertCall } from "./write-statements.ts";

export type CallWriter = Pick<CallRepository, "create" | "write" | "setFeedback" | "delete"> &
  Pick<RetentionStore, "saveClockSeen"> &
  Pick<AuditStore, "appendAudit" | "trimAudit"> &
  AccountWriter &
  Pick<PlaybookStore, "savePlaybook"> & {
    /** What is being deleted or tidied up is left to the next start, which finds it. */
    abandonTidying(): void;
    /** Finishes what was asked for, then lets go of the database. */
    close(): Promise<void>;
  };

/** A removal waits so long for its traces to be erased from the files. */
const longestErasureMs = 2000;

/** The one writer of a database. It finishes the removals that an earlier process began. */
export async function openCallWriter(
  databasePath: string,
  warn: (message: string) => void,
): Promise<CallWriter> {
  const steady = await openSteadyDatabase(databasePath, "write");
  const { database } = steady;
  const logFlush = createLogFlush(databasePath, warn);
  const turns = createTurns(steady, () => {
    logFlush.committed();
  });
  const background = new Set<Promise<unknown>>();
  /** Removals that have yet to ask for a pass over the files. */
  let removals = 0;
  let tidies = true;
  let lastPass: Promise<void> = Promise.resolve();
  let nextPass: Promise<void> | null = null;

  function inBackground(work: Promise<unknown>): void {
    const tracked = work
      .catch(() => {
        if (tidies) warn("stored calls could not be tidied up; it will be tried again at the next start");
      })
      .finally(() => background.delete(tracked));
    background.add(tracked);
  }

  async function removing<T>(run: () => Promise<T>): Promise<T> {
    removals++;
    try {
      return await run();
    } finally {
      removals--;
    }
  }

  /** Removed rows leave traces in the files until a pass over them; all who ask before it starts share it. */
  function eraseTraces(): Promise<void> {
    if (nextPass === null) {
      nextPass = lastPass.then(async () => {
        nextPass = null;
        await renewSignposts(database, turns.tidy);
        await scrubPages(database, turns.tidy);
        if (!(await truncateLog(database, turns.alone))) {
          warn("the log of the database is in use and could not be emptied yet");
        } else {
          await turns.tidy(async () => {
            if (removals === 0 && nextPass === null) await noteTraces(database, false);
          });
        }
      });
      lastPass = nextPass.catch(() => undefined);
      inBackground(nextPass);
    }
    return nextPass;
  }

  const unfinished = await leftovers(database);
  for (const call of unfinished.calls) {
    inBackground(
      call.searchState === "deleting"
        ? removeMarkedCall(database, turns.tidy, call.callId).then(eraseTraces)
        : settleCompletedCall(database, turns.tidy, call.callId),
    );
  }
  if (unfinished.traces) inBackground(eraseTraces());

  return {
    create: (call: CallRecord) => turns.write(() => insertCall(database, call)),
    async write(write: CallWrite) {
      const apply = async (): Promise<void> => {
        const { settling, takenOut } = await turns.write(() => applyWrite(database, write));
        if (takenOut) inBackground(eraseTraces());
        if (settling) inBackground(settleCompletedCall(database, turns.tidy, write.callId));
      };
      await (write.takenOut === undefined ? apply() : removing(apply));
    },
    setFeedback: (callId, suggestionId, verdict) =>
      turns.write(() => applyFeedback(database, callId, suggestionId, verdict)),
    async delete(callId) {
      const erased = await removing(async () => {
        if (!(await markForRemoval(database, turns.write, callId))) return null;
        await removeMarkedCall(database, turns.tidy, callId);
        return { traces: eraseTraces() };
      });
      if (erased === null) return false;
      // In a large store the pass takes seconds: then it goes on behind the answer.
      await Promise.race([erased.traces, sleep(longestErasureMs, undefined, { ref: false })]);
      return true;
    },
    appendAudit: (entries) => turns.write(() => insertAudit(database, entries)),
    trimAudit: (beforeMs, limit) => turns.tidy(() => trimAudit(database, beforeMs, limit)),
    saveClockSeen: (seen) => turns.write(() => saveClockSeen(database, seen)),
    createRecord: (kind, record) => turns.write(() => createRecord(database, kind, record)),
    updateRecords: (kind, where, changes) => turns.write(() => updateRecords(database, kind, where, changes)),
    removeRecords: (kind, where) => turns.write(() => removeRecords(database, kind, where)),
    savePlaybook: (save) => turns.write(() => savePlaybook(database, save)),
    abandonTidying: () => {
      tidies = false;
      turns.abandonTidying();
    },
    async close() {
      while (background.size > 0) await Promise.all(background);
      await turns.idle();
      await logFlush.close();
      await steady.close();
    },
  };
}
