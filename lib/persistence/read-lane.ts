import { CallError } from "../call/errors.ts";
import type { Clock } from "../call/ports.ts";

export interface ReadLaneOptions {
  /** Asked of the worker at the same time. */
  readonly atOnce: number;
  /** Waiting here; one more is refused. */
  readonly maxWaiting: number;
  readonly clock: Clock;
  readonly onRefused: () => void;
}

/** While others wait a place rests as long as its last read took, and up to ten times that when a hundred wait. */
const restShare = { least: 1, most: 10, perWaiting: 0.1 } as const;
/** A place rests no longer than this, however long a read took. */
const longestRestMs = 1000;

/**
 * Searches and documents, which may come by the thousand and take long: a few at a time, so that what live calls
 * ask of the same worker never waits behind all of them, and a bounded number in line. While others wait each place
 * rests, the longer the more of them there are: a flood gets a part of what the worker can do, not a whole core.
 */
export class ReadLane {
  readonly #options: ReadLaneOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: ReadLaneOptions) {
    this.#options = options;
  }

  /** Rejects with `CallError("rate_limited")` when too many are in line. */
  async run<T>(read: () => Promise<T>): Promise<T> {
    const { clock } = this.#options;
    await this.#turn();
    const begunMs = clock.monotonicMs();
    try {
      return await read();
    } finally {
      const tookMs = clock.monotonicMs() - begunMs;
      if (this.#waiting.length === 0) this.#pass();
      else
        clock.after(this.#restMs(tookMs), () => {
          this.#pass();
        });
    }
  }

  #restMs(tookMs: number): number {
    const { least, most, perWaiting } = restShare;
    const share = Math.min(most, Math.max(least, perWaiting * this.#waiting.length));
    return Math.min(share * tookMs, longestRestMs);
  }

  /** Gives the place to who has waited longest. */
  #pass(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }

  #turn(): Promise<void> {
    const { atOnce, maxWaiting, onRefused } = this.#options;
    if (this.#running < atOnce) {
      this.#running += 1;
      return Promise.resolve();
    }
    if (this.#waiting.length >= maxWaiting) {
      onRefused();
      const error = new CallError("rate_limited", "too many searches and downloads at once", {
        retryAfterSec: 1,
      });
      return Promise.reject(error);
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
