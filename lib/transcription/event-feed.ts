import type { EngineEvent } from "../call/transcription-ports.ts";

/** One call that has much to say at once lets the others have their turn in between. */
const turnMs = 2;

/**
 * Delivers events in order, never from within the call that caused them, and none after `close`:
 * what the port promises of `onEvent`.
 */
export class EventFeed {
  readonly #onEvent: (event: EngineEvent) => void;
  #waiting: EngineEvent[] = [];
  #scheduled = false;
  #closed = false;
  #whenEmpty: (() => void)[] = [];

  constructor(onEvent: (event: EngineEvent) => void) {
    this.#onEvent = onEvent;
  }

  push(event: EngineEvent): void {
    if (this.#closed) return;
    this.#waiting.push(event);
    this.#schedule();
  }

  /** Resolves when everything pushed so far has been delivered. */
  drained(): Promise<void> {
    if (this.#closed || (this.#waiting.length === 0 && !this.#scheduled)) return Promise.resolve();
    return new Promise((resolve) => this.#whenEmpty.push(resolve));
  }

  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#settle();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      const events = this.#waiting;
      this.#waiting = [];
      this.#scheduled = false;
      const untilMs = performance.now() + turnMs;
      for (const [index, event] of events.entries()) {
        if (this.#closed) return;
        this.#onEvent(event);
        if (performance.now() < untilMs || index + 1 === events.length) continue;
        this.#waiting = [...events.slice(index + 1), ...this.#waiting];
        break;
      }
      if (this.#waiting.length === 0) this.#settle();
      else this.#schedule();
    });
  }

  #settle(): void {
    const resolvers = this.#whenEmpty;
    this.#whenEmpty = [];
    for (const resolve of resolvers) resolve();
  }
}
