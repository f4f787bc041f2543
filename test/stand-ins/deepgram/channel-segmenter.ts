import type { ListenRequest } from "./listen-query.ts";
import type { Chance } from "./seeded-chance.ts";
import type { HeardWord, WordSource } from "./word-source.ts";

export type ChannelMessage =
  | {
      readonly type: "result";
      readonly startMs: number;
      readonly endMs: number;
      readonly isFinal: boolean;
      readonly speechFinal: boolean;
      readonly fromFinalize: boolean;
      readonly words: readonly HeardWord[];
    }
  | { readonly type: "utterance_end"; readonly lastWordEndMs: number }
  | { readonly type: "speech_started"; readonly atMs: number };

export interface SegmenterOptions {
  readonly channel: number;
  readonly request: ListenRequest;
  readonly source: WordSource;
  readonly chance: Chance;
  /** Whether the last words of an interim are still uncertain: misheard, or missing again. */
  readonly revises: () => boolean;
}

const interimStepMs = 1000;
/** Without a pause in so much speech it is cut at a word; each segment draws its own length. */
const segmentMs = { from: 3000, to: 9000 };
const maxLeftWords = 4;
/** Less than this is no result on Finalize. */
const leastFlushedMs = 200;

/** What the service says about one channel, from what is heard on it and when. */
export class ChannelSegmenter {
  readonly #options: SegmenterOptions;
  #startMs = 0;
  #limitMs: number;
  #nextInterimMs = interimStepMs;
  /** End of the last word of a final, until the pause after it was told or somebody speaks again. */
  #pauseAfterMs: number | null = null;
  #isSpeaking = false;

  constructor(options: SegmenterOptions) {
    this.#options = options;
    this.#limitMs = this.#drawLimitMs();
  }

