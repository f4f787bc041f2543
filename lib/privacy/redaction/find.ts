import type { RedactionKind } from "../../call/ports.ts";
import type { Language } from "../../contract/vocabulary.ts";
import { announced, cuesIn, type Cue } from "./cues.ts";
import { emailsIn } from "./emails.ts";
import { gapFrom } from "./gaps.ts";
import { judge, isOneQuantity, isQuantity, mayGrow, surroundingsOf, type KnownNumber } from "./judgement.ts";
import { runsIn, type NumberRun } from "./number-runs.ts";
import { quantityStretches } from "./quantities.ts";
import { fold, tokensOf, type Token } from "./token.ts";
import { writtenNumbers } from "./written-ids.ts";

export interface FindOptions {
  readonly language: Language;
  readonly kinds: ReadonlySet<RedactionKind>;
  /** What was asked for, or announced, in the turns before. */
  readonly asked: Cue["kind"] | null;
  /** Numbers of the call that were found before: their parts go too. */
  readonly known: readonly KnownNumber[];
  readonly interim: boolean;
  /** Nothing follows. */
  readonly closed: boolean;
}

export interface FoundSpan {
  readonly start: number;
  readonly end: number;
  /** Null: not known yet, or perhaps nothing. */
  readonly kind: RedactionKind | null;
  readonly digits: string;
}

export interface Findings {
  /** In order, apart. */
  readonly spans: readonly FoundSpan[];
  /** Where something begins at the end of the text that may go on; null: the text is complete. */
  readonly openFrom: number | null;
  /** What the other side, or the same, will be giving next. */
  readonly announced: Cue["kind"] | null;
}

interface Stretch {
  readonly start: number;
  readonly end: number;
}

const numericKinds = ["phone", "card", "account", "id"] as const;
const absorbChars = 60;
const absorbDigits = 3;

/** All that has to go from a text, and what may turn out to have to. Pure. */
export function find(text: string, options: FindOptions): Findings {
  const folded = fold(text);
  const tokens = tokensOf(text, folded);
  const cues = cuesIn(folded);
  const { kinds } = options;
  const spans: FoundSpan[] = [];
  let openFrom: number | null = null;
  const open = (start: number): void => {
    openFrom = Math.min(openFrom ?? start, start);
  };
  const written = writtenNumbers(text, folded, cues);
  for (const { kind, start, end } of written) {
    if (kinds.has(kind))
      spans.push({ start, end, kind, digits: folded.slice(start, end).replace(/\D/gu, "") });
  }
  if (kinds.has("email")) {
    const expected = options.asked === "email";
    for (const email of emailsIn(folded, tokens, cues, { ...options, expected })) {
      spans.push({ start: email.start, end: email.end, kind: "email", digits: "" });
      if (email.open) open(email.start);
    }
  }
  const isDocument = ({ start, end }: Stretch): boolean =>
    /^\d{1,3}(?:[.,]\d{3}){2,3}$/u.test(folded.slice(start, end)) &&
    isGivenAsId({ start, end }, cues, options);
  const quantities = quantityStretches(folded).filter((stretch) => !isDocument(stretch));
  const taken = [...quantities, ...spans, ...written, ...marksOf(tokens)];
  const runs = runsIn(tokens, {
    language: options.language,
    withLetters: takesLetters(folded, cues, options.asked),
    isTaken: (at) => overlaps(taken, tokens[at]),
  });
  const left: NumberRun[] = [];
  for (const run of runs) {
    const stretch = stretchOf(tokens, run);
    const around = surroundingsOf(stretch, cues, options.asked);
    const kind = markBefore(tokens, run, options) ?? judge(tokens, run, around, kinds, options.known);
    const grows = !options.closed && mayGrow(tokens, run, around, kinds, options.interim);
    if (kind !== null && kinds.has(kind)) spans.push({ ...stretch, kind, digits: run.digits });
    else if (grows) spans.push({ ...stretch, kind: openKind(around.kind, around.strong, kinds), digits: "" });
    else if (run.digits.length < 7 && !around.strong && !isQuantity(tokens, run, around)) left.push(run);
    // A digit or two are shown, and taken back when what follows makes a number of them.
    const mayBegin = run.isLast && !options.closed && !isOneQuantity(tokens, run, around);
    if (grows || mayBegin) open(stretch.start);
  }
  absorb(tokens, left, spans);
  const last = announced(folded, cues);
  return { spans: apart(spans), openFrom, announced: last?.kind ?? null };
}

