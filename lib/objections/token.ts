/** What stands between a token and the one before it. */
export type Boundary = "none" | "comma" | "hard";

export interface Token {
  /** Lower case, without accents; a contraction gives several tokens with the same offsets. */
  readonly norm: string;
  /** UTF-16 offsets in the original text, end exclusive. */
  readonly start: number;
  readonly end: number;
  readonly boundary: Boundary;
  /** An inverted question mark stands right before it. */
  readonly opensQuestion: boolean;
  /** A question mark stands right after it. */
  readonly closesQuestion: boolean;
  /** Written with an accent (`cómo`, not `como`): tells questions apart in Spanish. */
  readonly accented: boolean;
  /** Fillers, stutters and adverbs that a pattern may step over. */
  skippable: boolean;
}

export interface Spelling {
  /** One written word to the words it stands for: contractions, chat spellings, mishearings. */
  readonly expand: ReadonlyMap<string, readonly string[]>;
  /** Endings after an apostrophe (`'ll`), by the word they stand for. */
  readonly endings: ReadonlyMap<string, string>;
  /** Single words and phrases (as lists of words) that carry no meaning of their own. */
  readonly fillers: readonly (readonly string[])[];
  /** Sounds of hesitation: commas around them are no boundary. */
  readonly hesitations: ReadonlySet<string>;
}

/** An utterance longer than this is judged by its beginning. */
const maxTokens = 5000;

const piece = /(\d+(?:[.,]\d+)*)|([\p{L}\p{M}\p{N}]+(?:['’`´][\p{L}\p{M}]+)*)|([€$£])|([^\s])|(\n)/gu;
const marks = /\p{M}/gu;
const currencies: ReadonlyMap<string, string> = new Map([
  ["€", "euros"],
  ["$", "dollars"],
  ["£", "pounds"],
]);

interface Draft {
  boundary: Boundary;
  opensQuestion: boolean;
}

function boundaryOf(mark: string, text: string, at: number): Boundary {
  if (mark === "." && (text[at + 1] === "." || text[at - 1] === ".")) return "comma";
  if (/[.!?;:¡¿\n]/u.test(mark)) return "hard";
  if (/[,…—–()«»"“”]/u.test(mark)) return "comma";
  return mark === "-" && text[at - 1] === " " ? "comma" : "none";
}

function stronger(a: Boundary, b: Boundary): Boundary {
  if (a === "hard" || b === "hard") return "hard";
  return a === "comma" || b === "comma" ? "comma" : "none";
}

function wordsOf(word: string, spelling: Spelling): readonly string[] {
  const whole = word.replaceAll(/['’`´]/gu, "'");
  const known = spelling.expand.get(whole);
  if (known !== undefined) return known;
  const apostrophe = whole.lastIndexOf("'");
  if (apostrophe < 0) return [whole];
  const ending = whole.slice(apostrophe + 1);
  const head = whole.slice(0, apostrophe).replaceAll("'", "");
  if (ending === "t" && head.endsWith("n")) return [head.slice(0, -1), "not"];
  const meant = spelling.endings.get(ending);
  return meant === undefined ? [head + ending] : [head, meant];
}

export type Tokenize = (text: string) => Token[];

/** Cuts utterances into comparable words that remember where they were written. */
export function createTokenize(spelling: Spelling): Tokenize {
  const fillers = new Map<string, (readonly string[])[]>();
  for (const filler of spelling.fillers) {
    const [first = ""] = filler;
    const alike = fillers.get(first);
    if (alike === undefined) fillers.set(first, [filler]);
    else alike.push(filler);
  }
  return (text) => markSkippable(dropHesitations(cut(text, spelling), spelling), fillers);
}

function cut(text: string, spelling: Spelling): Token[] {
  const tokens: Token[] = [];
  let draft: Draft = { boundary: "hard", opensQuestion: false };
  const closing = new Set<number>();
  for (const match of text.matchAll(piece)) {
    const [whole, number, word, currency] = match;
    const start = match.index;
    const spoken = number ?? word ?? currency;
    if (spoken === undefined) {
      if (whole === "¿") draft.opensQuestion = true;
      if (whole === "?" && tokens.length > 0) closing.add(tokens.length - 1);
      draft.boundary = stronger(draft.boundary, boundaryOf(whole, text, start));
      continue;
    }
    if (tokens.length >= maxTokens) break;
    const lower = (currencies.get(spoken) ?? spoken).toLowerCase();
    const plain = isAscii(lower) ? lower : lower.normalize("NFD").replaceAll(marks, "");
    const accented = plain !== lower && lower.normalize("NFC") !== plain;
    let first = true;
    for (const norm of wordsOf(plain, spelling)) {
      tokens.push({
        norm,
        start,
        end: start + spoken.length,
        boundary: first ? draft.boundary : "none",
        opensQuestion: first && draft.opensQuestion,
        closesQuestion: false,
        accented,
        skippable: false,
      });
      first = false;
    }
    draft = { boundary: "none", opensQuestion: false };
  }
  return closing.size === 0
    ? tokens
    : tokens.map((token, index) => (closing.has(index) ? { ...token, closesQuestion: true } : token));
}

function isAscii(word: string): boolean {
  for (let at = 0; at < word.length; at += 1) if (word.charCodeAt(at) > 127) return false;
  return true;
}

function dropHesitations(tokens: Token[], spelling: Spelling): Token[] {
  if (!tokens.some(({ norm }) => spelling.hesitations.has(norm))) return tokens;
  const kept: Token[] = [];
  let dropped: readonly Token[] = [];
  for (const token of tokens) {
    if (spelling.hesitations.has(token.norm)) {
      dropped = [...dropped, token];
      continue;
    }
    const around = [...dropped, token];
    const hard = around.some(({ boundary }) => boundary === "hard");
    const kind = dropped.length === 0 ? token.boundary : hard ? "hard" : "none";
    kept.push({ ...token, boundary: kind, opensQuestion: around.some(({ opensQuestion }) => opensQuestion) });
    dropped = [];
  }
  return kept;
}

/** `fillers`: by their first word. */
function markSkippable(
  tokens: Token[],
  fillers: ReadonlyMap<string, readonly (readonly string[])[]>,
): Token[] {
  for (const [index, token] of tokens.entries()) {
    const following = tokens[index + 1];
    if (following?.norm === token.norm && following.boundary === "none") token.skippable = true;
    for (const filler of fillers.get(token.norm) ?? []) {
      if (!filler.every((word, offset) => tokens[index + offset]?.norm === word)) continue;
      for (let offset = 0; offset < filler.length; offset += 1) {
        const part = tokens[index + offset];
        if (part !== undefined) part.skippable = true;
      }
    }
  }
  return tokens;
}
