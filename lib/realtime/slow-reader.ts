import type { Clock } from "../call/ports.ts";

/** A reader may fall behind by `soft` for a while, and by `hard` never. */
export interface SlowReaderLimits {
  readonly softBytes: number;
  readonly softForMs: number;
  readonly hardBytes: number;
}

/** Judges by what it has not taken whether a peer still reads. */
export class SlowReader {
  readonly #limits: SlowReaderLimits;
  readonly #clock: Clock;
  #behindSinceMs: number | null = null;

  constructor(limits: SlowReaderLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** True when a peer with so many bytes waiting is to be let go. */
  isTooSlow(bytes: number): boolean {
    const { softBytes, softForMs, hardBytes } = this.#limits;
    if (bytes <= softBytes) {
      this.#behindSinceMs = null;
      return false;
    }
    const nowMs = this.#clock.monotonicMs();
    this.#behindSinceMs ??= nowMs;
    return bytes > hardBytes || nowMs - this.#behindSinceMs >= softForMs;
  }
}
