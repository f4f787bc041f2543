import type {
  EngineEvent,
  OpenTranscription,
  TranscriptionEngine,
  TranscriptionStream,
  UtteranceWord,
} from "../../call/transcription-ports.ts";
import type { Language, TranscriberName } from "../../contract/vocabulary.ts";

/** Silence that ends an utterance. */
const endpointSamples = 20;

type Utterance = Extract<EngineEvent, { type: "utterance" }>;

interface OpenWords {
  readonly startSample: number;
  readonly words: { value: number; start: number; end: number }[];
}

/**
 * An engine that hears what is in the audio: a run of one value is a word that says this value, silence ends an
 * utterance. It can be away, lose what comes meanwhile, refuse and come back.
 */
class ListeningStream implements TranscriptionStream {
  readonly opened: OpenTranscription;
  readonly #open: (OpenWords | null)[];
  isAway = false;
  isAborted = false;
  isFinished = false;
  position: number;
  #gapSample: number | null = null;

  constructor(opened: OpenTranscription) {
    this.opened = opened;
    this.position = opened.firstSample;
    this.#open = Array.from({ length: opened.channels }, () => null);
  }

  write(pcm: Uint8Array): void {
    if (this.isAborted || this.isFinished) return;
    const { channels } = this.opened;
    const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
    const samples = pcm.byteLength / (2 * channels);
    // Held by an engine that is away, and heard by nobody.
    if (!this.isAway) {
      for (let i = 0; i < samples; i += 1) {
        for (let channel = 0; channel < channels; channel += 1) {
          this.#hear(channel, this.position + i, view.getInt16((i * channels + channel) * 2, true));
        }
      }
    }
    this.position += samples;
    queueMicrotask(() => {
      this.tell();
    });
  }

  finish(): Promise<void> {
    this.isFinished = true;
    if (!this.isAway) this.endOpen();
    this.tell();
    return this.isAway ? new Promise(() => undefined) : Promise.resolve();
  }

  abort(): void {
    if (this.isAborted) return;
    this.opened.onEvent({ type: "usage", billedSeconds: 1 });
    this.isAborted = true;
  }

  emit(event: EngineEvent): void {
    if (!this.isAborted) this.opened.onEvent(event);
  }

  trouble(state: "live" | "reconnecting" | "degraded", reason: string): void {
    this.emit({ type: "trouble", state, reason, detail: "Nobody answers." });
  }

  /** The connection is lost between words: what was begun ends, what comes now is missed. */
  loseConnection(): void {
    this.endOpen();
    this.#gapSample ??= this.position;
    this.isAway = true;
  }

  /** What comes from now on is heard, with what was missed still waiting. */
  hearAgain(): void {
    this.isAway = false;
  }

  endOpen(): void {
    this.#open.forEach((_, channel) => {
      this.#end(channel);
    });
  }

  tell(): void {
    const open = this.#open.flatMap((words) => words?.startSample ?? []);
    const settledSample = Math.min(this.position, ...open, this.#gapSample ?? Infinity);
    const consumedSample = this.isAway ? (this.#gapSample ?? this.position) : this.position;
    this.emit({ type: "progress", consumedSample, settledSample: Math.min(settledSample, consumedSample) });
  }

  #hear(channel: number, at: number, value: number): void {
    const open = this.#open[channel] ?? null;
    if (value === 0) {
      const last = open?.words.at(-1);
      if (last !== undefined && at - last.end >= endpointSamples) this.#end(channel);
      return;
    }
    const words = open ?? { startSample: at, words: [] };
    this.#open[channel] = words;
    const last = words.words.at(-1);
    if (last?.value === value && last.end === at) last.end += 1;
    else {
      words.words.push({ value, start: at, end: at + 1 });
      this.#say(channel, words, false);
    }
  }

  #end(channel: number): void {
    const open = this.#open[channel] ?? null;
    if (open === null) return;
    this.#open[channel] = null;
    this.#say(channel, open, true);
  }

  #say(channel: number, { startSample, words }: OpenWords, isFinal: boolean): void {
    const said = words.map(({ value, start, end }): UtteranceWord => ({
      text: `w${String(value)}`,
      startSample: start,
      endSample: end,
      confidence: 1,
      estimated: false,
    }));
    const event: Utterance = {
      type: "utterance",
      channel,
      utteranceId: `${String(channel)}-${String(startSample)}`,
      isFinal,
      startSample,
      endSample: words.at(-1)?.end ?? startSample,
      text: said.map(({ text }) => text).join(" "),
      confidence: 1,
      words: said,
    };
    queueMicrotask(() => {
      this.emit(event);
    });
  }
}

export class ListeningEngine implements TranscriptionEngine {
  readonly name: TranscriberName;
  readonly languages: readonly Language[];
  readonly maxAheadSeconds = 1;
  readonly streams: ListeningStream[] = [];

  constructor(name: TranscriberName, languages: readonly Language[]) {
    this.name = name;
    this.languages = languages;
  }

  get stream(): ListeningStream {
    const stream = this.streams.at(-1);
    if (stream === undefined) throw new Error(`${this.name} was not asked`);
    return stream;
  }

  notice(): null {
    return null;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  maxLiveCalls(): number {
    return 10;
  }

  open(opened: OpenTranscription): TranscriptionStream {
    const stream = new ListeningStream(opened);
    this.streams.push(stream);
    return stream;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export interface Line {
  readonly channel: number;
  readonly pauseSamples: number;
  readonly words: readonly number[];
}

/** Two people, each line a pause and then words of so many samples; every word has a value of its own. */
export function recorded(lines: readonly Line[]): { pcm: Uint8Array; said: [string[], string[]] } {
  const channels: [number[], number[]] = [[], []];
  const said: [string[], string[]] = [[], []];
  let value = 0;
  for (const { channel, pauseSamples, words } of lines) {
    const audio = channels[channel === 0 ? 0 : 1];
    audio.push(...Array.from({ length: pauseSamples + endpointSamples }, () => 0));
    for (const samples of words) {
      value += 1;
      audio.push(...Array.from({ length: samples }, () => value));
      said[channel === 0 ? 0 : 1].push(`w${String(value)}`);
    }
  }
  const samples = Math.max(...channels.map((audio) => audio.length)) + 2 * endpointSamples;
  const view = new DataView(new ArrayBuffer(samples * 4));
  channels.forEach((audio, channel) => {
    audio.forEach((sample, i) => {
      view.setInt16(i * 4 + channel * 2, sample, true);
    });
  });
  return { pcm: new Uint8Array(view.buffer), said };
}
