import { AudioPace } from "./audio-pace.ts";
import { ChannelListener, type ListenerSettings, type WantedDecode } from "./channel-listener.ts";
import type { HeardUtterance } from "./heard-utterance.ts";
import type { FromRecognizer, ToRecognizer } from "./recognizer-messages.ts";
import { channelsOf, modelRateHz } from "./resampler.ts";
import type { VoiceActivity } from "./sherpa.ts";
import type { SpokenLanguage } from "./speech-models.ts";
import { estimateWordTimes } from "./word-times.ts";

/** Audio judged in one go, so that other calls get their turn. */
const sliceSeconds = 0.5;
/** Utterances that wait for their finals; with more, the stream listens no further. */
const maxPendingFinals = 4;
/** Audio that waits to be judged above which interims are given up. */
const catchUpQueueSeconds = 1.5;
/** How far a call must be behind to count as one that catches up. */
const behindSeconds = 1.5;

export interface CallWork extends WantedDecode {
  readonly call: CallRecognition;
  readonly channel: number;
}

type Open = Extract<ToRecognizer, { type: "open" }>;

/** One call in the recogniser: its channels, its waiting audio and what it has to say. */
export class CallRecognition {
  readonly language: SpokenLanguage;
  readonly streamId: number;
  /** When it was last given a decode: others go first. */
  lastServed = 0;
  readonly #open: Open;
  readonly #voices: readonly VoiceActivity[];
  readonly #listeners: readonly ChannelListener[];
  readonly #givenUp: ReadonlySet<string>;
  readonly #send: (message: FromRecognizer) => void;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #judgedSamples = 0;
  readonly #pace = new AudioPace();
  #arrivedSamples = 0;
  #finishing = false;
  #flushed = false;
  #finished = false;
  #lastProgress = "";

