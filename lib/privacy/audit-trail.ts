import { within } from "../call/patience.ts";
import type { Clock, Logger, Telemetry } from "../call/ports.ts";
import type { AuditEntry, AuditSink, AuditStore } from "../call/privacy-ports.ts";
import type { AuditAction } from "../contract/vocabulary.ts";

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const dayMs = 24 * 60 * minuteMs;

/** Entries are kept for so long: a year, and time to ask about it. */
export const auditDays = 400;

/**
 * What gives words out, with the time in which the same by the same one is noted once. A player asks for one
 * recording in many ranges: they are one listening as long as no pause between them is longer.
 */
const givesOut: Readonly<
  Partial<Record<AuditAction, { readonly withinMs: number; readonly slides: boolean }>>
> = {
  listed: { withinMs: minuteMs, slides: false },
  read: { withinMs: minuteMs, slides: false },
  exported: { withinMs: minuteMs, slides: false },
  observed: { withinMs: minuteMs, slides: false },
  token_issued: { withinMs: 0, slides: false },
  audit_read: { withinMs: minuteMs, slides: false },
  deleted: { withinMs: minuteMs, slides: false },
  listened: { withinMs: 10 * minuteMs, slides: true },
};

/** Of those remembered to be noted once. */
const maxRemembered = 10_000;
/** Of those that wait for the database. */
const maxWaiting = 10_000;
const writtenTogether = 200;
const retryMs = secondMs;
/** What has been done already waits so long for its entry, so that the death of the process does not cost it. */
const doneWithinMs = 2 * secondMs;
/** A host that comes back waits for nothing. */
const neverWaits: ReadonlySet<AuditAction> = new Set(["hosted"]);
const trimmedTogether = 500;

export interface AuditTrail extends AuditSink {
  /** Forgets what is older than `auditDays`. */
  trim(nowMs: number): Promise<void>;
  /** Writes what waits, if the database lets it. Idempotent. */
  close(): Promise<void>;
}

export interface AuditTrailOptions {
  readonly store: Pick<AuditStore, "appendAudit" | "trimAudit">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
}

/**
 * The audit log. What gives something out or takes it away is in the database when `note` resolves, and refused when
 * it cannot be: nothing is read unseen. What has been done already is noted behind it, tried again until the database
 * takes it; `note` waits for that a moment, so that a reply goes out behind its entry wherever the database works. What
 * is part of a call that goes on never waits for its log.
 */
export function createAuditTrail({ store, clock, logger, telemetry }: AuditTrailOptions): AuditTrail {
  const remembered = new Map<string, { lastMs: number; readonly stored: Promise<void> }>();
  let waiting: AuditEntry[] = [];
  let writing: Promise<void> | null = null;
  let isClosed = false;
  let wake = (): void => undefined;

  function noteBefore(entry: AuditEntry, rule: { withinMs: number; slides: boolean }): Promise<void> {
    const { principal, action, callId, detail } = entry;
    const key = JSON.stringify([principal.id, principal.role, action, callId, detail]);
    const nowMs = clock.monotonicMs();
    const known = remembered.get(key);
    if (known !== undefined && nowMs - known.lastMs < rule.withinMs) {
      if (rule.slides) known.lastMs = nowMs;
      return known.stored;
    }
    const stored = store.appendAudit([entry]);
    remember(key, { lastMs: nowMs, stored });
    stored.catch(() => {
      if (remembered.get(key)?.stored === stored) remembered.delete(key);
      telemetry.count("audit_failures");
    });
    return stored;
  }

  function remember(key: string, one: { lastMs: number; readonly stored: Promise<void> }): void {
    // The oldest goes first: at worst something is noted twice.
    remembered.delete(key);
    remembered.set(key, one);
    if (remembered.size > maxRemembered) remembered.delete(remembered.keys().next().value ?? "");
  }

  function noteBehind(entry: AuditEntry): void {
    waiting.push(entry);
    if (waiting.length > maxWaiting) {
      waiting.shift();
      telemetry.count("audit_failures");
      logger.error(
        { action: entry.action },
        "the audit log could not be written for too long; an entry is lost",
      );
    }
    writing ??= write();
  }

  async function write(): Promise<void> {
    // What is noted in the same turn is written together.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting.slice(0, writtenTogether);
      try {
        await store.appendAudit(batch);
        waiting = waiting.filter((entry) => !batch.includes(entry));
      } catch (error) {
        telemetry.count("audit_failures");
        logger.warn({ err: error, entries: waiting.length }, "the audit log waits for the database");
        if (isClosed) break;
        await new Promise<void>((resolve) => {
          const cancel = clock.after(retryMs, resolve);
          wake = () => {
            cancel();
            resolve();
          };
        });
      }
    }
    writing = null;
  }

  return {
    note(entry) {
      const rule = givesOut[entry.action];
      if (rule !== undefined) return noteBefore(entry, rule);
      noteBehind(entry);
      const written = writing;
      return neverWaits.has(entry.action) || written === null
        ? Promise.resolve()
        : within(clock, doneWithinMs, written).then(() => undefined);
    },
    async trim(nowMs) {
      for (let cut = trimmedTogether; cut === trimmedTogether && !isClosed;) {
        cut = await store.trimAudit(nowMs - auditDays * dayMs, trimmedTogether);
      }
    },
    async close() {
      isClosed = true;
      wake();
      await writing;
      if (waiting.length > 0) {
        logger.error({ entries: waiting.length }, "entries of the audit log could not be written");
      }
    },
  };
}