  /** What the audio up to now gives; `final` without a flush comes from pauses and lengths alone. */
  advance(): ChannelMessage[] {
    const { channel, source } = this.#options;
    const messages: ChannelMessage[] = [];
    const heardMs = source.heardMs(channel);
    const settledMs = source.settledMs(channel);
    let words = source.words(channel, this.#startMs);
    this.#tellPause(messages, words, settledMs);
    for (;;) {
      if (words.length > 0) this.#tellSpeech(messages, words);
      const settled = settledCount(words, settledMs);
      const cut = this.#pause(words, settled, settledMs) ?? this.#tooLong(words, settled, settledMs);
      if (cut === null) break;
      this.#end(messages, words.slice(0, cut.words), cut.endMs, cut.isPause, false);
      words = words.slice(cut.words);
      this.#tellPause(messages, words, settledMs);
    }
    if (this.#options.request.interimResults && heardMs >= this.#nextInterimMs) {
      this.#nextInterimMs = (Math.floor(heardMs / interimStepMs) + 1) * interimStepMs;
      if (heardMs > this.#startMs) messages.push(this.#interim(words, heardMs));
    }
    return messages;
  }

  /** The rest, after the source was flushed. */
  flush(fromFinalize: boolean): ChannelMessage[] {
    const { channel, chance, source } = this.#options;
    const messages = this.advance();
    // A word that is only half said belongs to what comes.
    const endMs = source.settledMs(channel);
    const words = source.words(channel, this.#startMs).filter(({ startMs }) => startMs < endMs);
    if (words.length === 0 && endMs - this.#startMs < leastFlushedMs) return messages;
    this.#end(messages, words, endMs, fromFinalize || chance() < 0.5, fromFinalize);
    return messages;
  }

  #interim(words: readonly HeardWord[], heardMs: number): ChannelMessage {
    return {
      type: "result",
      startMs: this.#startMs,
      endMs: heardMs,
      isFinal: false,
      speechFinal: false,
      fromFinalize: false,
      words: this.#options.revises() ? this.#uncertain(words) : words,
    };
  }

  #uncertain(words: readonly HeardWord[]): HeardWord[] {
    const { chance } = this.#options;
    const missing = Math.floor(chance() * Math.min(3, words.length + 1));
    const kept = words.slice(0, words.length - missing);
    return kept.map((word, at) => (at >= kept.length - 2 && chance() < 0.4 ? misheard(word) : word));
  }

  /** The first pause among the words, or after them. */
  #pause(words: readonly HeardWord[], settled: number, settledMs: number): Cut | null {
    const { endpointingMs } = this.#options.request;
    if (endpointingMs === null) return null;
    for (let at = 0; at < settled; at += 1) {
      const pauseMs = words[at]?.endMs ?? 0;
      const untilMs = Math.min(words[at + 1]?.startMs ?? Infinity, settledMs);
      if (untilMs - pauseMs < endpointingMs) continue;
      const endMs = pauseMs + endpointingMs;
      return endMs - this.#startMs > this.#limitMs ? null : { words: at + 1, endMs, isPause: true };
    }
    return null;
  }

  #tooLong(words: readonly HeardWord[], settled: number, settledMs: number): Cut | null {
    const limitMs = this.#startMs + this.#limitMs;
    if (settledMs < limitMs) return null;
    let kept = 0;
    while (kept < settled && (words[kept]?.endMs ?? Infinity) <= limitMs) kept += 1;
    // The last words are often left for the next segment.
    kept = Math.max(Math.min(kept, 1), kept - Math.floor(this.#options.chance() * maxLeftWords));
    const nextMs = words[kept]?.startMs ?? Infinity;
    const endMs = Math.min(words[kept - 1]?.endMs ?? limitMs, nextMs);
    // A word that is longer than a segment, at its very beginning.
    if (endMs <= this.#startMs && kept === 0) return null;
    return { words: kept, endMs, isPause: false };
  }

  #end(
    messages: ChannelMessage[],
    words: readonly HeardWord[],
    endMs: number,
    speechFinal: boolean,
    fromFinalize: boolean,
  ): void {
    messages.push({
      type: "result",
      startMs: this.#startMs,
      endMs,
      isFinal: true,
      speechFinal,
      fromFinalize,
      words,
    });
    this.#startMs = endMs;
    this.#limitMs = this.#drawLimitMs();
    if (words.length > 0) this.#pauseAfterMs = words.at(-1)?.endMs ?? null;
    if (speechFinal) this.#isSpeaking = false;
  }

  #tellSpeech(messages: ChannelMessage[], words: readonly HeardWord[]): void {
    if (this.#isSpeaking) return;
    this.#isSpeaking = true;
    if (this.#options.request.vadEvents) {
      messages.push({ type: "speech_started", atMs: words[0]?.startMs ?? this.#startMs });
    }
  }

  #tellPause(messages: ChannelMessage[], words: readonly HeardWord[], settledMs: number): void {
    const { utteranceEndMs } = this.#options.request;
    if (this.#pauseAfterMs === null || utteranceEndMs === null) return;
    const untilMs = Math.min(words[0]?.startMs ?? Infinity, settledMs);
    if (untilMs - this.#pauseAfterMs >= utteranceEndMs) {
      messages.push({ type: "utterance_end", lastWordEndMs: this.#pauseAfterMs });
    } else if (words.length === 0) return;
    this.#pauseAfterMs = null;
  }

  #drawLimitMs(): number {
    return segmentMs.from + this.#options.chance() * (segmentMs.to - segmentMs.from);
  }
}

interface Cut {
  readonly words: number;
  readonly endMs: number;
  readonly isPause: boolean;
}

function settledCount(words: readonly HeardWord[], settledMs: number): number {
  let count = 0;
  while (count < words.length && (words[count]?.endMs ?? Infinity) <= settledMs) count += 1;
  return count;
}

/** What is heard of a word whose end is missing. */
function misheard(word: HeardWord): HeardWord {
  const half = Math.max(1, Math.ceil(word.text.length / 2));
  return { ...word, text: `${word.text.slice(0, half)}o`, confidence: word.confidence * 0.6 };
}
