import type { Language } from "../../contract/vocabulary.ts";
import { dniLetter } from "./checks.ts";
import { gapFrom, isOnlyGap } from "./gaps.ts";
import { elementAt, type NumberElement } from "./number-elements.ts";
import { numberWords } from "./number-words.ts";
import { letterAt } from "./spelled-letters.ts";
import type { Token } from "./token.ts";

/** Numbers that were read out one after the other, with nothing but hesitation in between. */
export interface NumberRun {
  /** First token, and the one behind the last. */
  readonly first: number;
  readonly next: number;
  readonly elements: readonly NumberElement[];
  readonly digits: string;
  /** Letters that belong to it, spelled or written. */
  readonly letters: number;
  /** It reaches the end of the text. */
  readonly isLast: boolean;
  /** An identity number by its letter or its check digit. */
  readonly hasCheckLetter: boolean;
  /** "+", "más", "00": a country code follows. */
  readonly isInternational: boolean;
}

export interface RunOptions {
  readonly language: Language;
  /** An identity or account number is being given: letters are part of it. */
  readonly withLetters: boolean;
  /** Token is part of a price, a date, an address: no number of ours. */
  readonly isTaken: (token: number) => boolean;
}

interface Part {
  readonly first: number;
  readonly next: number;
  readonly element: NumberElement | null;
  readonly isClear: boolean;
}

function partAt(tokens: readonly Token[], at: number, options: RunOptions): Part | null {
  if (options.isTaken(at)) return null;
  const element = elementAt(tokens, numberWords[options.language], at, options.withLetters);
  if (element !== null) return { first: at, next: element.nextToken, element, isClear: true };
  if (!options.withLetters) return null;
  const letter = letterAt(tokens, at);
  if (letter !== null) return { first: at, next: letter.next, element: null, isClear: letter.isClear };
  // "GARC 850101": groups of letters as recognisers write what is spelled.
  const token = tokens[at];
  const isGroup = token?.kind === "word" && token.large && token.text.length <= 6 && nextIsDigits(tokens, at);
  return isGroup ? { first: at, next: at + 1, element: null, isClear: false } : null;
}

function nextIsDigits(tokens: readonly Token[], at: number): boolean {
  return (
    tokens[at + 1]?.kind === "digits" || (tokens[at - 1]?.kind === "digits" && tokens[at]?.glued === true)
  );
}

/** "1200 y 1500", "de 450 a 600" are two numbers; "dos y tres" goes on. */
function areTwo(before: Part, after: Part, joinsTwo: boolean): boolean {
  if (!joinsTwo) return false;
  return Math.max(before.element?.digits.length ?? 0, after.element?.digits.length ?? 0) >= 3;
}

export function runsIn(tokens: readonly Token[], options: RunOptions): readonly NumberRun[] {
  const runs: NumberRun[] = [];
  for (let at = 0; at < tokens.length;) {
    const first = partAt(tokens, at, options);
    if (first === null) {
      at++;
      continue;
    }
    const parts = [first];
    for (let last = first; ;) {
      const direct = partAt(tokens, last.next, options);
      const gap = gapFrom(tokens, last.next, options.language);
      const after = direct ?? partAt(tokens, gap.next, options);
      if (after === null || (direct === null && areTwo(last, after, gap.joinsTwo))) break;
      parts.push(after);
      last = after;
    }
    const run = runOf(tokens, parts, options);
    if (run !== null) runs.push(...run);
    at = parts.at(-1)?.next ?? at + 1;
  }
  return runs;
}

/** Thousands and millions among digits are numbers of their own, unless all of it is said that way. */
function runOf(
  tokens: readonly Token[],
  parts: readonly Part[],
  options: RunOptions,
): readonly NumberRun[] | null {
  const scaled = parts.filter((part) => part.element?.scaled === true).length;
  const asOne = scaled === 0 || scaled >= 3 || parts.length === 1 || (scaled === 1 && isRutInWords(parts));
  if (asOne || options.withLetters) {
    const run = wholeRun(tokens, parts, options);
    return run === null ? null : [run];
  }
  const groups: Part[][] = [[]];
  for (const part of parts) {
    if (part.element?.scaled === true) groups.push([part], []);
    else groups.at(-1)?.push(part);
  }
  return groups.flatMap((group) => (group.length === 0 ? [] : (wholeRun(tokens, group, options) ?? [])));
}

