import type { AuditAction } from "../contract/vocabulary.ts";
import type { Principal } from "./principal.ts";

// The ports of deletion by age and of the audit log; the others are in ports.ts.

/** What deletion by age has to remember of time, so that a wrong clock does not delete every call at once. */
export interface ClockSeen {
  /** The last moment that was believed, milliseconds since the epoch. */
  readonly seenAtMs: number;
  /** How long the server has worked since while the clock was not believed. */
  readonly heldMs: number;
}

/** Every method rejects with `CallError("storage_failed")` when the database does. */
export interface RetentionStore {
  /** Calls that ended before then, or began before then and never ended; none of `except`. */
  expired(beforeMs: number, limit: number, except: readonly string[]): Promise<readonly string[]>;
  /** All calls, and how many of them `expired` would name. */
  countExpired(beforeMs: number): Promise<{ readonly calls: number; readonly expired: number }>;
  clockSeen(): Promise<ClockSeen | null>;
  saveClockSeen(seen: ClockSeen): Promise<void>;
}

/** Whoever acts: a principal, the bearer of a call token issued to one, or the product itself. */
export interface AuditActor {
  readonly id: string;
  /** Empty where only the id is known. */
  readonly name: string;
  readonly role: Principal["role"] | "bearer" | "system";
}

export interface AuditEntry {
  readonly atMs: number;
  readonly principal: AuditActor;
  readonly action: AuditAction;
  /** Null: of no single call. */
  readonly callId: string | null;
  /** Names of what was touched, never what was said in it. */
  readonly detail?: Readonly<Record<string, string>>;
}

/** Keeps who did what with which call. What it rejects with refuses the request: nothing is read unseen. */
export interface AuditSink {
  note(entry: AuditEntry): Promise<void>;
}

export interface AuditQuery {
  readonly callId: string | null;
  readonly sinceMs: number | null;
  /** Only entries with a smaller id. */
  readonly beforeId: number | null;
  readonly limit: number;
}

/** Every method rejects with `CallError("storage_failed")` when the database does. */
export interface AuditStore {
  /** All of them or none. */
  appendAudit(entries: readonly AuditEntry[]): Promise<void>;
  /** Newest first. */
  auditEntries(query: AuditQuery): Promise<readonly (AuditEntry & { readonly id: number })[]>;
  /** Cuts at most `limit` entries older than that off the old end; gives how many. */
  trimAudit(beforeMs: number, limit: number): Promise<number>;
}
