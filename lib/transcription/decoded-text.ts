import type { Decoded } from "./sherpa.ts";

/** The same phrase this often in a row is a loop of the model; people do say "no, no, no, no". */
function loopRepeats(phraseWords: number): number {
  return phraseWords === 1 ? 8 : phraseWords === 2 ? 5 : 4;
}
/** More tokens per second than anyone speaks. */
const maxTokensPerSecond = 14;

/** The text without the tokenizer's word marks. */
export function cleanText(text: string): string {
  return text.replaceAll("\u2581", " ").replace(/\s+/gu, " ").trim();
}

/** Words as compared for repetition: case and punctuation do not count. */
function wordsOf(text: string): string[] {
  return cleanText(text)
    .split(" ")
    .map((word) => word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ""));
}

/** Where in the words a phrase of 1 to 8 words begins to repeat itself too often, or null. */
function loopIn(words: readonly string[]): { start: number; length: number; end: number } | null {
  for (let length = 1; length <= 8; length++) {
    for (let start = 0; start + length * loopRepeats(length) <= words.length; start++) {
      let end = start + length;
      while (end < words.length && words[end] === words[end - length]) end++;
      if (end - start >= length * loopRepeats(length)) return { start, length, end };
    }
  }
  return null;
}

/** Whether the model ran away: it repeats itself, or says more than fits into the time. */
export function ranAway({ text, tokens }: Decoded, seconds: number): boolean {
  return loopIn(wordsOf(text)) !== null || tokens.length > 6 + seconds * maxTokensPerSecond;
}

/** The text with every loop said once. */
export function withoutLoops(text: string): string {
  let words = cleanText(text).split(" ");
  for (let loop = loopIn(wordsOf(words.join(" "))); loop !== null; loop = loopIn(wordsOf(words.join(" ")))) {
    words = [...words.slice(0, loop.start + loop.length), ...words.slice(loop.end)];
  }
  return words.join(" ");
}
