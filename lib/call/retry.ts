import type { Clock, Logger } from "./ports.ts";

const firstRetryMs = 1000;
const lastRetryMs = 10_000;

export interface RetryOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Nobody waits for it any more: the last error is thrown. */
  readonly isGivenUp: () => boolean;
}

/** Runs it again and again while storage fails. */
export async function retried<T>(options: RetryOptions, run: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      if (options.isGivenUp()) throw error;
      options.logger.warn({ err: error, tries }, "storage fails; it is tried again");
    }
    const delayMs = Math.min(firstRetryMs * tries, lastRetryMs);
    await new Promise<void>((resolve) => void options.clock.after(delayMs, resolve));
  }
}
