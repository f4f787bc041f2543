import type { Clock, Logger } from "../call/ports.ts";

export interface Shutdown {
  /** Disposers run one after the other, the last one added first. */
  add(name: string, dispose: () => void | Promise<void>): void;
  /** True from the first call of `run`. */
  started(): boolean;
  /**
   * Runs the disposers; a failing one is logged and the next one runs. Resolves true when all went
   * well within the deadline. Idempotent: every call gets the same promise.
   */
  run(reason: string): Promise<boolean>;
}

export function createShutdown(options: {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly deadlineMs: number;
}): Shutdown {
  const { clock, logger, deadlineMs } = options;
  const disposers: { readonly name: string; readonly dispose: () => void | Promise<void> }[] = [];
  let running: Promise<boolean> | null = null;

  const disposeAll = async (reason: string): Promise<boolean> => {
    logger.info({ reason }, "shutting down");
    let current = "";
    let expired = false;
    const tookMs: Record<string, number> = {};
    let cancelDeadline = (): void => undefined;
    const deadline = new Promise<false>((resolve) => {
      cancelDeadline = clock.after(deadlineMs, () => {
        expired = true;
        logger.error({ waitingFor: current, tookMs, deadlineMs }, "shutdown took too long");
        resolve(false);
      });
    });
    const work = async (): Promise<boolean> => {
      let clean = true;
      for (let next = disposers.pop(); next !== undefined && !expired; next = disposers.pop()) {
        current = next.name;
        const begunMs = clock.monotonicMs();
        try {
          await next.dispose();
        } catch (error) {
          clean = false;
          logger.error({ err: error, part: next.name }, "shutdown of a part failed");
        }
        tookMs[next.name] = Math.round(clock.monotonicMs() - begunMs);
      }
      if (!expired) logger.info({ tookMs, clean }, "everything is closed");
      return clean;
    };
    const clean = await Promise.race([work(), deadline]);
    cancelDeadline();
    return clean;
  };

  return {
    add: (name, dispose) => void disposers.push({ name, dispose }),
    started: () => running !== null,
    run: (reason) => (running ??= disposeAll(reason)),
  };
}
