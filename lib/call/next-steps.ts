import type { Language, Speaker } from "../contract/vocabulary.ts";
import { type NextStepWords, nextStepWords, type StepDeed } from "./next-step-words.ts";
import type { ReadSignal, SpeechReader } from "./ports.ts";
import type { StoredSegment } from "./stored-call.ts";
import { isStopWord } from "./summary-words.ts";

const maxNextSteps = 5;
/** Clauses that are read of a call, the last ones of it: more than an hour of talk, in a fraction of a second. */
const maxClauses = 1200;
const minWordsOfStep = 3;
const maxWordsOfStep = 18;
/** Behind a step, up to so many words of its clause still belong to it. */
const maxTrailingWords = 8;
const maxWordsBehindComma = 6;
const minObjectLetters = 4;
/** Forms of one word mostly share so many letters. */
const stemLetters = 5;

type Line = Pick<StoredSegment, "speaker" | "tsMs" | "text">;

interface Clause {
  readonly text: string;
  readonly isAsked: boolean;
}

interface Step {
  readonly text: string;
  readonly when: string | null;
  readonly deed: StepDeed;
  readonly objects: ReadonlySet<string>;
  /** Who is to do it; null where it is not known. */
  readonly side: "rep" | "prospect" | null;
}

/**
 * What was agreed to be done after the call, by either side: clauses as they were said, without fillers, in their
 * order, the last five. Of two on the same thing the later one stands; what was refused at once does not (SPEC I8).
 * A failing reader costs the steps of a clause; the call's insights have logged it. An hour of talk takes a tenth of a
 * second: the generator yields behind each line, so that others can have their turn.
 */
export function* nextSteps(
  segments: readonly Line[],
  language: Language,
  reader: SpeechReader,
): Generator<undefined, string[]> {
  const words = nextStepWords(language);
  const lines = segments.toSorted((a, b) => a.tsMs - b.tsMs);
  const kept: Step[] = [];
  let left = maxClauses;
  for (let at = lines.length - 1; at >= 0 && kept.length < maxNextSteps && left > 0; at -= 1) {
    const line = lines[at];
    if (line === undefined) continue;
    const answer = answerTo(line, lines.slice(at + 1, at + 3), words);
    const clauses = clausesOf(line.text, answer, words).slice(-left);
    left -= clauses.length;
    const steps = clauses.flatMap((clause) => stepIn(clause, line.speaker, { language, reader, words }));
    for (const step of steps.toReversed()) {
      const later = kept.findIndex((other) => isSameThing(other, step));
      if (later < 0) kept.push(step);
      else if (kept[later]?.when === null && step.when !== null) kept[later] = step;
    }
    yield;
  }
  return kept
    .slice(0, maxNextSteps)
    .map(({ text }) => text)
    .toReversed();
}

type Answer = "yes" | "no" | null;

function answerTo(line: Line, next: readonly Line[], words: NextStepWords): Answer {
  const other = next.find(({ speaker }) => speaker === null || speaker !== line.speaker);
  const text = other?.text.replace(/^[\s¿¡]+/u, "") ?? "";
  if (words.fine.test(text)) return "yes";
  if (words.no.test(text)) return "no";
  return words.yes.test(text) ? "yes" : null;
}

interface Reading {
  readonly language: Language;
  readonly reader: SpeechReader;
  readonly words: NextStepWords;
}

function stepIn(text: string, speaker: Speaker, { language, reader, words }: Reading): readonly Step[] {
  const signal = commitmentIn(text, language, reader);
  return signal === undefined ? [] : [stepOf(text, speaker, signal, words)];
}

function commitmentIn(text: string, language: Language, reader: SpeechReader): ReadSignal | undefined {
  try {
    return reader.read(text, language).signals.find(({ kind }) => kind === "commitment");
  } catch {
    return undefined;
  }
}

/** Clauses that may hold a step. The other side answers what was said last. */
function clausesOf(text: string, answer: Answer, words: NextStepWords): readonly string[] {
  const clean = text
    .replaceAll(/\s+/gu, " ")
    .replaceAll(words.hesitation, "")
    .replaceAll(/(?<!\p{L})(\p{L}+)(?:,? \1(?!\p{L}))+/giu, "$1")
    .replaceAll(words.correctedDay, "");
  const sentences = clean.match(/(?:[^.!?…;:]|[.:](?=\S))+[.!?…;:]*/gu) ?? [];
  const clauses = sentences.flatMap((sentence) => clausesOfSentence(sentence, words));
  return clauses.flatMap((clause, index) => {
    const answered = index === clauses.length - 1 ? answer : null;
    if (answered === "no" || (clause.isAsked && answered !== "yes")) return [];
    return wordsIn(clause.text) < minWordsOfStep ? [] : [clause.text];
  });
}

