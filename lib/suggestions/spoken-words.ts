/** The words of a text without case, accents and signs. */
export function wordsOf(text: string): readonly string[] {
  const isPlain = /^[\u{20}-\u{7e}]*$/u.test(text);
  const plain = isPlain ? text.toLowerCase() : text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
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

/** Words in their order, with the places of each, so that a cue is looked for where its first word is alone. */
export interface SpokenText {
  readonly words: readonly string[];
  readonly placesOf: ReadonlyMap<string, readonly number[]>;
  /** Each word once, those with one beginning side by side. */
  readonly sorted: readonly string[];
}

/** Of more words than these the last ones are looked at: nobody answers what was said minutes before. */
const maxWords = 2000;

export function spokenText(said: readonly string[], most = maxWords): SpokenText {
  const words = said.slice(-most);
  const placesOf = new Map<string, number[]>();
  for (const [at, word] of words.entries()) {
    const places = placesOf.get(word);
    if (places === undefined) placesOf.set(word, [at]);
    else places.push(at);
  }
  return { words, placesOf, sorted: [...placesOf.keys()].sort() };
}

export function contains(said: SpokenText, { words }: SpokenCue): boolean {
  const [first] = words;
  if (first === undefined) return false;
  const goesOn = (at: number): boolean =>
    words.every(({ text, isBeginning }, offset) => {
      const word = said.words[at + offset];
      return word !== undefined && (isBeginning ? word.startsWith(text) : word === text);
    });
  if (!first.isBeginning) return said.placesOf.get(first.text)?.some(goesOn) === true;
  for (let at = firstFrom(said.sorted, first.text); at < said.sorted.length; at += 1) {
    const word = said.sorted[at];
    if (word?.startsWith(first.text) !== true) return false;
    if (said.placesOf.get(word)?.some(goesOn) === true) return true;
  }
  return false;
}

/** The place of the first word that is not before `text`. */
function firstFrom(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? "") < text) low = middle + 1;
    else high = middle;
  }
  return low;
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
