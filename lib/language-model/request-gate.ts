/** Requests at once, and how many more may wait for their turn; whatever comes beyond is turned away. */
export class RequestGate {
  readonly #most: number;
  readonly #mostWaiting: number;
  #running = 0;
  readonly #waiting: { readonly go: () => void }[] = [];

  constructor(options: { readonly most: number; readonly mostWaiting: number }) {
    this.#most = options.most;
    this.#mostWaiting = options.mostWaiting;
  }

  /** What gives the place back; null: turned away, or aborted while waiting. */
  async enter(signal: AbortSignal): Promise<(() => void) | null> {
    if (signal.aborted) return null;
    if (this.#running >= this.#most) {
      if (this.#waiting.length >= this.#mostWaiting) return null;
      if (!(await this.#turn(signal))) return null;
    } else this.#running += 1;
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      // The place goes to who has waited longest, without being free in between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next.go();
    };
  }

  #turn(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const leave = (): void => {
        const at = this.#waiting.indexOf(waiter);
        if (at >= 0) this.#waiting.splice(at, 1);
        resolve(false);
      };
      const waiter = {
        go: () => {
          signal.removeEventListener("abort", leave);
          resolve(true);
        },
      };
      this.#waiting.push(waiter);
      signal.addEventListener("abort", leave, { once: true });
    });
  }
}
