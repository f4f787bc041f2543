import type { Timers } from "../timers.ts";

/** A clock that only moves when it is told to, and runs what falls due on the way, in order. */
export class ManualTimers implements Timers {
  #nowMs = 0;
  #next = 0;
  readonly #due = new Map<number, { readonly atMs: number; readonly run: () => void }>();

  readonly nowMs = (): number => this.#nowMs;

  readonly after = (delayMs: number, run: () => void): (() => void) => {
    const id = this.#next;
    this.#next += 1;
    this.#due.set(id, { atMs: this.#nowMs + delayMs, run });
    return () => {
      this.#due.delete(id);
    };
  };

  /** Lets what was promised happen first, and after each timer. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settled();
    for (;;) {
      let first: { id: number; atMs: number; run: () => void } | null = null;
      for (const [id, { atMs, run }] of this.#due) {
        if (atMs <= untilMs && (first === null || atMs < first.atMs)) first = { id, atMs, run };
      }
      if (first === null) break;
      this.#due.delete(first.id);
      this.#nowMs = Math.max(this.#nowMs, first.atMs);
      first.run();
      await settled();
    }
    this.#nowMs = untilMs;
  }

  /** The clock jumps without anything running, as when the machine sleeps. */
  sleep(ms: number): void {
    this.#nowMs += ms;
  }
}

/** Promises that are ready, and those that follow from them, storage included. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 12; round += 1) await new Promise((resolve) => setImmediate(resolve));
}
