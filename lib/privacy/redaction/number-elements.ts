import { repeatedDigits, type NumberWord } from "./number-words.ts";
import type { Token } from "./token.ts";

/** One spoken or written number: "612", "seiscientos doce", "double four". */
export interface NumberElement {
  readonly firstToken: number;
  /** Behind its last token. */
  readonly nextToken: number;
  /** As it would be written. */
  readonly digits: string;
  /** Said with thousands or millions. */
  readonly scaled: boolean;
  readonly spoken: boolean;
}

type Words = ReadonlyMap<string, NumberWord>;
interface Parsed {
  readonly value: number;
  readonly next: number;
}

const wordOf = (tokens: readonly Token[], words: Words, at: number): NumberWord | undefined => {
  const token = tokens[at];
  return token?.kind === "word" ? words.get(token.text) : undefined;
};

/** 1 to 99 in the way people say it; a unit by itself is a number of its own. */
function belowHundred(tokens: readonly Token[], words: Words, at: number): Parsed | null {
  const word = wordOf(tokens, words, at);
  if (word?.role === "unit" || word?.role === "teen") return { value: word.value, next: at + 1 };
  if (word?.role !== "tens") return null;
  let next = at + 1;
  if (word.joins === "y") {
    const and = tokens[next]?.text;
    if (and !== "y" && and !== "i") return { value: word.value, next };
    next++;
  } else if (tokens[next]?.text === "-" && tokens[next]?.glued === true) {
    next++;
  }
  const unit = wordOf(tokens, words, next);
  return unit?.role === "unit" && unit.value > 0
    ? { value: word.value + unit.value, next: next + 1 }
    : { value: word.value, next: at + 1 };
}

function belowThousand(tokens: readonly Token[], words: Words, at: number): Parsed | null {
  const word = wordOf(tokens, words, at);
  let hundreds: Parsed | null = null;
  if (word?.role === "hundreds") {
    hundreds = { value: word.value, next: at + 1 };
  } else {
    const small = belowHundred(tokens, words, at);
    const isArticle = tokens[at]?.text === "a";
    const behind = small?.next ?? (isArticle ? at + 1 : -1);
    if (wordOf(tokens, words, behind)?.role !== "hundred") return small;
    hundreds = { value: 100 * (small?.value ?? 1), next: behind + 1 };
  }
  const afterAnd = tokens[hundreds.next]?.text === "and" ? hundreds.next + 1 : hundreds.next;
  const rest = belowHundred(tokens, words, afterAnd);
  return rest === null || rest.value === 0
    ? hundreds
    : { value: hundreds.value + rest.value, next: rest.next };
}

/** A cardinal, with thousands and millions when they are said. */
function cardinalAt(
  tokens: readonly Token[],
  words: Words,
  at: number,
): (Parsed & { readonly scaled: boolean }) | null {
  let total = 0;
  let next = at;
  let scaled = false;
  let smallest = Number.POSITIVE_INFINITY;
  for (;;) {
    const part = belowThousand(tokens, words, next);
    const behind = part?.next ?? next;
    const scale = wordOf(tokens, words, behind);
    if (scale?.role === "scale" && scale.value < smallest) {
      if (part === null && (scale.value !== 1000 || tokens[behind]?.text !== "mil")) break;
      // "dos mil millones" is beyond any number that matters here.
      total += (part?.value ?? 1) * scale.value;
      smallest = scale.value;
      scaled = true;
      next = behind + 1;
      continue;
    }
    // "veintidós mil, ..." may end with the rest below a thousand; without a scale it is the whole number.
    if (part !== null && (!scaled || smallest > 1)) {
      // Thousands of millions: 12 + millones + 345 + mil.
      total += part.value;
      next = part.next;
    }
    break;
  }
  return next === at ? null : { value: total, next, scaled };
}

/** The number that begins at this token, or null. Digits that belong to a word, as in RTX4090, are none. */
export function elementAt(
  tokens: readonly Token[],
  words: Words,
  at: number,
  withLetters = false,
): NumberElement | null {
  const token = tokens[at];
  if (token === undefined) return null;
  if (token.kind === "digits") {
    const before = tokens[at - 1];
    if (token.glued && before?.kind === "word" && !(withLetters && before.text.length === 1)) return null;
    return { firstToken: at, nextToken: at + 1, digits: token.text, scaled: false, spoken: false };
  }
  const word = wordOf(tokens, words, at);
  if (word === undefined && token.text !== "a") return null;
  if (word?.role === "repeat") {
    const one = elementAt(tokens, words, at + 1);
    if (one?.digits.length !== 1) return null;
    return { ...one, firstToken: at, digits: one.digits.repeat(word.times), spoken: true };
  }
  const repeated = repeatedDigits.get(tokens[at + 1]?.text ?? "");
  if (word?.role === "unit" && word.value >= 2 && repeated !== undefined) {
    const digits = repeated.repeat(word.value);
    return { firstToken: at, nextToken: at + 2, digits, scaled: false, spoken: true };
  }
  const cardinal = cardinalAt(tokens, words, at);
  if (cardinal === null) return null;
  return {
    firstToken: at,
    nextToken: cardinal.next,
    digits: String(cardinal.value),
    scaled: cardinal.scaled,
    spoken: true,
  };
}
