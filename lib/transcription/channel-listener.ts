import { HeardUtterance, type DecodeKind, type InterimPace } from "./heard-utterance.ts";
import type { ShownUtterance } from "./recognizer-messages.ts";
import { Resampler, modelRateHz } from "./resampler.ts";
import { windowSamples, type VoiceActivity } from "./sherpa.ts";
import { UtteranceSegmenter, type SegmenterEvent, type SegmenterSettings } from "./utterance-segmenter.ts";

/** An utterance that went on at the restart is heard again within this much audio. */
const orphanPatienceSamples = 15 * modelRateHz;

export interface ListenerSettings {
  readonly segmenter: SegmenterSettings;
  readonly pace: InterimPace;
}

export interface ListenerOptions {
  readonly sampleRateHz: number;
  readonly voiceActivity: VoiceActivity;
  readonly settings: ListenerSettings;
  /** Audio before it is taken as silence. At the models' rate, as all positions here. */
  readonly silentBeforeSample: number;
  readonly shown: readonly ShownUtterance[];
  readonly nameUtterance: (startSample: number) => string;
}

export interface WantedDecode {
  readonly kind: DecodeKind;
  readonly overdueMs: number;
  readonly utterance: HeardUtterance;
  readonly endSample: number;
}

/** Resamples one channel, finds its utterances and keeps the audio that is still to be decoded. */
export class ChannelListener {
  readonly #options: ListenerOptions;
  readonly #resampler: Resampler;
  readonly #segmenter: UtteranceSegmenter;
  /** Oldest first; only the last one may still be open. */
  readonly #utterances: HeardUtterance[] = [];
  readonly #shown: ShownUtterance[];
  #audio = new Float32Array(0);
  /** Position of the first sample in `#audio`. */
  #audioFrom = 0;
  #audioUntil = 0;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#resampler = new Resampler(options.sampleRateHz);
    this.#segmenter = new UtteranceSegmenter(options.settings.segmenter);
    this.#shown = [...options.shown];
  }

  /** Samples that were judged. */
  get heardSample(): number {
    return this.#segmenter.positionSample;
  }

  /** Every utterance that begins before it has been taken by `takeFinished`. */
  get settledSample(): number {
    return this.#utterances[0]?.startSample ?? this.#segmenter.quietUntilSample;
  }

  get pendingFinals(): number {
    return this.#utterances.filter(({ endSample }) => endSample !== null).length;
  }

  /** Start of the oldest utterance that is over and not decoded. */
  get oldestPendingSample(): number | null {
    const oldest = this.#utterances[0];
    return oldest === undefined || oldest.endSample === null ? null : oldest.startSample;
  }

  push(samples: Float32Array, nowMs: number): void {
    this.#append(this.#resampler.push(samples));
    this.#hear(nowMs);
  }

  flush(nowMs: number): void {
    this.#append(this.#resampler.flush());
    const end = this.#audioUntil;
    this.#append(new Float32Array((windowSamples - (end % windowSamples)) % windowSamples));
    this.#hear(nowMs);
    for (const event of this.#segmenter.flush()) this.#follow(event, nowMs);
  }

  /** What should be decoded next, of this channel. */
  wanted(nowMs: number, interimsAllowed: boolean): WantedDecode | null {
    for (const utterance of this.#utterances) {
      // An interim behind a final that waits would be out of order.
      const allowed = interimsAllowed && utterance === this.#utterances[0];
      const wanted = utterance.wanted(nowMs, this.heardSample, allowed);
      if (wanted !== null) return { ...wanted, utterance };
    }
    return null;
  }

  audioOf(utterance: HeardUtterance, endSample: number): Float32Array {
    return this.#audio.slice(utterance.startSample - this.#audioFrom, endSample - this.#audioFrom);
  }

  /** The voice of an utterance up to `endSample`, open or over. */
  voicedOf(utterance: HeardUtterance): readonly { start: number; end: number }[] {
    return utterance.endSample === null ? this.#segmenter.voicedSpans() : utterance.voiced;
  }

  /** Takes the oldest utterance if it is over and its text known. */
  takeFinished(): HeardUtterance | null {
    const oldest = this.#utterances[0];
    if (oldest === undefined || oldest.finalText() === null) return null;
    this.#utterances.shift();
    this.#forgetAudio();
    return oldest;
  }

  /** Ids that were shown by an earlier recogniser and that no utterance will take any more. */
  takeOrphans(all: boolean): ShownUtterance[] {
    const lost =
      all ||
      (this.#utterances.length === 0 &&
        this.heardSample > this.#options.silentBeforeSample + orphanPatienceSamples);
    return lost ? this.#shown.splice(0) : [];
  }

  #append(samples: Float32Array): void {
    const needed = this.#audioUntil - this.#audioFrom + samples.length;
    if (needed > this.#audio.length) {
      const grown = new Float32Array(needed * 2);
      grown.set(this.#audio);
      this.#audio = grown;
    }
    this.#audio.set(samples, this.#audioUntil - this.#audioFrom);
    const silentUntil = Math.min(this.#audioUntil + samples.length, this.#options.silentBeforeSample);
    if (silentUntil > this.#audioUntil)
      this.#audio.fill(0, this.#audioUntil - this.#audioFrom, silentUntil - this.#audioFrom);
    this.#audioUntil += samples.length;
  }

  #hear(nowMs: number): void {
    while (this.heardSample + windowSamples <= this.#audioUntil) {
      const from = this.heardSample - this.#audioFrom;
      const window = this.#audio.slice(from, from + windowSamples);
      const energy = window.reduce((sum, value) => sum + value * value, 0);
      const voiced = this.#options.voiceActivity.hearsVoice(window);
      for (const event of this.#segmenter.push(voiced, energy)) this.#follow(event, nowMs);
    }
    if (this.#utterances.length === 0) this.#forgetAudio();
  }

  #follow(event: SegmenterEvent, nowMs: number): void {
    const open = this.#utterances.at(-1);
    switch (event.type) {
      case "opened": {
        const id = this.#shown.shift()?.utteranceId ?? this.#options.nameUtterance(event.startSample);
        this.#utterances.push(new HeardUtterance(id, event.startSample, nowMs, this.#options.settings.pace));
        break;
      }
      case "paused":
        open?.pause(event.endSample);
        break;
      case "resumed":
        open?.resume();
        break;
      case "ended":
        open?.end(event.endSample, event.voiced);
    }
  }

  /** Moves the audio that is still needed to the front, when that is much less than is held. */
  #forgetAudio(): void {
    const needed = Math.min(this.settledSample, this.heardSample) - this.#audioFrom;
    if (needed < this.#audio.length / 2) return;
    this.#audio.copyWithin(0, needed, this.#audioUntil - this.#audioFrom);
    this.#audioFrom += needed;
  }
}
