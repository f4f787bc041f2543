import type { ClientMessageType } from "../contract/client-messages.ts";
import type { Clock } from "../call/ports.ts";

/** Messages that make work elsewhere: a replay, rows in the database, an event for every socket of the call. */
const costs: Partial<Record<ClientMessageType, number>> = {
  start_transcription: 20,
  stop_transcription: 5,
  toggle_coach: 10,
  audio_lost: 5,
  suggestion_feedback: 5,
};

export function messageCost(type: ClientMessageType): number {
  return costs[type] ?? 1;
}

/** What one connection may do; nobody who talks, clicks or sends a recorded file comes near it. */
export const messagePace = { perSecond: 200, burst: 1000 } as const;
export const framePace = { perSecond: 4000, burst: 8000 } as const;
/** Waited at a time, so that reading is not stopped and started for every message. */
const shortestWaitMs = 50;

export interface PaceOptions {
  readonly clock: Clock;
  readonly perSecond: number;
  readonly burst: number;
}

/** A bucket of tokens: says how long whoever has used them up must wait. */
export class Pace {
  readonly #options: PaceOptions;
  #tokens: number;
  #atMs: number;

  constructor(options: PaceOptions) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#atMs = options.clock.monotonicMs();
  }

  /** Spends; 0: go on at once, else milliseconds to wait before this is done. */
  spend(cost: number): number {
    const { burst, clock, perSecond } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#atMs) * perSecond) / 1000) - cost;
    this.#atMs = nowMs;
    return this.#tokens >= 0 ? 0 : Math.max(shortestWaitMs, Math.ceil((-this.#tokens * 1000) / perSecond));
  }
}
