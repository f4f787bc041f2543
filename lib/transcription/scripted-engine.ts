import { CallError } from "../call/errors.ts";
import type {
  EngineEvent,
  OpenTranscription,
  TranscriptionEngine,
  TranscriptionStream,
  UtteranceWord,
} from "../call/transcription-ports.ts";
import { EventFeed } from "./event-feed.ts";

export interface ScriptedUtterance {
  readonly channel: number;
  /** Call audio time of the first word's start and the last word's end. */
  readonly startMs: number;
  readonly endMs: number;
  /** Heard one after the other, spread evenly over the utterance. */
  readonly words: readonly string[];
  /** What the final says where it differs from the interims; empty: nothing came of them. */
  readonly finalWords?: readonly string[];
  readonly confidence?: number;
}

export interface ScriptedEngineOptions {
  readonly script: readonly ScriptedUtterance[];
  /** Silence after `endMs` until the final; 0 by default. */
  readonly endpointMs?: number;
  readonly maxLiveCalls?: number;
  readonly maxAheadSeconds?: number;
}

/**
 * A recogniser that hears what its script says as the audio time passes, whatever the audio holds.
 * Utterances that begin before the stream's first sample are not heard.
 */
export function createScriptedEngine(options: ScriptedEngineOptions): TranscriptionEngine {
  const open = new Set<ScriptedStream>();
  return {
    name: "scripted",
    languages: ["es", "en"],
    maxAheadSeconds: options.maxAheadSeconds ?? 30,
    notice: () => null,
    start: () => Promise.resolve(),
    maxLiveCalls: () => options.maxLiveCalls ?? 100,
    open: (opened) => {
      if (opened.language === "multi")
        throw new CallError("language_not_supported", "The scripted engine hears es and en only.");
      const stream = new ScriptedStream(options, opened, () => open.delete(stream));
      open.add(stream);
      return stream;
    },
    close: () => {
      for (const stream of [...open]) stream.abort();
      return Promise.resolve();
    },
  };
}

interface OpenUtterance {
  readonly id: string;
  readonly utterance: ScriptedUtterance;
  readonly startSample: number;
  readonly endSample: number;
  wordsHeard: number;
}

class ScriptedStream implements TranscriptionStream {
  readonly #feed: EventFeed;
  readonly #opened: OpenTranscription;
  readonly #endpointSamples: number;
  readonly #onClosed: () => void;
  /** By start. */
  readonly #ahead: readonly OpenUtterance[];
  /** So many of them have begun. */
  #begun = 0;
  /** Those that have begun and have had no final, by start. */
  #open: OpenUtterance[] = [];
  #position: number;
  #finished: Promise<void> | undefined;
  #aborted = false;

  constructor(options: ScriptedEngineOptions, opened: OpenTranscription, onClosed: () => void) {
    const samplesOf = (ms: number) => Math.round((ms * opened.sampleRateHz) / 1000);
    this.#opened = opened;
    this.#onClosed = onClosed;
    this.#feed = new EventFeed(opened.onEvent);
    this.#position = opened.firstSample;
    this.#endpointSamples = samplesOf(options.endpointMs ?? 0);
    this.#ahead = options.script
      .filter(({ channel, startMs }) => channel < opened.channels && samplesOf(startMs) >= opened.firstSample)
      .map((utterance) => ({
        id: `${String(utterance.channel)}-${String(samplesOf(utterance.startMs))}`,
        utterance,
        startSample: samplesOf(utterance.startMs),
        endSample: samplesOf(utterance.endMs),
        wordsHeard: 0,
      }))
      .sort((a, b) => a.startSample - b.startSample);
  }

  write(pcm: Uint8Array): void {
    if (this.#finished !== undefined || this.#aborted) return;
    this.#position += pcm.byteLength / (2 * this.#opened.channels);
    this.#hear();
  }

  finish(): Promise<void> {
    this.#finished ??= this.#aborted ? Promise.resolve() : this.#hearToTheEnd();
    return this.#finished;
  }

  abort(): void {
    this.#aborted = true;
    this.#feed.close();
    this.#onClosed();
  }

  async #hearToTheEnd(): Promise<void> {
    for (const open of this.#open.splice(0)) this.#feed.push(this.#event(open, this.#position, true));
    this.#progress();
    await this.#feed.drained();
    this.#feed.close();
    this.#onClosed();
  }

  #hear(): void {
    for (let next = this.#ahead[this.#begun]; next !== undefined; next = this.#ahead[this.#begun]) {
      if (next.startSample >= this.#position) break;
      this.#open.push(next);
      this.#begun += 1;
    }
    this.#open = this.#open.filter((one) => {
      if (one.endSample + this.#endpointSamples <= this.#position) {
        this.#feed.push(this.#event(one, one.endSample, true));
        return false;
      }
      const heard = wordsOf(one, one.utterance.words).filter(
        ({ endSample }) => endSample <= this.#position,
      ).length;
      if (heard > one.wordsHeard) {
        one.wordsHeard = heard;
        this.#feed.push(this.#event(one, this.#position, false));
      }
      return true;
    });
    this.#progress();
  }

  #progress(): void {
    this.#feed.push({
      type: "progress",
      consumedSample: this.#position,
      settledSample: Math.min(this.#open[0]?.startSample ?? this.#position, this.#position),
    });
  }

  #event(open: OpenUtterance, untilSample: number, isFinal: boolean): EngineEvent {
    const said = isFinal ? (open.utterance.finalWords ?? open.utterance.words) : open.utterance.words;
    const words = wordsOf(open, said).filter(({ endSample }) => endSample <= untilSample);
    return {
      type: "utterance",
      channel: open.utterance.channel,
      utteranceId: open.id,
      isFinal,
      startSample: open.startSample,
      endSample: Math.min(open.endSample, untilSample),
      text: words.map(({ text }) => text).join(" "),
      confidence: open.utterance.confidence ?? null,
      words,
    };
  }
}

function wordsOf(open: OpenUtterance, said: readonly string[]): UtteranceWord[] {
  const step = (open.endSample - open.startSample) / Math.max(1, said.length);
  return said.map((text, index) => ({
    text,
    startSample: Math.round(open.startSample + index * step),
    endSample: Math.round(open.startSample + (index + 1) * step),
    confidence: open.utterance.confidence ?? null,
    estimated: true,
  }));
}