function clausesOfSentence(sentence: string, words: NextStepWords): readonly Clause[] {
  const isMarked = /[¿?]/u.test(sentence);
  const plain = sentence.replaceAll(/[¿?¡!.…;:"«»]+(?=\s|$)|[¿¡"«»]/gu, "").trim();
  return behindCommas(plain, words)
    .flatMap((part) =>
      words.supposes.test(part) ? [part] : part.split(words.cut).flatMap((cut) => byStarters(cut, words)),
    )
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => {
      const offer = words.offers.find(([opener]) => opener.test(part));
      return offer === undefined
        ? { text: part, isAsked: isMarked }
        : { text: part.replace(...offer), isAsked: true };
    });
}

/** A comma ends a clause, unless only its day or its condition stands on one side of it. */
function behindCommas(sentence: string, words: NextStepWords): readonly string[] {
  const parts: string[] = [];
  for (const part of sentence.split(/, /u)) {
    const last = parts.at(-1);
    const goesOn =
      last !== undefined &&
      (words.supposes.test(last) ||
        (words.goesOn.test(part) && wordsIn(part) <= maxWordsBehindComma && startersIn(part, words) === 0));
    if (goesOn) parts[parts.length - 1] = `${last}, ${part}`;
    else parts.push(part);
  }
  return parts;
}

/** Who goes on to take on something else has begun another clause, with or without a mark. */
function byStarters(part: string, words: NextStepWords): readonly string[] {
  const starts = [...part.matchAll(words.starter)].map(({ index }) => index).slice(1);
  return [0, ...starts].map((start, index) => part.slice(start, starts[index] ?? part.length).trim());
}

function startersIn(part: string, words: NextStepWords): number {
  return [...part.matchAll(words.starter)].length;
}

function wordsIn(text: string): number {
  return text.match(/\S+/gu)?.length ?? 0;
}

function stepOf(
  clause: string,
  speaker: Speaker,
  { evidence, when }: ReadSignal,
  words: NextStepWords,
): Step {
  const lead = words.lead.exec(clause.slice(0, evidence.start));
  const said = clause.slice(lead?.index ?? evidence.start, evidence.end).replace(words.opening, "");
  const rest = clause.slice(evidence.end).replace(words.explains, "");
  const whole = (wordsIn(rest) <= maxTrailingWords ? said + rest : said).split(" ").slice(0, maxWordsOfStep);
  const time = when === null ? null : clause.slice(when.start, when.end);
  return {
    text: capitalised(withoutLooseEnd(whole.join(" "), words), words),
    when: time,
    deed: words.deeds.find(([, pattern]) => pattern.test(said))?.[0] ?? "other",
    objects: objectsOf(time === null ? said : said.replace(time, " "), words),
    side: sideOf(speaker, words.asksOther.test(said)),
  };
}

function sideOf(speaker: Speaker, asksOther: boolean): Step["side"] {
  if (speaker === null) return null;
  return (speaker === 0) === asksOther ? "prospect" : "rep";
}

function withoutLooseEnd(text: string, words: NextStepWords): string {
  let left = text.replace(/[\s,]+$/u, "");
  while (words.loose.test(left)) left = left.replace(words.loose, "");
  return left;
}

function capitalised(text: string, words: NextStepWords): string {
  return text.replaceAll(words.proper, upperFirst).replace(/^./u, upperFirst);
}

function upperFirst(word: string): string {
  const first = word.slice(0, 1);
  return first.toUpperCase() + word.slice(1);
}

/** What a step is about, without what is done with it. */
function objectsOf(text: string, words: NextStepWords): ReadonlySet<string> {
  const plain = words.deeds
    .reduce((left, [, pattern]) => left.replace(pattern, " "), text.replaceAll(words.starter, " "))
    .toLowerCase();
  const stems = (plain.match(/\p{L}+/gu) ?? [])
    .filter((word) => word.length >= minObjectLetters && !isStopWord(word))
    .map((word) => word.normalize("NFD").replaceAll(/\p{M}/gu, "").slice(0, stemLetters));
  return new Set(stems);
}

function isSameThing(later: Step, earlier: Step): boolean {
  if (later.text.toLowerCase() === earlier.text.toLowerCase()) return true;
  const sameDeed = later.deed === earlier.deed;
  if (later.deed === "other" || earlier.deed === "other") {
    return sameDeed && isSameObject(later, earlier);
  }
  const isMeeting = (deed: StepDeed): boolean => deed === "talk" || deed === "meet" || deed === "call";
  const canBeSame =
    sameDeed ||
    (isMeeting(later.deed) &&
      isMeeting(earlier.deed) &&
      (later.deed === "talk" || earlier.deed === "talk" || later.when === earlier.when));
  if (!canBeSame) return false;
  if (isSameObject(later, earlier)) return true;
  // "I'll send it on Monday": what, is known from before, and it is the same side that sends it.
  const isSameSide = later.side === null || earlier.side === null || later.side === earlier.side;
  return (later.objects.size === 0 || earlier.objects.size === 0) && (later.deed !== "send" || isSameSide);
}

/** One says all that the other says, and perhaps more. */
function isSameObject({ objects: a }: Step, { objects: b }: Step): boolean {
  const [fewer, more] = a.size < b.size ? [a, b] : [b, a];
  return fewer.size > 0 && [...fewer].every((object) => more.has(object));
}
