/** Time as the browser's side sees it; tests have one that they move by hand. */
export interface Timers {
  /** Monotonic. */
  readonly nowMs: () => number;
  /** Runs once after the delay; the returned function cancels it. */
  readonly after: (delayMs: number, run: () => void) => () => void;
}

export const browserTimers: Timers = {
  nowMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};

/** Runs again and again until the returned function is called. */
export function every(timers: Timers, everyMs: number, run: () => void): () => void {
  let cancel: () => void;
  const next = (): void => {
    cancel = timers.after(everyMs, () => {
      next();
      run();
    });
  };
  next();
  return () => {
    cancel();
  };
}