  constructor(options: {
    readonly open: Open;
    readonly voices: readonly VoiceActivity[];
    readonly settings: ListenerSettings;
    readonly send: (message: FromRecognizer) => void;
  }) {
    const { open, voices, settings, send } = options;
    this.#open = open;
    this.#voices = voices;
    this.#send = send;
    this.language = open.language;
    this.streamId = open.streamId;
    this.#givenUp = new Set(open.givenUp);
    this.#listeners = open.channels.map((resume, channel) => {
      const voiceActivity = voices[channel];
      if (voiceActivity === undefined)
        throw new Error(`no voice activity model for channel ${String(channel)}`);
      return new ChannelListener({
        sampleRateHz: open.sampleRateHz,
        voiceActivity,
        settings,
        silentBeforeSample: Math.ceil(
          ((resume.settledSample - open.firstSample) * modelRateHz) / open.sampleRateHz,
        ),
        shown: resume.shown,
        nameUtterance: (startSample) => `${String(channel)}-${String(this.#onAxis(startSample))}`,
      });
    });
  }

  get voices(): readonly VoiceActivity[] {
    return this.#voices;
  }

  get voiceThreshold(): number {
    return this.#open.voiceThreshold;
  }

  get finished(): boolean {
    return this.#finished;
  }

  accept(pcm: Uint8Array, nowMs: number): void {
    if (this.#finishing) return;
    const samples = pcm.byteLength / this.#sampleBytes;
    this.#waiting.push(pcm);
    this.#waitingBytes += pcm.byteLength;
    this.#pace.came(samples / this.#open.sampleRateHz, nowMs, this.#behindSeconds());
    this.#arrivedSamples += samples;
  }

  /** Whether its audio comes in as fast as it is spoken. */
  isLive(nowMs: number): boolean {
    return this.#pace.isFlowing(nowMs) && !this.isCatchingUp(nowMs);
  }

  /** Whether it is behind because its audio came faster than it was spoken: nobody else may wait for that. */
  isCatchingUp(nowMs: number): boolean {
    return Math.min(this.#behindSeconds(), this.#pace.surplusSeconds(nowMs)) > behindSeconds;
  }

  finish(): void {
    this.#finishing = true;
  }

  /** Whether `listen` has something to do. */
  canListen(): boolean {
    if (this.#listeners.some(({ pendingFinals }) => pendingFinals >= maxPendingFinals)) return false;
    return this.#waitingBytes > 0 || (this.#finishing && !this.#flushed);
  }

  /** Judges one slice of the waiting audio. */
  listen(nowMs: number): void {
    if (this.#waitingBytes > 0) {
      const pcm = this.#takeSlice();
      channelsOf(pcm, this.#listeners.length).forEach((samples, channel) => {
        this.#listeners[channel]?.push(samples, nowMs);
      });
      this.#judgedSamples += pcm.byteLength / this.#sampleBytes;
    } else if (this.#finishing && !this.#flushed) {
      this.#flushed = true;
      for (const listener of this.#listeners) listener.flush(nowMs);
    }
    this.settle();
  }

  wanted(nowMs: number): CallWork[] {
    const interimsAllowed = !this.#pace.isFast(nowMs) && !this.#queueIsLong();
    return this.#listeners.flatMap((listener, channel) => {
      const wanted = listener.wanted(nowMs, interimsAllowed);
      return wanted === null ? [] : [{ ...wanted, call: this, channel }];
    });
  }

  isGivenUp(utterance: HeardUtterance): boolean {
    return this.#givenUp.has(utterance.id);
  }

  audioOf({ channel, utterance, endSample }: CallWork): Float32Array {
    return this.#listeners[channel]?.audioOf(utterance, endSample) ?? new Float32Array(0);
  }

  /** Takes what was decoded. */
  read({ channel, utterance, endSample }: CallWork, text: string): void {
    if (!utterance.read(endSample, text)) return;
    const listener = this.#listeners[channel];
    if (
      utterance.finalText() === null &&
      text !== "" &&
      text !== utterance.shownText &&
      listener !== undefined
    ) {
      utterance.shownText = text;
      this.#say(channel, utterance, {
        isFinal: false,
        endSample,
        text,
        voiced: listener.voicedOf(utterance),
      });
    }
    this.settle();
  }

  /** Sends the finals that are known, in order, and how far the call has come. */
  settle(): void {
    this.#listeners.forEach((listener, channel) => {
      for (let over = listener.takeFinished(); over !== null; over = listener.takeFinished()) {
        const text = over.finalText() ?? "";
        if (text === "" && over.shownText === null && !this.#wasShown(channel, over.id)) continue;
        const endSample = over.endSample ?? over.startSample;
        this.#say(channel, over, { isFinal: true, endSample, text, voiced: over.voiced });
      }
      const done = this.#flushed && listener.pendingFinals === 0;
      for (const { utteranceId, startSample } of listener.takeOrphans(done)) {
        this.#send({
          type: "utterance",
          streamId: this.streamId,
          utterance: {
            channel,
            utteranceId,
            isFinal: true,
            startSample,
            endSample: startSample,
            text: "",
            words: [],
          },
        });
      }
    });
    this.#tellProgress();
    if (
      this.#flushed &&
      !this.#finished &&
      this.#listeners.every(({ pendingFinals }) => pendingFinals === 0)
    ) {
      this.#finished = true;
      this.#send({ type: "finished", streamId: this.streamId });
    }
  }

  get #sampleBytes(): number {
    return 2 * this.#open.channels.length;
  }

  #wasShown(channel: number, utteranceId: string): boolean {
    return this.#open.channels[channel]?.shown.some((shown) => shown.utteranceId === utteranceId) ?? false;
  }

  #onAxis(sample: number): number {
    return this.#open.firstSample + Math.round((sample * this.#open.sampleRateHz) / modelRateHz);
  }

  #queueIsLong(): boolean {
    return this.#waitingBytes / this.#sampleBytes > catchUpQueueSeconds * this.#open.sampleRateHz;
  }

  /** Audio that came in and whose words are not known yet. */
  #behindSeconds(): number {
    return (this.#open.firstSample + this.#arrivedSamples - this.#reachedSample()) / this.#open.sampleRateHz;
  }

  /** Before it everything has been judged, and what was said and is over has been decoded. */
  #reachedSample(): number {
    const pending = this.#listeners.flatMap(({ oldestPendingSample: oldest }) =>
      oldest === null ? [] : [this.#onAxis(oldest)],
    );
    return Math.min(this.#open.firstSample + this.#judgedSamples, ...pending);
  }

  #takeSlice(): Uint8Array {
    const wantedBytes = Math.ceil(sliceSeconds * this.#open.sampleRateHz) * this.#sampleBytes;
    const parts: Uint8Array[] = [];
    let bytes = 0;
    while (bytes < wantedBytes) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      const rest = next.byteLength - (wantedBytes - bytes);
      if (rest > 0) this.#waiting.unshift(next.subarray(next.byteLength - rest));
      parts.push(rest > 0 ? next.subarray(0, next.byteLength - rest) : next);
      bytes += parts.at(-1)?.byteLength ?? 0;
    }
    this.#waitingBytes -= bytes;
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  #say(
    channel: number,
    utterance: HeardUtterance,
    said: {
      readonly isFinal: boolean;
      readonly endSample: number;
      readonly text: string;
      readonly voiced: readonly { start: number; end: number }[];
    },
  ): void {
    const span = { start: utterance.startSample, end: said.endSample };
    this.#send({
      type: "utterance",
      streamId: this.streamId,
      utterance: {
        channel,
        utteranceId: utterance.id,
        isFinal: said.isFinal,
        startSample: this.#onAxis(span.start),
        endSample: this.#onAxis(span.end),
        text: said.text,
        words: estimateWordTimes(said.text, span, said.voiced).map(({ text, start, end }) => ({
          text,
          startSample: this.#onAxis(start),
          endSample: this.#onAxis(end),
          confidence: null,
          estimated: true,
        })),
      },
    });
  }

  #tellProgress(): void {
    const consumedSample = this.#open.firstSample + this.#judgedSamples;
    const settledSamples = this.#listeners.map((listener) =>
      Math.min(consumedSample, this.#onAxis(listener.settledSample)),
    );
    const progress = [consumedSample, ...settledSamples].join(" ");
    if (progress === this.#lastProgress) return;
    this.#lastProgress = progress;
    this.#send({
      type: "progress",
      streamId: this.streamId,
      consumedSample,
      settledSamples,
      reachedSample: this.#reachedSample(),
    });
  }
}
