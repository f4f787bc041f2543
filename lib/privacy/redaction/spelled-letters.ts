import type { Token } from "./token.ts";

/** Letters as they are named; the ambiguous ones are words of their own as well. */
const named: Readonly<Record<string, string>> = {
  be: "b", ce: "c", de: "d", efe: "f", ge: "g", hache: "h", jota: "j", ka: "k", ele: "l", eme: "m", ene: "n",
  enie: "ñ", eñe: "ñ", pe: "p", cu: "q", erre: "r", ere: "r", ese: "s", te: "t", uve: "v", ve: "v", equis: "x",
  ye: "y", zeta: "z", ceta: "z", bee: "b", cee: "c", see: "c", dee: "d", eff: "f", gee: "g", aitch: "h", jay: "j",
  kay: "k", cay: "k", ell: "l", em: "m", en: "n", pea: "p", cue: "q", queue: "q", are: "r", ess: "s", tee: "t", tea: "t",
  vee: "v", ex: "x", why: "y", zed: "z", zee: "z",
}; // prettier-ignore
const clear: ReadonlySet<string> = new Set(
  "efe hache jota ka ele eme ene pe cu erre uve equis zeta ceta zed zee kay cay dee aitch gee jay vee".split(
    " ",
  ),
);
const introductions: ReadonlySet<string> = new Set(["letra", "letter"]);
const examples: ReadonlySet<string> = new Set(["de", "como", "as", "for", "like"]);

export interface SpelledLetter {
  readonly letter: string;
  /** Index behind its last token. */
  readonly next: number;
  /** It cannot well be anything but a letter. */
  readonly isClear: boolean;
}

/** The letter that is spelled from this token on: "equis", "letra be de burro", "X as in xylophone", "doble ve". */
export function letterAt(tokens: readonly Token[], at: number): SpelledLetter | null {
  let next = at;
  const introduced = introductions.has(tokens[next]?.text ?? "");
  if (introduced) next++;
  if (introduced && tokens[next]?.kind === "sign") next++;
  const token = tokens[next];
  if (token?.kind !== "word") return null;
  const alone = token.text.length === 1;
  let letter = alone ? token.text : named[token.text];
  let isClear = introduced || clear.has(token.text) || (alone && token.large);
  if (/^(?:doble|uve|double)$/u.test(token.text)) {
    const second = tokens[next + 1]?.text ?? "";
    if (token.text === "uve" ? second === "doble" : /^(?:u|uve|ve|you)$/u.test(second)) {
      letter = "w";
      isClear = true;
      next++;
    }
  } else if (token.text === "i" && tokens[next + 1]?.text === "griega") {
    letter = "y";
    isClear = true;
    next++;
  }
  if (letter === undefined) return null;
  next++;
  const example = exampleAfter(tokens, next, letter);
  return { letter, next: example ?? next, isClear: isClear || example !== null };
}

/** "… de burro", "… as in bravo": the example begins with the letter. */
function exampleAfter(tokens: readonly Token[], at: number, letter: string): number | null {
  if (!examples.has(tokens[at]?.text ?? "")) return null;
  const next = tokens[at]?.text === "as" && tokens[at + 1]?.text === "in" ? at + 2 : at + 1;
  const word = tokens[next];
  if (word?.kind !== "word" || word.text.length < 3) return null;
  return word.text.startsWith(letter) || (letter === "x" && /^(?:xil|sil|equ)/u.test(word.text))
    ? next + 1
    : null;
}
