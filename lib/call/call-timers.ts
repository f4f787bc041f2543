import type { Clock } from "./ports.ts";

const warningSec = 300;

/** Runs now and every `everyMs` until the returned function is called. */
export function repeat(clock: Clock, everyMs: number, run: () => void): () => void {
  let cancel = (): void => undefined;
  const again = (): void => {
    run();
    cancel = clock.after(everyMs, again);
  };
  again();
  return () => {
    cancel();
  };
}

export interface CallTimersOptions {
  readonly clock: Clock;
  readonly startedAtMs: number;
  readonly sessionTimeoutSec: number;
  readonly resumeWindowSec: number;
  /** A recovered call that is over its time still waits for its host: it was the server that died. */
  readonly recovered: boolean;
  readonly onAbandoned: () => void;
  readonly onTimeLimit: () => void;
  /** Five minutes ahead of the limit, where the limit leaves room for it. */
  readonly onTimeLimitNear: (secondsLeft: number) => void;
}

/** The two clocks of a call: how long it may last, and how long it waits for a host. */
export class CallTimers {
  readonly #options: CallTimersOptions;
  readonly #limits: (() => void)[] = [];
  #cancelAbandon: (() => void) | null = null;

  constructor(options: CallTimersOptions) {
    this.#options = options;
    if (!options.recovered) this.#watchLength();
    this.hostLeft();
  }

  hostLeft(): void {
    this.#stopWaiting();
    const { clock, resumeWindowSec, onAbandoned } = this.#options;
    this.#cancelAbandon = clock.after(resumeWindowSec * 1000, onAbandoned);
  }

  hostCame(): void {
    this.#stopWaiting();
    this.#watchLength();
  }

  #watchLength(): void {
    if (this.#limits.length > 0) return;
    const { clock, startedAtMs, sessionTimeoutSec, onTimeLimit, onTimeLimitNear } = this.#options;
    const leftMs = Math.max(0, startedAtMs + sessionTimeoutSec * 1000 - clock.nowMs());
    this.#limits.push(clock.after(leftMs, onTimeLimit));
    const warnInMs = leftMs - warningSec * 1000;
    if (warnInMs <= 0) return;
    this.#limits.push(
      clock.after(warnInMs, () => {
        onTimeLimitNear(warningSec);
      }),
    );
  }

  #stopWaiting(): void {
    this.#cancelAbandon?.();
    this.#cancelAbandon = null;
  }

  cancel(): void {
    this.#stopWaiting();
    for (const cancel of this.#limits) cancel();
  }
}
