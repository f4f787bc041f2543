import type { RedactionKind } from "../../call/ports.ts";
import { isClabe, isCuit, isLuhn } from "./checks.ts";
import type { Cue } from "./cues.ts";
import type { NumberRun } from "./number-runs.ts";
import { quantityLeads, unitWords, yearLeads } from "./quantities.ts";
import type { Token } from "./token.ts";

/** What the words around a number say it is. */
export interface Surroundings {
  readonly kind: Cue["kind"] | null;
  readonly strong: boolean;
  /** The words stand beside the number, not in an earlier turn. */
  readonly near: boolean;
}

export interface KnownNumber {
  readonly digits: string;
  readonly kind: RedactionKind;
}

const nearChars = 110;
const behindChars = 60;
const otherChars = 45;
/** Digits that are enough once it was said what they are. */
const enough: Readonly<Record<RedactionKind, number>> = { card: 3, account: 4, phone: 4, id: 4, email: 99 };
const enoughWeakly = 6;
/** Without a word about it: shorter numbers are counts, prices, order numbers. */
const enoughAlone = 7;

export function surroundingsOf(
  span: { readonly start: number; readonly end: number },
  cues: readonly Cue[],
  asked: Cue["kind"] | null,
): Surroundings {
  const before = cues.filter((cue) => {
    if (cue.kind === "email" || cue.end > span.start) return false;
    return span.start - cue.end <= (cue.kind === "other" ? otherChars : nearChars);
  });
  const strong = before.findLast((cue) => cue.strong);
  if (strong !== undefined) return { kind: strong.kind, strong: true, near: true };
  const behind = cues.find(
    (cue) => cue.strong && cue.kind !== "email" && cue.kind !== "other" && cue.start >= span.end,
  );
  if (behind !== undefined && behind.start - span.end <= behindChars) {
    return { kind: behind.kind, strong: true, near: true };
  }
  if (asked !== null && asked !== "email") return { kind: asked, strong: true, near: false };
  const weak = before.at(-1);
  return { kind: weak?.kind ?? null, strong: false, near: weak !== undefined };
}

const isYear = (digits: string): boolean => /^(?:19|20)\d\d$/u.test(digits);

function isCounting(values: readonly number[]): boolean {
  if (values.length < 4) return false;
  const steps = values.slice(1).map((value, i) => value - (values[i] ?? 0));
  return steps.every((step) => step === steps[0]) && Math.abs(steps[0] ?? 0) === 1;
}

function isListOfRoundNumbers(values: readonly number[]): boolean {
  if (values.length < 3 || values.some((value) => value < 10 || value % 10 !== 0)) return false;
  return values.every((value, i) => i === 0 || value > (values[i - 1] ?? 0));
}

/** A price, a count, a year or a list of such, as far as the words around it and its form tell. */
export function isQuantity(tokens: readonly Token[], run: NumberRun, around: Surroundings): boolean {
  return isOneQuantity(tokens, run, around) || (!isGiven(around) && !run.hasCheckLetter && isList(run));
}

/** Numbers in a row that are no number together. What goes on may show that they are one after all. */
function isList({ elements }: NumberRun): boolean {
  const values = elements.map((element) => Number(element.digits));
  return isYears(elements) || isCounting(values) || isListOfRoundNumbers(values);
}

const isYears = (elements: NumberRun["elements"]): boolean => elements.every(({ digits }) => isYear(digits));
const isGiven = (around: Surroundings): boolean => around.strong && around.kind !== "other";

/** As `isQuantity`, of what cannot become anything else by what follows. */
export function isOneQuantity(tokens: readonly Token[], run: NumberRun, around: Surroundings): boolean {
  const { digits, elements } = run;
  const only = elements.length === 1 ? elements[0] : undefined;
  const before = tokens[run.first - 1]?.text ?? "";
  const behind = tokens[run.next];
  const isFew = digits.length <= 6;
  if (run.hasCheckLetter) return false;
  if (only?.scaled === true && !(around.strong && around.kind === "id" && digits.length >= 7)) return true;
  if (behind !== undefined && unitWords.has(behind.text) && (isFew || elements.length <= 2)) return true;
  if (behind?.kind === "word" && behind.glued) return true;
  if (isGiven(around)) {
    const isRealYear = isYear(digits) && elements.length <= 2 && yearLeads.has(before);
    return isRealYear || (!around.near && isFew && digits.length <= 3 && quantityLeads.has(before));
  }
  if (isFew && quantityLeads.has(before)) return true;
  if (isYear(digits) && elements.length <= 2 && yearLeads.has(before)) return true;
  if (only !== undefined && !only.spoken && behind?.kind === "word" && isCountedNoun(behind.text)) {
    return digits.length <= 9;
  }
  return false;
}

