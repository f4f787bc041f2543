import type { Clock, Logger, Telemetry } from "../call/ports.ts";
import type { AuditActor, ClockSeen, RetentionStore } from "../call/privacy-ports.ts";

/** Who deletes by age, in the audit log. */
export const retentionActor: AuditActor = { id: "retention", name: "retention", role: "system" };

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;

/** From one pass to the next: calls are kept in days, and a clock that jumps is noticed this soon. */
const passEveryMs = 15 * 60 * 1000;
/** Calls erased at the same time: they share one pass over the database's files. */
const batchCalls = 10;
/** Between two batches, so that live calls have the writer and the disk to themselves in between. */
const pauseMs = 250;

/** A server may be off for so long, or its clock so wrong, without a question. */
const believedJumpMs = dayMs;
/** A jump this long is held whatever it would delete. */
const unlikelyJumpMs = 3 * 365 * dayMs;
/** A shorter one is held when it would delete more calls than this, and most of all there are. */
const fewCalls = 20;
/** Work without the clock going back after which it is believed. */
const holdMs = hourMs;

export interface RetentionOptions {
  /** 0: nothing is deleted; the clock is watched all the same, for the day on which it is set. */
  readonly days: number;
  readonly store: RetentionStore;
  readonly isUnderWay: (callId: string) => boolean;
  /** Erases audio, rows, events and search entries; the rest of it is done again when it is cut short. */
  readonly erase: (callId: string) => Promise<void>;
  /** Told before a call is erased. */
  readonly noteDeletion: (callId: string) => Promise<void>;
  /** Runs once a pass, with the moment that it believes. */
  readonly alsoTidy: (nowMs: number) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
}

export interface Retention {
  /** The first pass begins now, another every quarter of an hour. */
  start(): void;
  /** No call is begun after it; resolves when those begun are erased. Idempotent. */
  close(): Promise<void>;
}

/**
 * Deletes calls by age: the time since their end, or since their start where the end was never recorded.
 * A pass that is cut short leaves calls that the next one finds again, so that nothing has to be remembered.
 */
export function createRetention(options: RetentionOptions): Retention {
  const { clock, days, logger, store, telemetry } = options;
  let isClosed = false;
  let cancelTimer = (): void => undefined;
  let wake = (): void => undefined;
  let running: Promise<void> = Promise.resolve();
  let lastPassMs: number | null = null;
  let isHolding = false;

  const hasEnded = (): boolean => isClosed;

  /** The moment to go by, or null while the clock is not believed. */
  async function believedNowMs(): Promise<number | null> {
    const nowMs = clock.nowMs();
    const workedMs = lastPassMs === null ? 0 : clock.monotonicMs() - lastPassMs;
    lastPassMs = clock.monotonicMs();
    const seen = await store.clockSeen();
    if (seen !== null && (await isDoubtful(seen, nowMs))) {
      const heldMs = seen.heldMs + workedMs;
      if (heldMs < holdMs) {
        await store.saveClockSeen({ seenAtMs: seen.seenAtMs, heldMs });
        if (!isHolding) {
          logger.warn(
            { days_ahead: Math.round((nowMs - seen.seenAtMs) / dayMs) },
            "the clock is far ahead of when this server last worked; deletion by age waits for an hour of work, in case the clock is wrong",
          );
        }
        isHolding = true;
        return null;
      }
    }
    isHolding = false;
    await store.saveClockSeen({ seenAtMs: nowMs, heldMs: 0 });
    return nowMs;
  }

  async function isDoubtful(seen: ClockSeen, nowMs: number): Promise<boolean> {
    const jumpMs = nowMs - seen.seenAtMs;
    if (jumpMs <= believedJumpMs) return false;
    if (jumpMs > unlikelyJumpMs) return true;
    if (days === 0) return false;
    const { calls, expired } = await store.countExpired(nowMs - days * dayMs);
    return expired > fewCalls && expired * 2 > calls;
  }

  async function eraseOlderThan(beforeMs: number): Promise<number> {
    const passedOver = new Set<string>();
    let erased = 0;
    while (!isClosed) {
      const callIds = await store.expired(beforeMs, batchCalls, [...passedOver]);
      if (callIds.length === 0) break;
      const results = await Promise.allSettled(
        callIds.map(async (callId) => {
          if (options.isUnderWay(callId)) return false;
          await options.noteDeletion(callId);
          await options.erase(callId);
          return true;
        }),
      );
      for (const [index, result] of results.entries()) {
        if (result.status === "fulfilled" && result.value) erased += 1;
        else passedOver.add(callIds[index] ?? "");
        // At the end of the process the storage goes away; what was begun is marked, and found by the next one.
        if (result.status === "rejected" && !hasEnded()) {
          logger.error({ err: result.reason as unknown }, "a call past its retention could not be deleted");
        }
      }
      // The storage is away; one call that cannot be deleted does not keep the others.
      if (results.every(({ status }) => status === "rejected")) break;
      await pause();
    }
    return erased;
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(pauseMs, resolve);
      wake = () => {
        cancel();
        resolve();
      };
      if (isClosed) wake();
    });
  }

  async function pass(): Promise<void> {
    try {
      const nowMs = await believedNowMs();
      if (nowMs === null) return;
      const erased = days === 0 ? 0 : await eraseOlderThan(nowMs - days * dayMs);
      if (erased > 0) {
        telemetry.count("calls_deleted", erased, { reason: "retention" });
        logger.info({ calls: erased }, "calls past their retention were deleted");
      }
      if (!isClosed) await options.alsoTidy(nowMs);
    } catch (error) {
      logger.error({ err: error }, "deletion by age failed; the next pass tries again");
    }
  }

  function passAndWait(): void {
    running = pass().then(() => {
      if (!isClosed) cancelTimer = clock.after(passEveryMs, passAndWait);
    });
  }

  return {
    start: passAndWait,
    async close() {
      isClosed = true;
      cancelTimer();
      wake();
      await running;
    },
  };
}
