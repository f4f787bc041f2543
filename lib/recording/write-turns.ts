/** At most: little beside the 100 ms that most frames took to be spoken. */
const longestMs = 20;
/** For each recording that is written: a hundred of them share the longest turns, one hardly waits for itself. */
const perRecordingMs = 0.2;
/** A recording that has not been written for one to two of these no longer counts. */
const countedForMs = 1000;

/**
 * Lets the writes of all recordings begin together. To wake a thread, and to be woken by it, costs several times what
 * the write does: thousands of frames a second share both. With few recordings there is little to share and turns are
 * short, however many frames one of them writes; whoever comes alone waits for nobody.
 */
export class WriteTurns {
  #waiting: (() => void)[] = [];
  #lastMs = -Infinity;
  #timer: NodeJS.Timeout | null = null;
  /** Recordings written since `#countedMs`, and as many as there were in the time before. */
  readonly #written = new Set<object>();
  #writtenBefore = 0;
  #countedMs = -Infinity;

  /** `begin` is called at once or within 20 ms, in the order of the calls. `recording` only tells them apart. */
  take(recording: object, begin: () => void): void {
    // Real time, whatever clock the calls are on: nothing but the price of a write depends on it.
    const nowMs = performance.now();
    const waitMs = this.#lastMs + this.#turnMs(recording, nowMs) - nowMs;
    if (this.#timer === null && waitMs <= 0) {
      this.#lastMs = nowMs;
      begin();
      return;
    }
    this.#waiting.push(begin);
    this.#timer ??= setTimeout(() => {
      this.#turn();
    }, Math.ceil(waitMs));
  }

  #turnMs(recording: object, nowMs: number): number {
    if (nowMs - this.#countedMs >= countedForMs) {
      this.#writtenBefore = nowMs - this.#countedMs < 2 * countedForMs ? this.#written.size : 0;
      this.#countedMs = nowMs;
      this.#written.clear();
    }
    this.#written.add(recording);
    return Math.min(longestMs, perRecordingMs * Math.max(this.#written.size, this.#writtenBefore));
  }

  #turn(): void {
    this.#timer = null;
    this.#lastMs = performance.now();
    for (const begin of this.#waiting.splice(0)) begin();
  }
}
