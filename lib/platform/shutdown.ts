import type { Clock, Logger } from "../call/ports.ts";

interface Part {
  readonly name: string;
  readonly dispose: () => void | Promise<void>;
  readonly mayBeLeft: boolean;
}

export interface Shutdown {
  /**
   * Disposers run one after the other, the last one added first. `mayBeLeft`: nothing is lost when the end of the
   * process comes first; false by default.
   */
  add(name: string, dispose: () => void | Promise<void>, options?: { readonly mayBeLeft?: boolean }): void;
  /** True from the first call of `run`. */
  started(): boolean;
  /**
   * Runs the disposers; a failing one is logged and the next one runs. Resolves true when all that may not be
   * left went well within the deadline. Idempotent: every call gets the same promise.
   */
  run(reason: string): Promise<boolean>;
}

export function createShutdown(options: {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly deadlineMs: number;
}): Shutdown {
  const { clock, logger, deadlineMs } = options;
  const parts: Part[] = [];
  let running: Promise<boolean> | null = null;

  const disposeAll = async (reason: string): Promise<boolean> => {
    logger.info({ reason }, "shutting down");
    let current: Part | null = null;
    let clean = true;
    let expired = false;
    const tookMs: Record<string, number> = {};
    let cancelDeadline = (): void => undefined;
    const deadline = new Promise<boolean>((resolve) => {
      cancelDeadline = clock.after(deadlineMs, () => {
        expired = true;
        const told = { waitingFor: current?.name, tookMs, deadlineMs };
        const mayLeave = [current, ...parts].every((part) => part?.mayBeLeft !== false);
        if (mayLeave) logger.warn(told, "everything is saved; the end of the process closes the rest");
        else logger.error(told, "shutdown took too long");
        resolve(mayLeave && clean);
      });
    });
    const work = async (): Promise<boolean> => {
      for (let next = parts.pop(); next !== undefined && !expired; next = parts.pop()) {
        current = next;
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
    const ended = await Promise.race([work(), deadline]);
    cancelDeadline();
    return ended;
  };

  return {
    add: (name, dispose, { mayBeLeft = false } = {}) => void parts.push({ name, dispose, mayBeLeft }),
    started: () => running !== null,
    run: (reason) => (running ??= disposeAll(reason)),
  };
}
