/** About a millisecond of work in all. */
const perTurn = 4;

/**
 * Lets a few requests begin in each turn of the event loop: a thousand that arrive together would otherwise be
 * looked at in one, and the audio and the events of every call would wait for them.
 */
export class Turnstile {
  readonly #waiting: (() => void)[] = [];
  #begun = 0;
  #armed = false;

  /** Null: it may begin at once. */
  enter(): Promise<void> | null {
    this.#arm();
    if (this.#begun < perTurn && this.#waiting.length === 0) {
      this.#begun += 1;
      return null;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    setImmediate(() => {
      this.#armed = false;
      const next = this.#waiting.splice(0, perTurn);
      this.#begun = next.length;
      if (next.length > 0) this.#arm();
      for (const begin of next) begin();
    });
  }
}
