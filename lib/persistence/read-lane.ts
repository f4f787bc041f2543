import { CallError } from "../call/errors.ts";

export interface ReadLaneOptions {
  /** Asked of the worker at the same time. */
  readonly atOnce: number;
  /** Waiting here; one more is refused. */
  readonly maxWaiting: number;
  readonly onRefused: () => void;
}

/**
 * Searches and documents, which may come by the thousand and take long: a few at a time, so that what live calls
 * ask of the same worker never waits behind all of them, and a bounded number in line.
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
    await this.#turn();
    try {
      return await read();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
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
