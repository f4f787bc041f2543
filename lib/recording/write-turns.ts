/** A frame waits so long at most: little beside the 100 ms that most of them took to be spoken. */
const everyMs = 20;

/**
 * Lets the writes of all recordings begin together, fifty times a second. To wake a thread, and to be woken by it,
 * costs several times what the write does: thousands of frames a second share both. Whoever comes alone waits for nobody.
 */
export class WriteTurns {
  #waiting: (() => void)[] = [];
  #lastMs = -Infinity;
  #timer: NodeJS.Timeout | null = null;

  /** `begin` is called at once or within 20 ms, in the order of the calls. */
  take(begin: () => void): void {
    // Real time, whatever clock the calls are on: nothing but the price of a write depends on it.
    const waitMs = this.#lastMs + everyMs - performance.now();
    if (this.#timer === null && waitMs <= 0) {
      this.#lastMs = performance.now();
      begin();
      return;
    }
    this.#waiting.push(begin);
    this.#timer ??= setTimeout(() => {
      this.#turn();
    }, Math.ceil(waitMs));
  }

  #turn(): void {
    this.#timer = null;
    this.#lastMs = performance.now();
    for (const begin of this.#waiting.splice(0)) begin();
  }
}