/** "DNI 12.345.678", as Argentina and Colombia write theirs, is no price. */
function isGivenAsId(stretch: Stretch, cues: readonly Cue[], { asked }: FindOptions): boolean {
  const around = surroundingsOf(stretch, cues, asked);
  return around.strong && around.kind === "id";
}

/** What is being given is only said, not counted yet: it keeps the mark it will most likely have. */
function openKind(
  kind: Cue["kind"] | null,
  strong: boolean,
  kinds: ReadonlySet<RedactionKind>,
): RedactionKind | null {
  return strong && kind !== null && kind !== "other" && kinds.has(kind) ? kind : null;
}

function stretchOf(tokens: readonly Token[], run: NumberRun): Stretch {
  return { start: tokens[run.first]?.start ?? 0, end: tokens[run.next - 1]?.end ?? 0 };
}

function overlaps(stretches: readonly Stretch[], token: Token | undefined): boolean {
  return token !== undefined && stretches.some(({ start, end }) => start < token.end && end > token.start);
}

/** Identity numbers have letters, and of the accounts those that are told by their country. */
function takesLetters(folded: string, cues: readonly Cue[], asked: Cue["kind"] | null): boolean {
  const hasLetters = ({ kind, strong, start, end }: Cue): boolean =>
    strong && (kind === "id" || (kind === "account" && /iban|i ban/u.test(folded.slice(start, end))));
  return asked === "id" || cues.some(hasLetters);
}

const marksOf = (tokens: readonly Token[]): readonly Token[] => tokens.filter(({ kind }) => kind === "mark");

/** A number that goes on right behind a mark is the rest of what the mark stands for. */
function markBefore(
  tokens: readonly Token[],
  run: NumberRun,
  { kinds, language }: FindOptions,
): RedactionKind | null {
  for (let at = run.first - 1; at >= Math.max(0, run.first - 4); at--) {
    const token = tokens[at];
    if (token?.kind !== "mark") continue;
    const gap = gapFrom(tokens, at + 1, language);
    return gap.next === run.first && !gap.joinsTwo ? kindOfMark(token.text, kinds) : null;
  }
  return null;
}

function kindOfMark(mark: string, kinds: ReadonlySet<RedactionKind>): RedactionKind | null {
  const name = mark.slice(1, -1);
  const named = numericKinds.find((kind) => kind === name) ?? null;
  return name === "number" ? (numericKinds.find((kind) => kinds.has(kind)) ?? null) : named;
}

/** Part of a number that was begun again, or corrected, beside the rest of it. */
function absorb(tokens: readonly Token[], left: readonly NumberRun[], spans: FoundSpan[]): void {
  for (const run of left) {
    const { start, end } = stretchOf(tokens, run);
    const isYear = /^(?:19|20)\d\d$/u.test(run.digits);
    if (run.digits.length < absorbDigits || (run.elements.length === 1 && isYear)) continue;
    const beside = spans.find(
      (span) =>
        span.digits.length >= 7 &&
        Math.max(span.start - end, start - span.end) <= absorbChars &&
        Math.max(span.start - end, start - span.end) >= 0,
    );
    if (beside !== undefined && (run.elements.length > 1 || run.digits.length >= 4)) {
      spans.push({ start, end, kind: beside.kind, digits: "" });
    }
  }
}

/** In order, and where two overlap one that covers both. */
function apart(spans: readonly FoundSpan[]): readonly FoundSpan[] {
  const result: FoundSpan[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = result.at(-1);
    if (last === undefined || span.start >= last.end) result.push(span);
    else
      result[result.length - 1] = {
        ...last,
        end: Math.max(last.end, span.end),
        kind: last.kind ?? span.kind,
      };
  }
  return result;
}
