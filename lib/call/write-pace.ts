import type { Clock } from "./ports.ts";

/** A call that is listened to in real time writes two or three times a second. */
const writes = 16;
const withinMs = 4000;

/**
 * Keeps one call from writing all the time: each write is a transaction that every other call's waits for.
 * Audio that comes at a multiple of real time makes its events at that multiple; they are written together.
 */
export class WritePace {
  readonly #clock: Clock;
  /** When the last writes began. */
  readonly #begunMs: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Null: it may begin at once. */
  turn(): Promise<void> | null {
    const nowMs = this.#clock.monotonicMs();
    const oldest = this.#begunMs.length < writes ? undefined : this.#begunMs.shift();
    const waitMs = oldest === undefined ? 0 : Math.ceil(oldest + withinMs - nowMs);
    this.#begunMs.push(Math.max(nowMs, nowMs + waitMs));
    if (waitMs <= 0) return null;
    return new Promise((resolve) => void this.#clock.after(waitMs, resolve));
  }
}
