import type { Clock } from "../call/ports.ts";

export interface KeepAliveOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** True while the server itself does not read: then the peer cannot be blamed for silence. */
  readonly deaf: () => boolean;
  readonly ping: () => void;
  readonly onSilent: () => void;
}

/** Pings after one silence, gives up after a second one. Any message counts as an answer. */
export class KeepAlive {
  readonly #options: KeepAliveOptions;
  #sinceMs: number;
  #pinged = false;
  #cancel: () => void;

  constructor(options: KeepAliveOptions) {
    this.#options = options;
    this.#sinceMs = options.clock.monotonicMs();
    this.#cancel = this.#arm(options.timeoutMs);
  }

  heard(): void {
    this.#sinceMs = this.#options.clock.monotonicMs();
    this.#pinged = false;
  }

  stop(): void {
    this.#cancel();
  }

  #arm(delayMs: number): () => void {
    return this.#options.clock.after(Math.max(1, Math.ceil(delayMs)), () => {
      this.#check();
    });
  }

  // One timer per connection that looks at the time of the last message, instead of one per message.
  #check(): void {
    const { clock, timeoutMs } = this.#options;
    const nowMs = clock.monotonicMs();
    const leftMs = this.#sinceMs + timeoutMs - nowMs;
    if (leftMs > 0) {
      this.#cancel = this.#arm(leftMs);
      return;
    }
    if (this.#pinged && !this.#options.deaf()) {
      this.#options.onSilent();
      return;
    }
    this.#pinged = true;
    this.#sinceMs = nowMs;
    this.#cancel = this.#arm(timeoutMs);
    this.#options.ping();
  }
}
