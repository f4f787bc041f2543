const firstMs = 250;
const lastMs = 5000;
const longestAskedMs = 30_000;

/** Waits between attempts: twice as long each time, up to 5 s, and never in step with other calls. */
export class BackOff {
  readonly #random: () => number;
  #attempts = 0;

  /** `random`: from 0 to 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** `askedMs`: what the service itself asks for; that is waited, within reason. */
  nextMs(askedMs: number | null = null): number {
    const wholeMs = Math.min(lastMs, firstMs * 2 ** this.#attempts);
    this.#attempts += 1;
    const waitMs = wholeMs * (0.5 + 0.5 * this.#random());
    return Math.max(waitMs, Math.min(longestAskedMs, askedMs ?? 0));
  }

  succeeded(): void {
    this.#attempts = 0;
  }
}
