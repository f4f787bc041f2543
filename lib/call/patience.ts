import type { Clock } from "./ports.ts";

/** Waits for the work, but no longer than `ms`; true when it was done in that time. Rejects as it does. */
export async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  let cancel = (): void => undefined;
  const patience = new Promise<boolean>((resolve) => {
    cancel = clock.after(ms, () => {
      resolve(false);
    });
  });
  try {
    return await Promise.race([work.then(() => true), patience]);
  } finally {
    cancel();
  }
}
