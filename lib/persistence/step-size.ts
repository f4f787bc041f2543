/** A step of tidying that takes longer is followed by a smaller one, and one that took much less by a larger one. */
const aimMs = 30;

/**
 * How much of something is tidied up in one step. Live calls' writes wait for the step that is under way, so that
 * its size follows the machine: its speed, and what else it has to do.
 */
export class StepSize {
  readonly #least: number;
  readonly #most: number;
  #size: number;

  constructor(least: number, most: number) {
    this.#least = least;
    this.#most = most;
    this.#size = Math.round(Math.sqrt(least * most));
  }

  get size(): number {
    return this.#size;
  }

  /** Runs a step of this size, and learns from how long it took. */
  async run<T>(step: (size: number) => Promise<T>): Promise<T> {
    const begunMs = performance.now();
    try {
      return await step(this.#size);
    } finally {
      this.#took(performance.now() - begunMs);
    }
  }

  #took(ms: number): void {
    if (ms > aimMs) this.#size = Math.max(this.#least, Math.floor(this.#size / 2));
    else if (ms < aimMs / 3) this.#size = Math.min(this.#most, this.#size * 2);
  }
}