/** "1234567 visitantes": what follows directly is a plural. */
function isCountedNoun(word: string): boolean {
  return (
    word.length > 4 &&
    word.endsWith("s") &&
    !/^(?:gracias|thanks|entonces|despues|menos|vamos|tenemos|podemos|queremos)$/u.test(word)
  );
}

/** The kinds that these digits may be, likeliest first. */
function kindsByShape(run: NumberRun): readonly RedactionKind[] {
  const { digits } = run;
  const { length } = digits;
  if (run.hasCheckLetter || (run.letters > 0 && length < 16)) return ["id", "account"];
  if (run.isInternational && length >= 9 && length <= 15) return ["phone", "account"];
  if (length < 13) return isCuit(digits) ? ["id", "phone", "account"] : ["phone", "id", "account"];
  if (length > 19) return ["account", "card"];
  if (length === 18 && isClabe(digits)) return ["account", "card"];
  if (length === 15 || length === 16 || isLuhn(digits) || (length !== 18 && /^[3-6]/u.test(digits))) {
    return ["card", "account", "phone"];
  }
  return ["account", "card", "phone"];
}

/** What the number is, when it is one of `kinds`; null: not one of ours, or not yet. */
export function judge(
  tokens: readonly Token[],
  run: NumberRun,
  around: Surroundings,
  kinds: ReadonlySet<RedactionKind>,
  known: readonly KnownNumber[],
): RedactionKind | null {
  const symbols = run.digits.length + (around.kind === "id" || around.kind === "account" ? run.letters : 0);
  const shapes = kindsByShape(run);
  const byShape = shapes.find((kind) => kinds.has(kind)) ?? null;
  if (isQuantity(tokens, run, around)) return null;
  if (run.digits.length >= 4) {
    const said = known.find(({ digits }) => digits.includes(run.digits));
    if (said !== undefined) return said.kind;
  }
  if (run.hasCheckLetter) return kinds.has("id") ? "id" : null;
  if (around.kind === "other" && around.strong) {
    const isSurelyCard =
      run.digits.length >= 15 && run.digits.length <= 16 && isLuhn(run.digits) && /^[3-6]/u.test(run.digits);
    return isSurelyCard && kinds.has("card") ? "card" : null;
  }
  if (around.kind !== null && around.kind !== "other" && around.kind !== "email") {
    const isEnough = symbols >= (around.strong ? enough[around.kind] : enoughWeakly);
    // A telephone number is never as long as a card's.
    const isTooLong = around.kind === "phone" && run.digits.length > 15;
    if (isEnough && !isTooLong) {
      if (kinds.has(around.kind)) return around.kind;
      if (around.strong) return null;
    }
  }
  return run.digits.length >= enoughAlone ? byShape : null;
}

/** Whether the number at the end of the text may go on and become one of `kinds`. */
export function mayGrow(
  tokens: readonly Token[],
  run: NumberRun,
  around: Surroundings,
  kinds: ReadonlySet<RedactionKind>,
  interim: boolean,
): boolean {
  const numeric = [...kinds].some((kind) => kind !== "email");
  if (!run.isLast || !numeric || run.digits.length > 34) return false;
  if (around.strong && (around.kind === "other" || (around.kind !== null && !kinds.has(around.kind))))
    return false;
  if (isOneQuantity(tokens, run, around)) return false;
  if (around.strong && around.kind !== null) return true;
  if (run.digits.length < 3 || isYears(run.elements)) return false;
  if (interim) return true;
  const [only, more] = run.elements;
  // "son seiscientos", "en 2019": a round number or a year by itself is what it seems.
  return !(
    only !== undefined &&
    more === undefined &&
    (Number(only.digits) % 50 === 0 || isYear(only.digits))
  );
}
