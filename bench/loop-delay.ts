import { monitorEventLoopDelay } from "node:perf_hooks";

export interface LoopDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Node's monitor records the whole interval between two of its timers. */
const resolutionMs = 10;

/** Milliseconds by which timers of this process came late, since it was asked last. */
export function watchLoopDelay(): () => LoopDelay {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  return () => {
    const lateMs = (ns: number): number => Math.max(0, ns / 1e6 - resolutionMs);
    const late = {
      p50: lateMs(delay.percentile(50)),
      p99: lateMs(delay.percentile(99)),
      max: lateMs(delay.max),
    };
    delay.reset();
    return late;
  };
}
