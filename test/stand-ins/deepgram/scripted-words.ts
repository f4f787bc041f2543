import { z } from "zod";
import type { ListenRequest } from "./listen-query.ts";
import { MarkReader } from "./marked-audio.ts";
import { outputChannels, type HeardWord, type WordSources, type WordSource } from "./word-source.ts";

const scriptLineSchema = z.strictObject({
  channel: z.int().min(0),
  /** From the first word's start to the last word's end; words are spread evenly. */
  startMs: z.number().min(0),
  endMs: z.number().min(0),
  words: z.array(z.string().min(1)).min(1).readonly(),
  /** Of the words; without it, the one that was asked for. */
  language: z.string().optional(),
  /** With diarization; without it, the channel. */
  voice: z.int().min(0).optional(),
  confidence: z.number().min(0).max(1).optional(),
});
export type ScriptLine = z.infer<typeof scriptLineSchema>;

export class ScriptError extends Error {}

/** JSON lines, each a `ScriptLine`. Throws `ScriptError` naming the line that is none. */
export function readScript(text: string): ScriptLine[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    try {
      return [scriptLineSchema.parse(JSON.parse(line))];
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new ScriptError(`Line ${index + 1} of the script: ${why}`);
    }
  });
}

export interface ScriptedWordsOptions {
  readonly lines: readonly ScriptLine[];
  /**
   * What the lines' times count: `"stream"`, from the first sample of each connection or file; `"marked"`,
   * the position that the audio itself carries (`markAudio`), so that holes, repetitions and new
   * connections are told apart.
   */
  readonly time: "stream" | "marked";
}

/** Says each word of the script once all of its audio, and no less, has been received without a hole. */
export function scriptedWords({ lines, time }: ScriptedWordsOptions): WordSources {
  const layouts = new Map<string, HeardWord[][]>();
  const layoutOf = (request: ListenRequest): HeardWord[][] => {
    const outputs = outputChannels(request);
    const language = request.language === "multi" ? "es" : request.language;
    const key = `${outputs} ${language}`;
    const made =
      layouts.get(key) ??
      Array.from({ length: outputs }, (_, channel) =>
        lines
          .filter((line) => outputs === 1 || line.channel === channel)
          .flatMap((line) => wordsOf(line, language))
          .sort((a, b) => a.startMs - b.startMs),
      );
    layouts.set(key, made);
    return made;
  };
  return {
    hears: () => true,
    open: (request) => {
      const words = layoutOf(request);
      return time === "marked" ? new MarkedScript(request, words) : new StreamScript(request, words);
    },
  };
}

function wordsOf(line: ScriptLine, language: string): HeardWord[] {
  const stepMs = (line.endMs - line.startMs) / line.words.length;
  return line.words.map((text, i) => ({
    text,
    startMs: line.startMs + i * stepMs,
    endMs: line.startMs + (i + 1) * stepMs,
    confidence: line.confidence ?? 0.95,
    language: line.language ?? language,
    voice: line.voice ?? line.channel,
  }));
}

/** The cheap one: time is what was received, and words are found by halving. */
class StreamScript implements WordSource {
  readonly #words: readonly (readonly HeardWord[])[];
  readonly #bytesPerMs: number;
  #bytes = 0;

  constructor(request: ListenRequest, words: readonly (readonly HeardWord[])[]) {
    this.#words = words;
    this.#bytesPerMs = (2 * request.channels * request.sampleRateHz) / 1000;
  }

  write(pcm: Uint8Array): void {
    this.#bytes += pcm.byteLength;
  }

  words(channel: number, fromMs: number): readonly HeardWord[] {
    const words = this.#words[channel] ?? [];
    const heardMs = this.heardMs();
    const first = firstFrom(words, fromMs);
    let end = first;
    while (end < words.length && (words[end]?.endMs ?? Infinity) <= heardMs) end += 1;
    return words.slice(first, end);
  }

  heardMs(): number {
    return this.#bytes / this.#bytesPerMs;
  }

  settledMs(channel: number): number {
    return settledIn(this.#words[channel] ?? [], this.heardMs());
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    // Nothing is held.
  }
}

/** Words of pieces of marked audio, each moved to where its piece lies in what was received. */
class MarkedScript implements WordSource {
  readonly #script: readonly (readonly HeardWord[])[];
  /** By channel of what is said; one that is mixed carries the marks of its first. */
  readonly #readers: readonly MarkReader[];
  readonly #msPerSample: number;
  /** By channel: words of the runs that are over, and how many those are. */
  readonly #done: { readonly words: HeardWord[]; runs: number }[];

  constructor(request: ListenRequest, words: readonly (readonly HeardWord[])[]) {
    this.#script = words;
    this.#readers = words.map((_, channel) => new MarkReader(request.channels, channel));
    this.#msPerSample = 1000 / request.sampleRateHz;
    this.#done = words.map(() => ({ words: [], runs: 0 }));
  }

  write(pcm: Uint8Array): void {
    this.#readers.forEach((reader, channel) => {
      reader.write(pcm);
      const done = this.#done[channel];
      while (done !== undefined && done.runs < reader.runs.length - 1) {
        done.words.push(...this.#wordsOfRun(channel, done.runs).complete);
        done.runs += 1;
      }
    });
  }

  words(channel: number, fromMs: number): readonly HeardWord[] {
    const { runs, words } = this.#done[channel] ?? { runs: 0, words: [] };
    return [...words, ...this.#wordsOfRun(channel, runs).complete].filter(({ startMs }) => startMs >= fromMs);
  }

  heardMs(): number {
    return (this.#readers[0]?.receivedSamples ?? 0) * this.#msPerSample;
  }

  settledMs(channel: number): number {
    return Math.min(this.heardMs(), this.#wordsOfRun(channel, this.#done[channel]?.runs ?? 0).underWayMs);
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    // Nothing is held.
  }

  #wordsOfRun(channel: number, index: number): { complete: HeardWord[]; underWayMs: number } {
    const reader = this.#readers[channel];
    const isLast = index === (reader?.runs.length ?? 0) - 1;
    const run = isLast ? reader?.current : reader?.runs[index];
    const script = this.#script[channel] ?? [];
    if (run === undefined) return { complete: [], underWayMs: Infinity };
    const toleranceMs = MarkReader.toleranceSamples * this.#msPerSample;
    const fromMs = run.positionFrom * this.#msPerSample;
    const endMs = fromMs + run.length * this.#msPerSample;
    const shiftMs = run.receivedFrom * this.#msPerSample - fromMs;
    const complete: HeardWord[] = [];
    for (let at = firstFrom(script, fromMs - toleranceMs); at < script.length; at += 1) {
      const word = script[at];
      if (word === undefined || word.startMs >= endMs) break;
      const isWhole = word.endMs <= endMs + (isLast ? 0.1 : toleranceMs);
      const startMs = Math.max(0, word.startMs + shiftMs);
      if (!isWhole) return { complete, underWayMs: startMs };
      complete.push({ ...word, startMs, endMs: word.endMs + shiftMs });
    }
    return { complete, underWayMs: Infinity };
  }
}

function settledIn(words: readonly HeardWord[], heardMs: number): number {
  // Words may overlap where two voices share a channel: the first that is not over yet counts.
  for (let at = Math.max(0, firstFrom(words, heardMs) - 8); at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined || word.startMs >= heardMs) return heardMs;
    if (word.endMs > heardMs) return word.startMs;
  }
  return heardMs;
}

/** Index of the first word that begins at `fromMs` or later. */
function firstFrom(words: readonly { readonly startMs: number }[], fromMs: number): number {
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((words[middle]?.startMs ?? Infinity) < fromMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
