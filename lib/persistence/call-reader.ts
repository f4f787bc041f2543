import { CallError } from "../call/errors.ts";
import type { CallListRow, CallPage, CallRepository, CallSearch } from "../call/ports.ts";
import type { AuditStore, RetentionStore } from "../call/privacy-ports.ts";
import type { ObjectionType } from "../contract/vocabulary.ts";
import { auditEntries } from "./audit-rows.ts";
import { findRecords, keyHolder, ownerNames, principalById, type AccountReader } from "./account-records.ts";
import { callRecordOf, eventOf, insightOf, objectionOf, segmentOf, suggestionOf } from "./call-rows.ts";
import { findPositions, type FoundPage } from "./call-search.ts";
import { inTransaction, type Database } from "./database.ts";
import {
  listPlaybooks,
  playbookVersions,
  readPlaybook,
  replyOutcomes,
  type PlaybookReader,
} from "./playbook-rows.ts";
import { openSteadyDatabase } from "./steady-database.ts";
import { clockSeen, countExpired, expiredCalls } from "./retention-rows.ts";

export type CallReader = Pick<CallRepository, "get" | "load" | "eventsAfter" | "search" | "unfinished"> &
  Omit<RetentionStore, "saveClockSeen"> &
  Pick<AuditStore, "auditEntries"> &
  AccountReader &
  PlaybookReader & {
    /** Ends with the read that is under way; those behind it are rejected with `draining`. */
    close(): Promise<void>;
  };

const visible = { searchState: { not: "deleting" } };

/** Reads one after the other, each from one moment of the database; never waits for the writer. */
export async function openCallReader(databasePath: string): Promise<CallReader> {
  const steady = await openSteadyDatabase(databasePath, "read");
  const { database } = steady;
  let last: Promise<unknown> = Promise.resolve();
  let isClosing = false;

  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = last.then(async () => {
      if (isClosing) throw new CallError("draining", "The storage is being closed.");
      try {
        await steady.ready();
        return await inTransaction(database, "DEFERRED", run);
      } catch (error) {
        steady.failed(error);
        throw error;
      }
    });
    last = turn.catch(() => undefined);
    return turn;
  }

  return {
    get: (callId) =>
      inTurn(async () => {
        const row = await database.call.findUnique({ where: { callId, ...visible } });
        return row === null ? null : callRecordOf(row);
      }),
    load: (callId) =>
      inTurn(async () => {
        const row = await database.call.findUnique({ where: { callId, ...visible } });
        if (row === null) return null;
        const where = { callId };
        const orderBy = (id: "segmentId" | "objectionId" | "suggestionId" | "insightId") => [
          { tsMs: "asc" as const },
          { [id]: "asc" as const },
        ];
        const segments = await database.segment.findMany({ where, orderBy: orderBy("segmentId") });
        const objections = await database.objection.findMany({ where, orderBy: orderBy("objectionId") });
        const suggestions = await database.suggestion.findMany({ where, orderBy: orderBy("suggestionId") });
        const insights = await database.insight.findMany({ where, orderBy: orderBy("insightId") });
        return {
          call: callRecordOf(row),
          segments: segments.map(segmentOf),
          objections: objections.map(objectionOf),
          suggestions: suggestions.map(suggestionOf),
          insights: insights.map(insightOf),
        };
      }),
    eventsAfter: (callId, afterSeq, limit) =>
      inTurn(async () => {
        const rows = await database.callEvent.findMany({
          where: { callId, seq: { gt: afterSeq }, call: visible },
          orderBy: { seq: "asc" },
          take: limit,
        });
        return rows.map(eventOf);
      }),
    search: (search) => inTurn(() => page(database, search)),
    unfinished: () =>
      inTurn(async () => {
        const rows = await database.call.findMany({
          where: { status: { not: "completed" }, ...visible },
          orderBy: { position: "asc" },
        });
        return rows.map(callRecordOf);
      }),
    expired: (beforeMs, limit, except) => inTurn(() => expiredCalls(database, beforeMs, limit, except)),
    countExpired: (beforeMs) => inTurn(() => countExpired(database, beforeMs)),
    auditEntries: (query) => inTurn(() => auditEntries(database, query)),
    clockSeen: () => inTurn(() => clockSeen(database)),
    findRecords: (kind, where, limit) => inTurn(() => findRecords(database, kind, where, limit)),
    principalById: (id) => inTurn(() => principalById(database, id)),
    keyHolder: (keyHash) => inTurn(() => keyHolder(database, keyHash)),
    listPlaybooks: () => inTurn(() => listPlaybooks(database)),
    readPlaybook: (name, version) => inTurn(() => readPlaybook(database, name, version)),
    playbookVersions: (name) => inTurn(() => playbookVersions(database, name)),
    replyOutcomes: (name, sinceMs) => inTurn(() => replyOutcomes(database, name, sinceMs)),
    async close() {
      isClosing = true;
      await last;
      await steady.close();
    },
  };
}

async function page(database: Database, search: CallSearch): Promise<CallPage> {
  const found: FoundPage = await findPositions(database, search);
  const calls = await database.call.findMany({
    where: { position: { in: [...found.positions] } },
    orderBy: { position: "desc" },
  });
  const ids = calls.map((call) => call.callId);
  const segments = await database.segment.groupBy({
    by: ["callId"],
    where: { callId: { in: ids } },
    _count: { _all: true },
  });
  const objections = await database.objection.groupBy({
    by: ["callId", "type"],
    where: { callId: { in: ids }, status: "confirmed" },
    _count: { _all: true },
  });
  const segmentCounts = new Map(segments.map((group) => [group.callId, group._count._all]));
  const objectionCounts = new Map<string, Partial<Record<ObjectionType, number>>>();
  for (const group of objections) {
    const counts = objectionCounts.get(group.callId) ?? {};
    counts[group.type as ObjectionType] = group._count._all;
    objectionCounts.set(group.callId, counts);
  }
  const names = await ownerNames(
    database,
    calls.flatMap((call) => call.ownerId ?? []),
  );
  const rows: CallListRow[] = calls.map((call) => ({
    call: callRecordOf(call),
    ownerName: call.ownerId === null ? null : (names.get(call.ownerId) ?? null),
    segmentCount: segmentCounts.get(call.callId) ?? 0,
    objections: objectionCounts.get(call.callId) ?? {},
  }));
  if (rows.length !== found.positions.length) {
    throw new CallError("storage_failed", "The search names calls that are not there.");
  }
  return { rows, nextCursor: found.nextCursor };
}
