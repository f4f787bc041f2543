/** What counts as part of a word: letters and digits of any script; marks are stripped before. */
const wordPattern = /[\p{L}\p{N}]+/gu;

/**
 * The words of a text as the index holds them: lower case, without accents, in order. The same cut serves
 * texts and queries, so that one finds the other whatever the script.
 */
export function searchWords(text: string): readonly string[] {
  const plain = text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .normalize("NFKD");
  return plain.replace(/\p{M}+/gu, "").match(wordPattern) ?? [];
}

export function searchBody(texts: readonly (string | null)[]): string {
  return texts.flatMap((text) => (text === null ? [] : searchWords(text))).join(" ");
}

/**
 * One FTS5 expression per word asked for, the last one a prefix. Empty when the query has no word: a query of
 * punctuation alone filters nothing.
 */
export function searchTerms(query: string): readonly string[] {
  const words = searchWords(query);
  const last = words.at(-1);
  if (last === undefined) return [];
  const whole = new Set(words.slice(0, -1));
  return [...[...whole].map((word) => `"${word}"`), `"${last}"*`];
}
