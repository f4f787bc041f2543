import type {
  EngineEvent,
  TranscriptionEngine,
  TranscriptionStream,
} from "../../../lib/call/transcription-ports.ts";
import type { ListenRequest } from "./listen-query.ts";
import { VoiceNumbers } from "./voice-numbers.ts";
import { outputChannels, type HeardWord, type WordSource, type WordSources } from "./word-source.ts";

export interface RecognisedWordsOptions {
  /** One that is started and hears; it stays the caller's to close. */
  readonly engine: TranscriptionEngine;
  /** What is spoken where the client asks for `multi`: the recogniser hears one language at a time. */
  readonly multiLanguage: "es" | "en";
}

/** The recogniser gives none. */
const confidence = 0.9;
/** Audio of a channel that is kept to tell its voices. */
const keptSeconds = 30;
const aroundSeconds = 0.2;

/** Hears the audio that is really received. */
export function recognisedWords(options: RecognisedWordsOptions): WordSources {
  const { engine, multiLanguage } = options;
  const languageOf = (asked: string): "es" | "en" | null => {
    const [language] = asked.split("-");
    if (language === "multi") return multiLanguage;
    return language === "es" || language === "en" ? language : null;
  };
  return {
    hears: (language) => languageOf(language) !== null,
    open: (request, onHeard) => {
      const language = languageOf(request.language);
      if (language === null) throw new Error(`the recogniser does not hear ${request.language}`);
      return new RecognisedWords({ engine, request, language, onHeard });
    },
  };
}

interface EarOptions {
  readonly engine: TranscriptionEngine;
  readonly request: ListenRequest;
  readonly language: "es" | "en";
  readonly onHeard: () => void;
}

class RecognisedWords implements WordSource {
  readonly #ears: readonly Ear[];
  readonly #request: ListenRequest;

  constructor(options: EarOptions) {
    this.#request = options.request;
    this.#ears = Array.from({ length: outputChannels(options.request) }, () => new Ear(options));
  }

  write(pcm: Uint8Array): void {
    this.#ears.forEach((ear, channel) => {
      ear.write(monoOf(pcm, this.#request, channel));
    });
  }

  words(channel: number, fromMs: number): readonly HeardWord[] {
    return this.#ears[channel]?.words(fromMs) ?? [];
  }

  heardMs(channel: number): number {
    return this.#ears[channel]?.heardMs ?? 0;
  }

  settledMs(channel: number): number {
    return this.#ears[channel]?.settledMs ?? 0;
  }

  async flush(): Promise<void> {
    await Promise.all(this.#ears.map((ear) => ear.flush()));
  }

  close(): void {
    for (const ear of this.#ears) ear.close();
  }
}

/** One output channel: the input channel of its number, or the sum of all. */
function monoOf(pcm: Uint8Array, { channels, multichannel }: ListenRequest, channel: number): Uint8Array {
  if (channels === 1) return pcm;
  const samples = Math.floor(pcm.byteLength / (2 * channels));
  const from = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const mono = new DataView(new ArrayBuffer(samples * 2));
  for (let i = 0; i < samples; i += 1) {
    let value = 0;
    if (multichannel) value = from.getInt16(2 * (i * channels + channel), true);
    else
      for (let each = 0; each < channels; each += 1) value += from.getInt16(2 * (i * channels + each), true);
    mono.setInt16(2 * i, Math.max(-32_768, Math.min(32_767, value)), true);
  }
  return new Uint8Array(mono.buffer);
}

/** One channel in the recogniser; a flush ends one of its streams, and the next write begins another. */
class Ear {
  readonly #options: EarOptions;
  readonly #msPerSample: number;
  readonly #voices: VoiceNumbers | null;
  #stream: TranscriptionStream | null = null;
  #queued: Uint8Array[] = [];
  #received = 0;
  #written = 0;
  #consumed = 0;
  #settled = 0;
  #finals: HeardWord[] = [];
  readonly #interims = new Map<string, readonly HeardWord[]>();
  #isClosed = false;
  #onDrained: () => void = () => undefined;

  constructor(options: EarOptions) {
    const { request } = options;
    this.#options = options;
    this.#msPerSample = 1000 / request.sampleRateHz;
    this.#voices = request.diarize ? new VoiceNumbers(request.sampleRateHz, keptSeconds) : null;
  }

  get heardMs(): number {
    return this.#consumed * this.#msPerSample;
  }

  get settledMs(): number {
    return Math.min(this.#settled, this.#consumed) * this.#msPerSample;
  }

  words(fromMs: number): readonly HeardWord[] {
    return [...this.#finals, ...[...this.#interims.values()].flat()].filter(
      ({ startMs }) => startMs >= fromMs,
    );
  }

  write(pcm: Uint8Array): void {
    if (this.#isClosed || pcm.byteLength === 0) return;
    this.#received += pcm.byteLength / 2;
    this.#voices?.take(pcm);
    this.#queued.push(pcm);
    this.#feed();
  }

  async flush(): Promise<void> {
    while (this.#queued.length > 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#onDrained = resolve;
      });
    }
    await this.#stream?.finish();
    this.#stream = null;
    this.#interims.clear();
    this.#consumed = this.#received;
    this.#settled = this.#received;
  }

  close(): void {
    this.#isClosed = true;
    this.#stream?.abort();
    this.#onDrained();
  }

  #feed(): void {
    const { engine, request } = this.#options;
    const maxAhead = (engine.maxAheadSeconds - 1) * request.sampleRateHz;
    for (;;) {
      const [pcm] = this.#queued;
      if (pcm === undefined || (this.#written > this.#consumed && this.#written - this.#consumed > maxAhead))
        break;
      this.#queued.shift();
      this.#stream ??= this.#open();
      this.#written += pcm.byteLength / 2;
      this.#stream.write(pcm);
    }
    if (this.#queued.length === 0) this.#onDrained();
  }

  #open(): TranscriptionStream {
    const { engine, language, request } = this.#options;
    return engine.open({
      callId: "stand-in",
      language,
      sampleRateHz: request.sampleRateHz,
      channels: 1,
      firstSample: this.#written,
      vadEnabled: true,
      keyterms: [],
      diarize: false,
      readRecording: () => Promise.resolve(new Uint8Array(0)),
      onEvent: (event) => {
        this.#take(event);
      },
    });
  }

  #take(event: EngineEvent): void {
    if (event.type === "utterance") {
      const ofUtterance = this.#voices?.voiceOf(event.startSample, event.endSample) ?? 0;
      // Two people may share an utterance: each word is asked for, with what is around it.
      const around = Math.round(aroundSeconds * this.#options.request.sampleRateHz);
      const voiceOf = (word: { readonly startSample: number; readonly endSample: number }): number =>
        this.#voices?.voiceOf(word.startSample - around, word.endSample + around) ?? ofUtterance;
      const { language } = this.#options;
      const words = event.words.map((word) => ({
        text: word.text,
        startMs: word.startSample * this.#msPerSample,
        endMs: word.endSample * this.#msPerSample,
        confidence: word.confidence ?? confidence,
        language,
        voice: voiceOf(word),
      }));
      this.#interims.delete(event.utteranceId);
      if (event.isFinal) this.#finals.push(...words);
      else this.#interims.set(event.utteranceId, words);
    } else if (event.type === "progress") {
      this.#consumed = Math.max(this.#consumed, event.consumedSample);
      this.#settled = Math.max(this.#settled, event.settledSample);
      this.#feed();
    }
    this.#options.onHeard();
  }
}
