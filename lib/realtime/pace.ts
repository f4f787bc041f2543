import type { ClientMessageType } from "../contract/client-messages.ts";
import type { Clock } from "../call/ports.ts";

/** What one connection may do; nobody who talks, clicks or sends a recorded file comes near it. */
const messagePace = { perSecond: 200, burst: 1000 } as const;
/** Frames of 10 ms may come as fast as `audioPace` lets them; shorter ones are only more work for as much sound. */
const framePace = { perSecond: 2500, burst: 5000 } as const;
/** Seconds of audio: what was kept while the network was away comes at once, hours come as fast as this. */
const audioPace = { perSecond: 10, burst: 60 } as const;
/** Waited at a time, so that reading is not stopped and started for every message. */
const shortestWaitMs = 50;
/** Text is parsed while everybody waits: a KiB costs as much as a message. */
const charactersPerMessage = 1024;
/** Messages that make work elsewhere: a replay, rows in the database, an event for every socket of the call. */
const costs: Partial<Record<ClientMessageType, number>> = {
  start_transcription: 20,
  stop_transcription: 5,
  toggle_coach: 10,
  choose_voice: 40,
  audio_lost: 5,
  suggestion_feedback: 5,
};

/** A bucket of tokens. */
class Bucket {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #atMs: number;

  constructor(clock: Clock, rate: { readonly perSecond: number; readonly burst: number }) {
    this.#clock = clock;
    this.#perSecond = rate.perSecond;
    this.#burst = rate.burst;
    this.#tokens = rate.burst;
    this.#atMs = clock.monotonicMs();
  }

  /** Takes them out, even where there are none; milliseconds until there are again. */
  spend(tokens: number): number {
    const nowMs = this.#clock.monotonicMs();
    const grown = ((nowMs - this.#atMs) * this.#perSecond) / 1000;
    this.#tokens = Math.min(this.#burst, this.#tokens + grown) - tokens;
    this.#atMs = nowMs;
    if (this.#tokens >= 0) return 0;
    return Math.max(shortestWaitMs, Math.ceil((-this.#tokens * 1000) / this.#perSecond));
  }
}

/** A frame that was refused is answered with a text of its own, which costs as much as many that are taken. */
const framesPerRefusal = 3;

type Step = () => Promise<void> | undefined;

export interface PaceOptions {
  readonly clock: Clock;
  /** What came is held back because it came too fast, or goes on. */
  readonly onHeld: (held: boolean) => void;
}

/** Runs what one connection sends, one thing after the other, no faster than it may. */
export class Pace {
  readonly #options: PaceOptions;
  readonly #messages: Bucket;
  readonly #frames: Bucket;
  readonly #audio: Bucket;
  #letGo: (() => void) | null = null;
  #closed = false;

  constructor(options: PaceOptions) {
    this.#options = options;
    this.#messages = new Bucket(options.clock, messagePace);
    this.#frames = new Bucket(options.clock, framePace);
    this.#audio = new Bucket(options.clock, audioPace);
  }

  get held(): boolean {
    return this.#letGo !== null;
  }

  /** Text that has been parsed already: what comes next waits for it. */
  heardText(characters: number): void {
    this.#messages.spend(Math.floor(characters / charactersPerMessage));
  }

  /** `type` null: no message at all. */
  message(type: ClientMessageType | null, run: Step): Promise<void> | undefined {
    return this.#after(this.#messages.spend(type === null ? 1 : (costs[type] ?? 1)), run);
  }

  frame(seconds: number, run: Step): Promise<void> | undefined {
    return this.#after(Math.max(this.#frames.spend(1), this.#audio.spend(seconds)), run);
  }

  /** The last frame was refused: what comes next waits for it. */
  refusedFrame(): void {
    this.#frames.spend(framesPerRefusal);
  }

  /** Nothing that waits is run any more. */
  close(): void {
    this.#closed = true;
    this.#letGo?.();
  }

  #after(waitMs: number, run: Step): Promise<void> | undefined {
    if (waitMs === 0) return run();
    const waited = new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(waitMs, resolve);
      this.#letGo = () => {
        cancel();
        resolve();
      };
    });
    this.#options.onHeld(true);
    return waited.then(() => {
      this.#letGo = null;
      if (this.#closed) return undefined;
      this.#options.onHeld(false);
      return run();
    });
  }
}
