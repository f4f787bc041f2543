import type { Span } from "./utterance-segmenter.ts";

export interface TimedWord {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The voice activity model says so this much after a voice begins and ends; measured on recorded calls. */
const voiceLagSamples = 2300;

/** What a word weighs in time: its letters, digits as they are spoken, and the join to the next word. */
function weightOf(word: string): number {
  let weight = 1;
  for (const letter of word) {
    if (/\p{N}/u.test(letter)) weight += 4;
    else if (/\p{L}/u.test(letter)) weight += 1;
  }
  return weight;
}

/**
 * Estimates when each word was said: by its letters' share of the time in which there was voice.
 * Words never overlap, stay in order and within [start, end).
 */
export function estimateWordTimes(text: string, utterance: Span, voiced: readonly Span[]): TimedWord[] {
  const words = text.split(/\s+/u).filter((word) => word !== "");
  const spans = voiced
    .map(({ start, end }) => ({
      start: Math.max(start - voiceLagSamples, utterance.start),
      end: Math.min(end - voiceLagSamples, utterance.end),
    }))
    .filter(({ start, end }) => end > start);
  const heard = spans.length > 0 ? spans : [utterance];
  const voicedTotal = heard.reduce((sum, { start, end }) => sum + end - start, 0);
  const weightTotal = words.reduce((sum, word) => sum + weightOf(word), 0);

  let weightBefore = 0;
  return words.map((word) => {
    const from = (weightBefore / weightTotal) * voicedTotal;
    weightBefore += weightOf(word);
    const until = (weightBefore / weightTotal) * voicedTotal;
    return { text: word, start: instantAfter(heard, from, "start"), end: instantAfter(heard, until, "end") };
  });
}

/** The sample at which `voicedSamples` of voice have passed; on a border, the next span's start or this one's end. */
function instantAfter(spans: readonly Span[], voicedSamples: number, side: "start" | "end"): number {
  let left = voicedSamples;
  for (const { start, end } of spans) {
    const length = end - start;
    // Rounding of shares must not put the last word's end into a span that does not exist.
    if (left < length - 1e-6 || (side === "end" && left <= length + 1e-6))
      return Math.round(start + Math.min(left, length));
    left -= length;
  }
  return spans.at(-1)?.end ?? 0;
}
