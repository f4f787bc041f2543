import type { Language } from "../../contract/vocabulary.ts";
import type { Token } from "./token.ts";

/** What people say while they read a number out, and how it is punctuated. */
const fillers: ReadonlySet<string> = new Set(
  `eh ehh ehm em emm mm mmm mhm uh uhh um umm uhm er erm hm hmm ah este esto pues bueno vale ok okay okey si yes yeah yep
aja uhu right sure luego despues then next entonces guion guiones dash hyphen punto dot espacio space coma comma raya
barra slash perdon sorry espera espere esperate wait digo like so siguiente finalmente finally sigue gracias claro
perfecto correcto exacto great perfect got it continue continua continuo adelante dime digame go ahead more mas plus
seguido followed last ultimo ultimos ultimas cuatro-ultimos terminado listo entendido anotado hold second`
    .split(/\s+/u)
    .filter((word) => word !== ""),
);
const phrases: readonly (readonly string[])[] = [
  "a ver", "o sea", "un momento", "un segundo", "let me see", "let's see", "one second", "one moment", "hold on",
  "you know", "me explico", "de nuevo", "y luego", "y despues", "y ahora", "y el", "y los", "y al final", "and then",
  "and the", "and finally", "go on", "i think", "creo que", "a continuacion", "de acuerdo", "muy bien", "all right",
  "y sigue", "seguido de", "seguido por", "followed by", "le escucho", "te escucho", "i'm listening", "that's", "it's", "es el", "y es",
].map((phrase) => phrase.split(" ")); // prettier-ignore
const signs: ReadonlySet<string> = new Set([
  ",", ".", ";", "-", "‐", "‑", "–", "—", "…", "/", "(", ")", "+", "·", "_", "*", "?", "!", "¿", "¡", "\"", "'", "’",
]); // prettier-ignore
const conjunctions: Readonly<Record<Language, ReadonlySet<string>>> = {
  es: new Set(["y", "e"]),
  en: new Set(["and", "to", "for", "too", "o"]),
  multi: new Set(["y", "e", "and", "to", "for", "too"]),
};
/** More than this between two numbers is a sentence of its own. */
const maxGapWords = 7;

export interface Gap {
  /** First token behind it. */
  readonly next: number;
  /** Nothing but "y", "and", "to" stands between the numbers, which may be two of them. */
  readonly joinsTwo: boolean;
}

/** The hesitation that begins at this token; null when it ends in something else than `stop` allows. */
export function gapFrom(tokens: readonly Token[], from: number, language: Language): Gap {
  let next = from;
  let words = 0;
  let joins = 0;
  while (next < tokens.length && words <= maxGapWords) {
    const token = tokens[next];
    if (token === undefined) break;
    const phrase = phrases.find((one) => one.every((word, i) => tokens[next + i]?.text === word));
    if (phrase !== undefined) {
      next += phrase.length;
      words += 1;
    } else if (token.kind === "sign" && signs.has(token.text)) {
      next += 1;
    } else if (fillers.has(token.text)) {
      next += 1;
      words += 1;
    } else if (conjunctions[language].has(token.text)) {
      next += 1;
      joins += 1;
      if (joins > 1) break;
    } else break;
  }
  return { next, joinsTwo: joins === 1 && words === 0 };
}

/** Whether nothing but hesitation is left from this token on. */
export function isOnlyGap(tokens: readonly Token[], from: number, language: Language): boolean {
  return gapFrom(tokens, from, language).next >= tokens.length;
}
