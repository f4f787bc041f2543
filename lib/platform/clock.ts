import type { Clock } from "../call/ports.ts";

/** The longest delay of Node's own timers; longer ones fire at once. */
const maxTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const dueMs = performance.now() + delayMs;
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const leftMs = dueMs - performance.now();
      timer = leftMs > maxTimerMs ? setTimeout(wait, maxTimerMs) : setTimeout(run, Math.max(0, leftMs));
    };
    wait();
    return () => {
      clearTimeout(timer);
    };
  },
};
