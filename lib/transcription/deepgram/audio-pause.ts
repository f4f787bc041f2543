import type { Clock } from "../../call/ports.ts";

/**
 * No audio for so long: the host is away, not late. The service would hang up after 30 s without anything to answer, again
 * and again, and bill each time what is sent anew.
 */
const awayAfterMs = 15_000;

/** Tells, once, that no audio has come for `awayAfterMs`. */
export class AudioPause {
  readonly #clock: Clock;
  readonly #onAway: () => void;
  #cameAtMs: number;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, onAway: () => void) {
    this.#clock = clock;
    this.#onAway = onAway;
    this.#cameAtMs = clock.monotonicMs();
  }

  came(): void {
    this.#cameAtMs = this.#clock.monotonicMs();
  }

  /** From now on, until it has told or is closed. A new connection has the whole time, to show that it works. */
  watch(): void {
    this.came();
    this.#wait();
  }

  close(): void {
    this.#cancel?.();
  }

  #wait(): void {
    this.#cancel?.();
    const leftMs = this.#cameAtMs + awayAfterMs - this.#clock.monotonicMs();
    this.#cancel = this.#clock.after(Math.max(0, Math.ceil(leftMs)), () => {
      if (this.#cameAtMs + awayAfterMs > this.#clock.monotonicMs()) this.#wait();
      else this.#onAway();
    });
  }
}
