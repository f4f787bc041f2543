import type { Clock } from "../call/ports.ts";

/** Failures in a row after which nobody is asked any more. */
const failuresToOpen = 3;
const firstOpenMs = 15_000;
const longestOpenMs = 120_000;

type State =
  | { readonly name: "closed"; readonly failures: number }
  | { readonly name: "open"; readonly untilMs: number; readonly lastMs: number }
  /** One request finds out whether the server is back. */
  | { readonly name: "probing"; readonly lastMs: number };

/**
 * Spares a server that fails, and the calls that would wait for it: after three failures in a row nothing is asked for
 * 15 s, then one request is let through; each failed probe doubles the time, up to 2 minutes.
 */
export class CircuitBreaker {
  readonly #clock: Clock;
  readonly #onChange: (isAway: boolean) => void;
  #state: State = { name: "closed", failures: 0 };

  constructor(options: { readonly clock: Clock; readonly onChange: (isAway: boolean) => void }) {
    this.#clock = options.clock;
    this.#onChange = options.onChange;
  }

  get isAway(): boolean {
    return this.#state.name !== "closed";
  }

  /** Whether a request may go out now; in a half-open circuit the first one is the probe. */
  admits(): boolean {
    const state = this.#state;
    if (state.name === "closed") return true;
    if (state.name === "probing" || this.#clock.monotonicMs() < state.untilMs) return false;
    this.#state = { name: "probing", lastMs: state.lastMs };
    return true;
  }

  succeeded(): void {
    const was = this.isAway;
    this.#state = { name: "closed", failures: 0 };
    if (was) this.#onChange(false);
  }

  /** `forMs`: how long the server itself asks to be left alone. */
  failed(forMs: number | null = null): void {
    const state = this.#state;
    if (state.name === "open") return;
    if (state.name === "probing") {
      this.#open(Math.min(longestOpenMs, state.lastMs * 2), forMs);
      return;
    }
    const failures = state.failures + 1;
    if (failures < failuresToOpen && forMs === null) this.#state = { name: "closed", failures };
    else {
      this.#open(firstOpenMs, forMs);
      this.#onChange(true);
    }
  }

  /** The request said nothing about the server: a probe is to be tried again. */
  undecided(): void {
    const state = this.#state;
    if (state.name === "probing")
      this.#state = { name: "open", untilMs: this.#clock.monotonicMs(), lastMs: state.lastMs };
  }

  #open(lastMs: number, askedMs: number | null): void {
    const waitMs = Math.min(longestOpenMs, Math.max(lastMs, askedMs ?? 0));
    this.#state = { name: "open", untilMs: this.#clock.monotonicMs() + waitMs, lastMs };
  }
}
