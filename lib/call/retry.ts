import type { Clock, Logger } from "./ports.ts";

const retryMs = 1000;
const maxTries = 60;

/** Runs it again and again while storage fails; rejects with the last error after a minute. */
export async function retried<T>(
  options: { readonly clock: Clock; readonly logger: Logger },
  run: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      if (tries >= maxTries) throw error;
      options.logger.warn({ err: error, tries }, "storage fails; it is tried again");
    }
    await new Promise<void>((resolve) => void options.clock.after(retryMs, resolve));
  }
}
