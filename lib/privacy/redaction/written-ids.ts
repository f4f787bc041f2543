import type { RedactionKind } from "../../call/ports.ts";
import type { Cue } from "./cues.ts";
import { dniLetter, rutCheck } from "./checks.ts";

export interface Written {
  readonly kind: RedactionKind;
  readonly start: number;
  readonly end: number;
}

const iban =
  /(?<![\p{L}\d])[a-z]{2}\s?\d{2}(?:[\s.-]?[a-z\d]{4}){2,7}(?:[\s.-]?[a-z\d]{1,3})?(?![\p{L}\d])/gu;
const curp = /(?<![\p{L}\d])[a-z]{4}[\s-]?\d{6}[\s-]?[hmx][\s-]?[a-z]{5}[\s-]?[a-z\d]\d?(?![\p{L}\d])/gu;
const rfc =
  /(?<![\p{L}\d])[a-zñ&]{3,4}[\s-]?\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[\s-]?[a-z\d]{3}(?![\p{L}\d])/gu;
const nino = /(?<![\p{L}\d])[a-z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[a-d](?![\p{L}\d])/gu;
/** A passport, a licence: letters and digits without an order of their own, known by what is said before them. */
const mixed =
  /(?<![\p{L}\d-])(?:(?=[a-z\d-]*[a-z])(?=(?:[a-z-]*\d){4})[a-z\d][a-z\d-]{4,22}[a-z\d]|[a-z]{1,3}\s\d{5,9}[a-z]?)(?![\p{L}\d-])/gu;
const nearChars = 60;
const nie = /(?<![\p{L}\d])[xyz][\s-]?\d{7}[\s-]?[a-z](?![\p{L}\d])/gu;
const dni = /(?<![\p{L}\d.,])\d{1,2}[.,]?\d{3}[.,]?\d{3}[\s-]{0,3}([a-z])(?![\p{L}\d])/gu;
const rut = /(?<![\p{L}\d.,])\d{1,2}[.,]?\d{3}[.,]?\d{3}\s?[-–]\s?([\dk])(?![\p{L}\d])/gu;
const cuit =
  /(?<![\p{L}\d])(?:20|23|24|25|26|27|30|33|34)[\s.-]\d{2}[.]?\d{3}[.]?\d{3}[\s.-]\d(?![\p{L}\d])/gu;
const ssn = /(?<![\p{L}\d-])(?!000|666)\d{3}([- ])(?!00)\d{2}\1(?!0000)\d{4}(?![\p{L}\d-])/gu;

/** Letters and digits apart from each other are only sure to be one number where the letters are capitals. */
const isJoinedOrLarge = (text: string, match: RegExpExecArray): boolean => {
  const original = text.slice(match.index, match.index + match[0].length);
  return !/\s/u.test(original) || original === original.toUpperCase();
};
const digitsOf = (text: string): string => text.replace(/\D/gu, "");

/** Numbers that are known by how they are written. */
export function writtenNumbers(text: string, folded: string, cues: readonly Cue[]): readonly Written[] {
  if (!/[0-9]/u.test(folded)) return [];
  const found: Written[] = [];
  const add = (kind: RedactionKind, match: RegExpExecArray): void => {
    found.push({ kind, start: match.index, end: match.index + match[0].length });
  };
  for (const match of folded.matchAll(iban)) {
    // "es 4242 …" and "is 10 2000 …" begin like one as well.
    const isCountry = text.slice(match.index, match.index + 2) === match[0].slice(0, 2).toUpperCase();
    const isWhole = isCountry || /^[a-z]{2}\d/u.test(match[0]);
    if (isWhole && digitsOf(match[0]).length >= 10 && match[0].replace(/[\s.-]/gu, "").length >= 14) {
      add("account", match);
    }
  }
  for (const pattern of [curp, rfc, nino]) {
    for (const match of folded.matchAll(pattern)) if (isJoinedOrLarge(text, match)) add("id", match);
  }
  for (const match of folded.matchAll(mixed)) {
    const cue = cues.findLast((one) => one.strong && one.end <= match.index);
    const isNear = cue !== undefined && match.index - cue.end <= nearChars;
    if (isNear && isJoinedOrLarge(text, match) && (cue.kind === "id" || cue.kind === "account"))
      add(cue.kind, match);
  }
  for (const match of folded.matchAll(nie)) add("id", match);
  for (const match of folded.matchAll(dni)) {
    const digits = digitsOf(match[0]);
    const letter = match[1] ?? "";
    const isJoined = /\d[a-z]$/u.test(match[0]) || /-\s?[a-z]$/u.test(match[0]);
    if (digits.length >= 7 && (isJoined || letter === dniLetter(digits) || letter === "k")) add("id", match);
  }
  for (const match of folded.matchAll(rut)) {
    const digits = digitsOf(match[0].slice(0, match[0].search(/[-–]/u)));
    const isDotted = /[.,]/u.test(match[0]);
    if (digits.length >= 7 && (isDotted || rutCheck(digits) === match[1])) add("id", match);
  }
  for (const match of folded.matchAll(cuit)) add("id", match);
  for (const match of folded.matchAll(ssn)) add("id", match);
  return found;
}
