import type { Evidence, Word } from "../contract/events.ts";

export interface TextRun {
  readonly text: string;
  /** Place in the segment's words, or null for what stands between them. */
  readonly wordIndex: number | null;
  readonly isLit: boolean;
}

/**
 * Cuts a segment's text into its words and what stands between them, so that each word can be pressed and
 * followed. Words are looked for in order; one that the text does not have (digits written out, a
 * correction) is passed over and its sound belongs to the one before.
 */
export function wordRuns(
  text: string,
  words: readonly Word[],
  evidence: readonly Evidence[],
): readonly TextRun[] {
  const lower = text.toLowerCase();
  // Lower case may have another length in rare scripts; then case has to agree.
  const haystack = lower.length === text.length ? lower : text;
  const cuts: { start: number; end: number; wordIndex: number }[] = [];
  let position = 0;
  words.forEach((word, wordIndex) => {
    const needle = haystack === lower ? word.text.trim().toLowerCase() : word.text.trim();
    if (needle === "") return;
    const start = haystack.indexOf(needle, position);
    // A far match would swallow the words between: it is another occurrence.
    if (start < 0 || start - position > 24) return;
    cuts.push({ start, end: start + needle.length, wordIndex });
    position = start + needle.length;
  });
  const isLit = (start: number, end: number): boolean =>
    evidence.some((span) => span.start < end && span.end > start);
  const runs: TextRun[] = [];
  let done = 0;
  const between = (until: number): void => {
    if (until <= done) return;
    // A gap is lit only where the words on both of its sides are.
    const lit = evidence.some((span) => span.start < done && span.end > until);
    runs.push({
      text: text.slice(done, until),
      wordIndex: null,
      isLit: cuts.length === 0 ? isLit(done, until) : lit,
    });
  };
  for (const { start, end, wordIndex } of cuts) {
    between(start);
    runs.push({ text: text.slice(start, end), wordIndex, isLit: isLit(start, end) });
    done = end;
  }
  between(text.length);
  return runs;
}

/** Index of the last entry that begins at or before `atMs`, by bisection; −1 before the first. */
export function lastStarted(entries: readonly { readonly ts_ms: number }[], atMs: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.ts_ms ?? Infinity) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
