import type { Clock, Logger } from "../../call/ports.ts";
import type { BackOff } from "./back-off.ts";
import { muteOutside, wavOf } from "./channel-audio.ts";
import { heardWords } from "./heard-words.ts";
import type { ServiceWord } from "./listen-messages.ts";
import { isFinal } from "./plain-words.ts";
import { RecordedAudioError } from "./recorded-audio.ts";
import { repairedUtterances } from "./repaired-speech.ts";
import type { ShownUtterance, Utterance } from "./result-assembler.ts";
import { quietCut } from "./voice-gate.ts";

/** What one channel lacks. */
export interface GapSpan {
  readonly from: number;
  readonly until: number;
  readonly shown: ShownUtterance | null;
}

export type Gap = readonly GapSpan[];

export interface GapRepairOptions {
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly pauseMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly backOff: BackOff;
  readonly readRecording: (firstSample: number, samples: number) => Promise<Uint8Array>;
  readonly transcribe: (wav: Uint8Array, signal: AbortSignal) => Promise<readonly (readonly ServiceWord[])[]>;
  readonly nextUtteranceId: (channel: number) => string;
  readonly onUtterance: (utterance: Utterance) => void;
  /** Audio that was transcribed, in samples of one channel. */
  readonly onRepaired: (samples: number) => void;
}

/** Sent in one go; a longer gap is cut where it is quiet. */
const pieceSeconds = 120;
const cutSeconds = 3;

/** Brings in what was said while there was no connection, from the call's own recording, one stretch after the other. */
export class GapRepair {
  readonly #options: GapRepairOptions;
  readonly #gaps: Gap[] = [];
  readonly #abort = new AbortController();
  #running: Promise<void> | null = null;
  #cancelWait: (() => void) | null = null;
  #refusal: RecordedAudioError | null = null;

  constructor(options: GapRepairOptions) {
    this.#options = options;
  }

  /** Why the service will not do it, whatever is tried; null: it may. */
  get refusal(): RecordedAudioError | null {
    return this.#refusal;
  }

  get #isClosed(): boolean {
    return this.#abort.signal.aborted;
  }

  get isPending(): boolean {
    return this.#gaps.length > 0;
  }

  /** The first sample of the channel that waits for its repair. */
  pendingSample(channel: number): number {
    return Math.min(
      ...this.#gaps.map((gap) => {
        const span = gap[channel];
        return span === undefined || (span.from >= span.until && span.shown === null) ? Infinity : span.from;
      }),
    );
  }

  add(gap: Gap): void {
    this.#gaps.push(gap);
    this.#running ??= this.#run();
  }

  /** Resolves when no gap is left, or the service has refused for good. */
  async done(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  close(): void {
    this.#abort.abort();
    this.#cancelWait?.();
  }

  async #run(): Promise<void> {
    const { backOff, logger } = this.#options;
    while (this.#gaps.length > 0 && !this.#isClosed && this.#refusal === null) {
      try {
        await this.#repairPiece();
        backOff.succeeded();
      } catch (error) {
        if (this.#abort.signal.aborted) break;
        const told = error instanceof RecordedAudioError ? error : null;
        const fields = {
          status: told?.status,
          code: told?.code,
          request: told?.requestId,
          reason: told?.message,
        };
        if (told !== null && isFinal(told)) {
          this.#refusal = told;
          logger.error(fields, "a gap of the transcript cannot be repaired");
        } else {
          logger.warn(
            told === null ? { err: error } : fields,
            "a gap is not repaired yet; it is tried again",
          );
          await this.#wait(backOff.nextMs());
        }
      }
    }
    this.#running = null;
  }

  async #repairPiece(): Promise<void> {
    const [gap] = this.#gaps;
    if (gap === undefined) return;
    const { channels, sampleRateHz } = this.#options;
    const open = gap.filter(({ from, until }) => until > from);
    const first = Math.min(...open.map(({ from }) => from));
    const last = Math.min(Math.max(...open.map(({ until }) => until)), first + pieceSeconds * sampleRateHz);
    if (open.length === 0) {
      this.#publish(
        gap,
        gap,
        gap.map(() => []),
        0,
      );
      return;
    }
    const pcm = Uint8Array.from(await this.#options.readRecording(first, last - first));
    if (pcm.byteLength < (last - first) * 2 * channels)
      throw new Error("the recording is shorter than the gap");
    const piece = gap.map((span, channel): GapSpan => {
      if (span.until <= last) return span;
      return { ...span, until: Math.max(span.from, this.#cut(pcm, first, last, channel)) };
    });
    muteOutside(pcm, first, piece);
    const words = await this.#options.transcribe(wavOf(pcm, { sampleRateHz, channels }), this.#abort.signal);
    if (this.#isClosed) return;
    this.#options.onRepaired(last - first);
    this.#publish(gap, piece, words, first);
  }

  #cut(pcm: Uint8Array, first: number, last: number, channel: number): number {
    const { channels, sampleRateHz } = this.#options;
    const searched = Math.min(last - first, cutSeconds * sampleRateHz);
    const tail = pcm.subarray((last - first - searched) * 2 * channels);
    return quietCut(tail, { fromSample: last - searched, channels, channel, sampleRateHz });
  }

  /** What was heard of the piece is said; the rest of the gap takes its place. */
  #publish(gap: Gap, piece: Gap, words: readonly (readonly ServiceWord[])[], first: number): void {
    const { nextUtteranceId, pauseMs, sampleRateHz } = this.#options;
    const place = (seconds: number): number => first + Math.round(seconds * sampleRateHz);
    const isLater = (channel: number): boolean =>
      (piece[channel]?.from ?? 0) >= (piece[channel]?.until ?? 0) &&
      (gap[channel]?.until ?? 0) > (gap[channel]?.from ?? 0);
    const utterances = piece.flatMap(({ from, shown, until }, channel) =>
      isLater(channel) || (from >= until && shown === null)
        ? []
        : repairedUtterances({
            channel,
            words: heardWords(words[channel] ?? [], { startAt: place, endAt: place }),
            shown,
            fromSample: from,
            untilSample: until,
            pauseSamples: (pauseMs * sampleRateHz) / 1000,
            nextUtteranceId,
          }),
    );
    const rest = gap.map((span, channel): GapSpan =>
      isLater(channel) ? span : { from: piece[channel]?.until ?? span.until, until: span.until, shown: null },
    );
    if (rest.some(({ from, until }) => from < until)) this.#gaps[0] = rest;
    else this.#gaps.shift();
    for (const utterance of [...utterances].sort((a, b) => a.startSample - b.startSample)) {
      this.#options.onUtterance(utterance);
    }
  }

  async #wait(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve);
      this.#cancelWait = () => {
        cancel();
        resolve();
      };
    });
  }
}
