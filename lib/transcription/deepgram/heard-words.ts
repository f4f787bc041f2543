import type { ListenResults, ServiceWord } from "./listen-messages.ts";
import type { HeardResult, HeardWord } from "./result-assembler.ts";

export interface WordPlaces {
  startAt(seconds: number): number;
  endAt(seconds: number): number;
}

/** The service's words on the call's axis, in order of their beginnings. */
export function heardWords(words: readonly ServiceWord[], places: WordPlaces): HeardWord[] {
  return words
    .map((word): HeardWord => {
      const startSample = places.startAt(word.start);
      return {
        text: word.punctuated_word ?? word.word,
        startSample,
        endSample: Math.max(startSample, places.endAt(word.end)),
        confidence: shareOf(word.confidence ?? null),
        estimated: false,
        ...(word.language === undefined || word.language === null ? {} : { language: word.language }),
        ...(word.speaker === undefined || word.speaker === null ? {} : { voice: word.speaker }),
      };
    })
    .filter(({ text }) => text.trim() !== "")
    .sort((a, b) => a.startSample - b.startSample);
}

/** A text without words is spread over its time. */
function spreadWords(text: string, startSample: number, endSample: number): HeardWord[] {
  const words = text.split(/\s+/u).filter((word) => word !== "");
  const step = (endSample - startSample) / Math.max(1, words.length);
  return words.map((word, index) => ({
    text: word,
    startSample: Math.round(startSample + index * step),
    endSample: Math.round(startSample + (index + 1) * step),
    confidence: null,
    estimated: true,
  }));
}

function shareOf(confidence: number | null): number | null {
  return confidence === null ? null : Math.min(1, Math.max(0, confidence));
}

/** A `Results` message on the call's axis. */
export function heardResult(results: ListenResults, axis: WordPlaces): HeardResult {
  const [channel = 0] = results.channel_index;
  const endSample = axis.endAt(results.start + results.duration);
  const startSample = Math.min(axis.startAt(results.start), endSample);
  const endsUtterance = results.speech_final || results.from_finalize;
  const [best] = results.channel.alternatives;
  const words = heardWords(best?.words ?? [], axis);
  const said = best?.transcript.trim() ?? "";
  return {
    channel,
    isFinal: results.is_final || endsUtterance,
    endsUtterance,
    startSample,
    endSample,
    words: words.length === 0 && said !== "" ? spreadWords(said, startSample, endSample) : words,
  };
}
