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
  /** The last attempt's, until one succeeds. */
  #failure: RecordedAudioError | null = null;
  #failingSinceMs: number | null = null;
  #patienceMs = Infinity;
  #isOver = false;

  constructor(options: GapRepairOptions) {
    this.#options = options;
  }

  get #isClosed(): boolean {
    return this.#abort.signal.aborted;
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

  /**
   * Resolves with null when no gap is left; with why not when the service has refused for good, or has failed for
   * longer than `patienceMs`.
   */
  async done(patienceMs: number): Promise<RecordedAudioError | null> {
    this.#patienceMs = patienceMs;
    while (this.#running !== null) await this.#running;
    return this.#gaps.length === 0 ? null : this.#failure;
  }

  close(): void {
    this.#abort.abort();
    this.#cancelWait?.();
  }

  async #run(): Promise<void> {
    const { backOff } = this.#options;
    while (this.#gaps.length > 0 && !this.#isOver) {
      try {
        await this.#repairPiece();
        backOff.succeeded();
        this.#failure = null;
        this.#failingSinceMs = null;
      } catch (error) {
        if (!this.#isClosed) await this.#failed(error);
      }
      if (this.#isClosed) this.#isOver = true;
    }
    this.#running = null;
  }

  async #failed(error: unknown): Promise<void> {
    const { backOff, clock, logger } = this.#options;
    const failure =
      error instanceof RecordedAudioError
        ? error
        : new RecordedAudioError("the recording could not be read", {
            status: null,
            code: null,
            requestId: null,
          });
    const { code, message: reason, requestId: request, status } = failure;
    this.#failure = failure;
    this.#failingSinceMs ??= clock.monotonicMs();
    this.#isOver = isFinal(failure) || clock.monotonicMs() - this.#failingSinceMs >= this.#patienceMs;
    if (this.#isOver) {
      logger.error({ status, code, request, reason }, "a gap of the transcript cannot be repaired");
      return;
    }
    logger.warn({ status, code, request, reason }, "a gap is not repaired yet; it is tried again");
    await this.#wait(backOff.nextMs());
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
