import type { CallSpeech } from "./call-speech.ts";
import type { Clock } from "./ports.ts";
import type { CallRecord } from "./stored-call.ts";

/** Each is a write to the database; a restart hears what was settled since then once more, and says none of it twice. */
const saveEveryMs = 10_000;
/** Behind a final, with which it shares a transaction. */
const saveWithFinalEveryMs = 3000;

/** How far a call is as it will stay, as it is written now and then: a restart begins there. */
export class SettledAudio {
  readonly #speech: Pick<CallSpeech, "undecidedSample">;
  readonly #clock: Clock;
  readonly #save: (settledSample: number) => void;
  #sample: number;
  #savedMs = -Infinity;
  #sharesWrite = false;

  constructor(
    speech: Pick<CallSpeech, "undecidedSample">,
    call: Pick<CallRecord, "settledSample">,
    clock: Clock,
    save: (settledSample: number) => void,
  ) {
    this.#speech = speech;
    this.#clock = clock;
    this.#save = save;
    this.#sample = call.settledSample;
  }

  get sample(): number {
    return Math.min(this.#sample, this.#speech.undecidedSample ?? this.#sample);
  }

  /** A final is on its way to the database: what is settled in the same turn can go with it. */
  finalTold(): void {
    this.#sharesWrite = true;
  }

  /** The engine has given every final of what begins before this sample. */
  reach(engineSample: number): void {
    const sample = Math.min(engineSample, this.#speech.undecidedSample ?? engineSample);
    const everyMs = this.#sharesWrite ? saveWithFinalEveryMs : saveEveryMs;
    this.#sharesWrite = false;
    if (sample <= this.#sample) return;
    this.#sample = sample;
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#savedMs < everyMs) return;
    this.#savedMs = nowMs;
    this.#save(sample);
  }
}
