export type TokenKind = "word" | "digits" | "mark" | "sign";

/** A piece of text; offsets are UTF-16 units of the text it stands in. */
export interface Token {
  readonly kind: TokenKind;
  /** Lower case, without accents. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Nothing stands between it and the token before. */
  readonly glued: boolean;
  /** A capital letter by itself, or the first letter of a word, is written large. */
  readonly large: boolean;
}

const pieces =
  /\[(?:card|account|email|phone|id|number)\]|[0-9]+|\p{L}[\p{L}\p{M}]*(?:['’]\p{L}+)*|[^\s\p{L}\p{M}]/gu;
const onlyAscii = /^[\u0020-\u007e]*$/u;

/** Lower case without accents, and plain digits, unit for unit: offsets stay those of the text. */
export function fold(text: string): string {
  if (onlyAscii.test(text)) return text.toLowerCase();
  let folded = "";
  for (const unit of text.split("")) {
    if (unit <= "\u007e") {
      folded += unit.toLowerCase();
      continue;
    }
    const base = unit.normalize("NFKD").charAt(0).toLowerCase();
    // The mathematical and full-width digits and letters become plain ones; everything else stays itself.
    folded += base.length === 1 && /[\p{L}0-9]/u.test(base) ? base : unit;
  }
  return folded;
}

export function tokensOf(text: string, folded: string = fold(text)): readonly Token[] {
  const tokens: Token[] = [];
  let lastEnd = -1;
  for (const match of folded.matchAll(pieces)) {
    const [piece] = match;
    const start = match.index;
    const end = start + piece.length;
    const first = text.charAt(start);
    const kind =
      piece.length > 1 && piece.startsWith("[")
        ? "mark"
        : /[0-9]/u.test(piece.charAt(0))
          ? "digits"
          : /\p{L}/u.test(piece.charAt(0))
            ? "word"
            : "sign";
    tokens.push({
      kind,
      text: kind === "word" ? piece.replace(/\p{M}/gu, "") : piece,
      start,
      end,
      glued: start === lastEnd,
      large: first !== piece.charAt(0),
    });
    lastEnd = end;
  }
  return tokens;
}
