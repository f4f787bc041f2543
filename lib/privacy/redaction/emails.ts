import type { Cue } from "./cues.ts";
import { numberWords } from "./number-words.ts";
import type { Token } from "./token.ts";

export interface EmailSpan {
  readonly start: number;
  readonly end: number;
  /** What was said so far may go on to be one. */
  readonly open: boolean;
}

const typed = /[\p{L}\d][\p{L}\d._%+'-]*\s?@\s?[\p{L}\d-]+(?:\s?\.\s?[\p{L}\d-]+)*/gu;
const connectors: ReadonlySet<string> = new Set([
  "punto", "dot", ".", "guion", "-", "_", "underscore", "dash", "hyphen", "mas", "plus", "+", "period", "point",
]); // prettier-ignore
const dots: ReadonlySet<string> = new Set(["punto", "dot", ".", "period", "point"]);
const providers: ReadonlySet<string> = new Set(
  "gmail hotmail outlook yahoo icloud proton protonmail live msn aol gemail jotmail".split(" "),
);
const topLevel =
  /^(?:com|net|org|es|mx|ar|cl|co|pe|uy|ec|ve|cat|eu|io|ai|edu|gov|gob|info|biz|us|uk|test|example|dev|app|me)$/u;
/** Words that end a local part said without connectors. */
const stops: ReadonlySet<string> = new Set(
  `es son esta correo correos email mail mails electronico direccion a al en el la los las un una me te le se mi tu su si no
que y o de del por para con favor escribe escribeme escribirme mandamelo envialo envia manda mandar enviar apunta anota
seria sera is it its it's my your his her their the an at to on in me us you we they i and or of for with please email's address
send write mail reach contact that's was be by just so okay ok sure yes no look find out about visit here met meet
people guys folks team everyone everybody someone somebody friends engineers customers users everything stuff
work works worked working available live hosted listed sold sell buy bought order ordered shop found saw see read search
check checked go going start started over up online register sign store site website page booth job quote
gracias vale claro bueno pues hola eh um uh`
    .split(/\s+/u)
    .filter((word) => word !== ""),
);
const longestPlain = 3;

const isLetter = (token: Token | undefined): boolean => token?.kind === "word" && token.text.length === 1;
/** "Three point seven" is no domain. */
const isLabel = (token: Token | undefined): boolean =>
  token?.kind === "word" && numberWords.multi.get(token.text)?.role !== "unit";
const isPart = (token: Token | undefined): boolean => token?.kind === "word" || token?.kind === "digits";

/** Index of the token at which "at" stands, with the one behind it; spoken, or misheard by recognisers. */
function atSign(
  tokens: readonly Token[],
  i: number,
): { readonly next: number; readonly sure: boolean } | null {
  const text = tokens[i]?.text ?? "";
  if (text === "@" || /^a[r]{1,2}o[bv]as?$/u.test(text)) return { next: i + 1, sure: true };
  if (text === "a" && /^rr?o[bv]a$/u.test(tokens[i + 1]?.text ?? "")) return { next: i + 2, sure: true };
  if (text === "at" && tokens[i + 1]?.text === "the" && tokens[i + 2]?.text === "rate") {
    return { next: tokens[i + 3]?.text === "of" ? i + 4 : i + 3, sure: true };
  }
  if (text === "at" || text === "add") return { next: i + 1, sure: false };
  return null;
}

/** Behind the domain that begins at `from`; null when none does. `hasTop`: it ends as domains end. */
function domainFrom(
  tokens: readonly Token[],
  from: number,
): { readonly next: number; readonly hasTop: boolean } | null {
  if (!isPart(tokens[from])) return null;
  let next = from + 1;
  let hasTop = false;
  for (let labels = 0; labels < 6; labels++) {
    const token = tokens[next];
    if (token === undefined) break;
    if (dots.has(token.text) && isLabel(tokens[next + 1])) {
      // A full stop ends a sentence, a dot within a name has no space behind it.
      if (token.text === "." && tokens[next + 1]?.glued !== true) break;
      hasTop = true;
      next += 2;
    } else if (connectors.has(token.text) && isPart(tokens[next + 1]) && !hasTop) {
      next += 2;
    } else if (!hasTop && topLevel.test(token.text) && /^(?:com|net|org|es|mx)$/u.test(token.text)) {
      hasTop = true;
      next += 1;
    } else if (!hasTop && labels < 4 && isPart(token) && leadsToDot(tokens, next)) {
      // "hot mail punto com"
      next += 1;
    } else break;
  }
  return { next, hasTop };
}

function leadsToDot(tokens: readonly Token[], from: number): boolean {
  for (let i = from; i < from + 4; i++) {
    const token = tokens[i + 1];
    if (!isPart(tokens[i])) return false;
    if (token !== undefined && dots.has(token.text)) return tokens[i + 2]?.kind === "word";
  }
  return false;
}

/** First token of the local part that ends before `end`. `joined`: it has a connector, or is spelled out. */
function localPart(
  tokens: readonly Token[],
  end: number,
  from: number,
  isSure = false,
): { readonly first: number; readonly joined: boolean } | null {
  let first = end;
  let joined = false;
  let plain = 0;
  for (let i = end - 1; i >= from; i--) {
    const token = tokens[i];
    if (token === undefined) break;
    if (
      connectors.has(token.text) ||
      (token.text === "bajo" && tokens[i - 1]?.text === "guion") ||
      token.text === "baja"
    ) {
      if (first === end && !dots.has(token.text)) break;
      if (token.text === "." && tokens[i + 1]?.glued !== true) break;
      joined = true;
      plain = 0;
      continue;
    }
    if (token.kind === "sign" && token.text === ",") continue;
    if (!isPart(token)) break;
    const afterConnector = i + 1 < end && connectors.has(tokens[i + 1]?.text ?? "");
    const isSpelled =
      isLetter(token) && (isLetter(tokens[i + 1]) || isLetter(tokens[i - 1]) || i + 1 === end);
    // "cuarenta y dos"
    if (token.text === "y" && /(?:ei|e|i|o)nta$/u.test(tokens[i - 1]?.text ?? "")) continue;
    // What stands beside a certain "at" is part of the name, whatever else it may mean.
    const isBeside = i + 1 === end && (isSure || (isSpelled && isLetter(tokens[i - 1])));
    const isJoined =
      connectors.has(tokens[i - 1]?.text ?? "") && (tokens[i - 1]?.text !== "." || token.glued);
    const isStop = stops.has(token.text) && !isBeside && !isJoined && !(isSpelled && isLetter(tokens[i + 1]));
    if (!afterConnector && isStop) break;
    if (isSpelled || token.kind === "digits") joined = true;
    else if (!afterConnector && !numberWords.multi.has(token.text) && ++plain > longestPlain) break;
    first = i;
  }
  return first === end ? null : { first, joined };
}

/**
 * E-mail addresses, typed and spoken. `expected`: somebody has just been asked for one. The text may end in
 * the beginning of one, which is then `open`.
 */
export function emailsIn(
  folded: string,
  tokens: readonly Token[],
  cues: readonly Cue[],
  options: { readonly expected: boolean; readonly closed: boolean; readonly interim: boolean },
): readonly EmailSpan[] {
  const spans: EmailSpan[] = [];
  for (const match of folded.matchAll(typed)) {
    spans.push({ start: match.index, end: match.index + match[0].length, open: false });
  }
  let from = 0;
  for (let i = 0; i < tokens.length; i++) {
    const at = atSign(tokens, i);
    if (at === null) continue;
    const domain = domainFrom(tokens, pastPause(tokens, at.next, 1));
    const local = localPart(tokens, pastPause(tokens, i - 1, -1) + 1, from, at.sure);
    const hasCue = cues.some((cue) => cue.kind === "email");
    const cued = options.expected || hasCue;
    const provider = providers.has(tokens[at.next]?.text ?? "");
    const isOne = at.sure
      ? local !== null || (domain !== null && (domain.hasTop || provider || cued))
      : domain !== null &&
        local !== null &&
        (((domain.hasTop || provider) &&
          (local.joined || cued || provider || (domain.hasTop && isLedTo(tokens, local.first)))) ||
          (options.expected && !hasCue && isEnd(tokens, domain.next) && isLedTo(tokens, local.first)));
    if (!isOne) continue;
    const first = tokens[local?.first ?? i];
    const lastToken = tokens[(domain?.next ?? at.next) - 1];
    if (first === undefined || lastToken === undefined) continue;
    const ends = domain === null || domain.next >= tokens.length;
    spans.push({ start: first.start, end: lastToken.end, open: ends && !options.closed });
    from = domain?.next ?? at.next;
    i = from - 1;
  }
  return spans.length > 0 ? spans : unfinished(tokens, cues, options);
}

/** Recognisers hear a pause beside "arroba" as the end of a sentence. */
function pastPause(tokens: readonly Token[], at: number, step: 1 | -1): number {
  const token = tokens[at];
  return token?.kind === "sign" && /^[.,;:]$/u.test(token.text) && isPart(tokens[at + step]) ? at + step : at;
}

/** "Reach me at jdoe at …", "write to jdoe at …", "well, jdoe at …": what a sentence begins with, or leads to. */
function isLedTo(tokens: readonly Token[], first: number): boolean {
  const before = tokens.slice(0, first).filter(({ kind }) => kind !== "sign");
  return /^(?:at|to)$/u.test(tokens[first - 1]?.text ?? "") || before.every(({ text }) => stops.has(text));
}

const isEnd = (tokens: readonly Token[], at: number): boolean =>
  tokens.slice(at).every(({ kind }) => kind === "sign");

/** Somebody was asked for an address, or announces one, and the text ends before it says "at". */
function unfinished(
  tokens: readonly Token[],
  cues: readonly Cue[],
  options: { readonly expected: boolean; readonly closed: boolean; readonly interim: boolean },
): readonly EmailSpan[] {
  const announcing = cues.findLast((cue) => cue.kind === "email" && cue.strong);
  const lost = withoutAt(tokens, options.expected || announcing !== undefined);
  if (lost !== null) return [{ ...lost, open: false }];
  if (options.closed || (!options.expected && announcing === undefined)) return [];
  let end = tokens.length;
  while (end > 0 && tokens[end - 1]?.kind === "sign" && !connectors.has(tokens[end - 1]?.text ?? "")) end--;
  if (connectors.has(tokens[end - 1]?.text ?? "") && tokens[end - 1]?.text !== ".") end--;
  else if (tokens[end - 1]?.text === ".") end--;
  const endsInAt = (tokens[end - 1]?.text ?? "") === "at";
  if (endsInAt) end--;
  const from = tokens.findIndex((token) => token.start >= (announcing?.end ?? 0));
  const local = localPart(tokens, end, Math.max(0, from));
  const first = tokens[local?.first ?? -1];
  const last = tokens.at(-1);
  if (local === null || first === undefined || last === undefined) return [];
  // A whole sentence that ends here is an answer of another kind.
  const isShort = end - local.first <= longestPlain && (announcing !== undefined || local.first <= 2);
  return local.joined ||
    endsInAt ||
    (isShort && (options.interim || announcing !== undefined || tokens.length <= 4))
    ? [{ start: first.start, end: last.end, open: true }]
    : [];
}

/** The recogniser has lost the "at": "ana perez gmail punto com" where an address was asked for. */
function withoutAt(tokens: readonly Token[], expected: boolean): { start: number; end: number } | null {
  if (!expected) return null;
  for (let i = 1; i < tokens.length; i++) {
    const provider = providers.has(tokens[i]?.text ?? "");
    const dotted = dots.has(tokens[i]?.text ?? "") && topLevel.test(tokens[i + 1]?.text ?? "");
    if (!provider && !dotted) continue;
    const domain = domainFrom(tokens, provider ? i : i - 1);
    if (domain?.hasTop !== true) continue;
    const local = localPart(tokens, i, 0);
    const first = tokens[local?.first ?? i];
    const last = tokens[domain.next - 1];
    if (first !== undefined && last !== undefined) return { start: first.start, end: last.end };
  }
  return null;
}
