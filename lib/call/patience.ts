import type { Clock } from "./ports.ts";

/** Sockets stay open this long after completion, so that a second stop is still answered. */
export const farewellMs = 250;
/** A change of title or notes waits so long for the database before it is answered. */
export const maxPatchMs = 5000;
/** What was published is given so long to be written when the call is let go. */
export const maxReleaseMs = 1000;

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