/** "doce millones trescientos … guion cinco". */
function isRutInWords(parts: readonly Part[]): boolean {
  const [number, check, more] = parts;
  return (
    number?.element?.scaled === true &&
    number.element.digits.length >= 7 &&
    check?.element?.digits.length === 1 &&
    more === undefined
  );
}

function wholeRun(tokens: readonly Token[], all: readonly Part[], options: RunOptions): NumberRun | null {
  // A letter that may be a word does not begin or end a number by itself.
  let parts = all;
  while (parts[0]?.element === null && !parts[0].isClear && parts[1]?.element !== null)
    parts = parts.slice(1);
  if (options.withLetters && parts.length >= 2) {
    const last = parts.at(-1);
    const before = parts.at(-2);
    if (
      last?.element === null &&
      !last.isClear &&
      before?.element !== null &&
      !endsWithin(tokens, last.next)
    ) {
      parts = checkLetterFits(parts) ? parts : parts.slice(0, -1);
    }
  }
  const elements = parts.flatMap((part) => part.element ?? []);
  const letters = parts.length - elements.length;
  const firstPart = parts[0];
  const lastPart = parts.at(-1);
  if (firstPart === undefined || lastPart === undefined) return null;
  if (elements.length === 0 && letters < 4) return null;
  const digits = elements.map((element) => element.digits).join("");
  const tail = letters > 0 ? null : trailingLetter(tokens, lastPart.next, digits, options);
  const head = letters > 0 ? null : leadingLetter(tokens, firstPart.first, digits);
  const before = tokens[(head ?? firstPart.first) - 1];
  const isPlus = before?.text === "+";
  const first = (head ?? firstPart.first) - (isPlus ? 1 : 0);
  const next = tail ?? lastPart.next;
  return {
    first,
    next,
    elements,
    digits,
    letters: letters + (tail === null ? 0 : 1) + (head === null ? 0 : 1),
    isLast: isOnlyGap(tokens, next, options.language),
    hasCheckLetter: tail !== null || head !== null || hasCheckDigit(tokens, elements),
    isInternational: isPlus || before?.text === "mas" || before?.text === "plus" || digits.startsWith("00"),
  };
}

const endsWithin = (tokens: readonly Token[], at: number): boolean =>
  tokens.slice(at).every((token) => token.kind === "sign");

function checkLetterFits(parts: readonly Part[]): boolean {
  const count = parts.reduce((sum, part) => sum + (part.element?.digits.length ?? 0), 0);
  return count === 8 || count === 7;
}

/** "12345678 zeta", "con la letra be", "guion K": the letter of a DNI, a NIE or a RUT. */
function trailingLetter(
  tokens: readonly Token[],
  from: number,
  digits: string,
  options: RunOptions,
): number | null {
  if (digits.length !== 7 && digits.length !== 8) return null;
  const gap = gapFrom(tokens, from, options.language).next;
  let introduced = gap;
  while (introduced < gap + 4 && /^(?:con|with|y|and|the|la|es|is)$/u.test(tokens[introduced]?.text ?? ""))
    introduced++;
  for (const at of new Set([from, gap, introduced])) {
    const letter = letterAt(tokens, at);
    if (letter === null) continue;
    if (letter.isClear || (digits.length === 8 && letter.letter === dniLetter(digits) && at !== introduced)) {
      return letter.next;
    }
  }
  return null;
}

/** "equis 1234567", the letter before a NIE. */
function leadingLetter(tokens: readonly Token[], first: number, digits: string): number | null {
  if (digits.length !== 7) return null;
  for (const at of [first - 1, first - 2]) {
    const letter = letterAt(tokens, at);
    if (letter !== null && letter.next >= first - 1 && letter.next <= first && /[xyz]/u.test(letter.letter))
      return at;
  }
  return null;
}

/** "12.345.678 guion 5" as Chile says a RUT. */
function hasCheckDigit(tokens: readonly Token[], elements: readonly NumberElement[]): boolean {
  const last = elements.at(-1);
  const before = elements.at(-2);
  if (last?.digits.length !== 1 || before === undefined) return false;
  const count = elements.slice(0, -1).reduce((sum, element) => sum + element.digits.length, 0);
  if (count !== 7 && count !== 8) return false;
  for (let at = before.nextToken; at < last.firstToken; at++) {
    if (/^(?:guion|raya|dash)$/u.test(tokens[at]?.text ?? "")) return true;
  }
  return false;
}
