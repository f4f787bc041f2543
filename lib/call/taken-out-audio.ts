import type { AudioSpan, Clock, Logger } from "./ports.ts";

const firstRetryMs = 200;
const lastRetryMs = 5000;

export interface TakenOutAudioOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Overwrites the spans; resolves when nothing of them is left. */
  readonly silence: (spans: readonly AudioSpan[]) => Promise<void>;
}

/** Silences in the recording what was taken out of the transcript, tried again until it succeeds. */
export class TakenOutAudio {
  readonly #options: TakenOutAudioOptions;
  #pending: readonly AudioSpan[] = [];
  #working: Promise<void> | null = null;
  #closed = false;

  constructor(options: TakenOutAudioOptions) {
    this.#options = options;
  }

  /** Audio before it is as it will stay; null: all of it is. */
  get firstPendingSample(): number | null {
    return this.#pending.length === 0 ? null : Math.min(...this.#pending.map((span) => span.firstSample));
  }

  add(spans: readonly AudioSpan[]): void {
    this.#pending = [...this.#pending, ...spans];
    this.#working ??= this.#work();
  }

  /** Resolves when everything is silenced, or it was given up. */
  async done(): Promise<void> {
    while (this.#working !== null) await this.#working;
  }

  /** The next process does what is left. */
  close(): void {
    this.#closed = true;
  }

  async #work(): Promise<void> {
    const { clock, logger, silence } = this.#options;
    let retryMs = firstRetryMs;
    while (this.#pending.length > 0 && !this.#closed) {
      const spans = this.#pending;
      try {
        await silence(spans);
        this.#pending = this.#pending.slice(spans.length);
        retryMs = firstRetryMs;
      } catch (error) {
        logger.error({ err: error }, "audio could not be silenced; it is tried again");
        await new Promise<void>((resolve) => void clock.after(retryMs, resolve));
        retryMs = Math.min(retryMs * 2, lastRetryMs);
      }
    }
    this.#working = null;
  }
}
