/** The words of a text without case, accents and signs. */
export function wordsOf(text: string): readonly string[] {
  const plain = text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Words in a row that are looked for; one that ends with `*` stands for all that begin so. */
export interface SpokenCue {
  /** As it was written. */
  readonly written: string;
  readonly words: readonly { readonly text: string; readonly isBeginning: boolean }[];
}

export function cueOf(written: string): SpokenCue {
  const words = written.split(/\s+/u).flatMap((word) => {
    const parts = wordsOf(word);
    return parts.map((text, at) => ({ text, isBeginning: word.endsWith("*") && at === parts.length - 1 }));
  });
  return { written, words };
}

export function contains(said: readonly string[], { words }: SpokenCue): boolean {
  if (words.length === 0) return false;
  return said.some((_word, at) =>
    words.every(({ text, isBeginning }, offset) => {
      const word = said[at + offset];
      return word !== undefined && (isBeginning ? word.startsWith(text) : word === text);
    }),
  );
}

const spanishWords = new Set(
  "de que no la el es y en lo un por me con se los para nos pero muy ya si".split(" "),
);
const englishWords = new Set(
  "the to it is i we that a of and you not for have our this with be so".split(" "),
);

/** Of a sentence in a call of both languages. */
export function spokenLanguage(said: readonly string[]): "es" | "en" {
  const count = (words: ReadonlySet<string>): number => said.filter((word) => words.has(word)).length;
  return count(englishWords) > count(spanishWords) ? "en" : "es";
}
