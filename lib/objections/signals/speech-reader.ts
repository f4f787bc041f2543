import type { Evidence } from "../../contract/events.ts";
import type { AskedQuestion, ReadSignal, SpeechReader, SpeechReading } from "../../call/ports.ts";
import { isStopWord } from "../../call/summary-words.ts";
import { compilePattern, type Line, type Pattern } from "../pattern.ts";
import { createRead, type Reading } from "../reading.ts";
import { createScan, type Found } from "../scan.ts";
import { createTokenize, type Spelling, type Token } from "../token.ts";
import { englishSignals } from "./en.ts";
import { spanishSignals } from "./es.ts";
import type { FillerPatterns, SignalPatterns, SignalRules } from "./signal-rules.ts";

interface Tagged<Tag> {
  readonly tag: Tag;
  readonly pattern: Pattern;
}
type FoundSignal = Found<Tagged<keyof SignalPatterns>>;

/** How far into a line its answer, or its change of subject, may begin. */
const maxOpeningWords = 3;
const minQuestionWords = 3;
const maxBackchannelWords = 4;
const minTopicLetters = 4;
/** Forms of one word mostly share so many letters. */
const stemLetters = 5;

type Read = (text: string) => SpeechReading;

/** Signals, questions and fillers in Spanish and English; `multi` is read in both, the one that finds more counts. */
export function createSpeechReader(): SpeechReader {
  const es = createReadSpeech(spanishSignals);
  const en = createReadSpeech(englishSignals);
  return {
    read(text, language) {
      if (language === "es") return es(text);
      if (language === "en") return en(text);
      const [spanish, english] = [es(text), en(text)];
      const weight = ({ signals, asked, fillers }: SpeechReading): number =>
        2 * signals.length + asked.length + fillers;
      return weight(english) > weight(spanish) ? english : spanish;
    },
  };
}

function createReadSpeech(rules: SignalRules): Read {
  const readLine = createRead(rules.reading);
  const scan = scanOf(rules.patterns, rules);
  const countFillers = createFillerCount(rules);

  return (text) => {
    const reading = readLine(text);
    const found = scan(reading);
    const of = (tag: keyof SignalPatterns): readonly FoundSignal[] =>
      found.filter(({ rule, from }) => rule.tag === tag && !isYes(reading, from));
    const questions = questionsIn(reading);
    const opens = (tag: "yesOrNo" | "otherSubject"): boolean =>
      of(tag).some(({ from }) => from <= maxOpeningWords && reading.sentence[from] === 0);
    const plain = tokenizePlain(text);
    return {
      words: plain.length,
      fillers: countFillers(plain),
      questions: questions.length,
      isBackchannel:
        plain.length <= maxBackchannelWords && plain.every(({ norm }) => rules.backchannel.has(norm)),
      signals: [...buyingSignals(text, reading, of, rules), ...steps(reading, of)],
      asked: questions.flatMap((span) => wantingAnswer(text, reading, span, of, rules)),
      answer: {
        topics: topicsOf(reading.tokens, rules),
        statementWords: reading.asked.filter((asked) => !asked).length,
        saysYesOrNo: opens("yesOrNo"),
        givesQuantity: of("quantity").some(({ from }) => reading.asked[from] !== true),
        isPutOff: of("putOff").length > 0,
        changesSubject: opens("otherSubject"),
      },
    };
  };
}

function scanOf<Tag extends string>(
  patterns: Readonly<Record<Tag, readonly string[]>>,
  rules: SignalRules,
): (line: Line) => readonly Found<Tagged<Tag>>[] {
  const tags = Object.keys(patterns) as Tag[];
  return createScan(
    tags.flatMap((tag) =>
      patterns[tag].map((source) => ({ tag, pattern: compilePattern(source, rules.words) })),
    ),
  );
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function overlap(a: Span, b: Span): boolean {
  return a.from < b.to && b.from < a.to;
}

function evidenceOf({ tokens }: Reading, { from, to }: Span): Evidence {
  return { start: tokens[from]?.start ?? 0, end: tokens[to - 1]?.end ?? 0 };
}

/** Of matches that overlap, the longest. */
function longest(matches: readonly FoundSignal[]): readonly FoundSignal[] {
  const kept: FoundSignal[] = [];
  for (const match of matches.toSorted((a, b) => b.to - b.from - (a.to - a.from))) {
    if (!kept.some((other) => overlap(match, other))) kept.push(match);
  }
  return kept.toSorted((a, b) => a.from - b.from);
}

/** "Sí", which is no "si". */
function isYes({ tokens }: Reading, at: number): boolean {
  return tokens[at]?.norm === "si" && tokens[at].accented;
}

type Of = (tag: keyof SignalPatterns) => readonly FoundSignal[];

function buyingSignals(
  text: string,
  reading: Reading,
  of: Of,
  { otherForms }: SignalRules,
): readonly ReadSignal[] {
  const isAsked = ({ from }: Span): boolean => reading.asked[from] === true;
  const isTakenBack = ({ from, to }: Span): boolean => {
    for (
      let at = to;
      at < reading.tokens.length && reading.sentence[at] === reading.sentence[from];
      at += 1
    ) {
      if (reading.turns(at) || of("takesBack").some((other) => other.from === at)) return true;
    }
    return false;
  };
  const hasOtherForm = ({ from, to }: Span): boolean =>
    reading.tokens
      .slice(from, to)
      .some(({ start, end }) => otherForms?.test(text.slice(start, end)) === true);
  const isMeant = (match: Span): boolean =>
    !isTakenBack(match) && !hasOtherForm(match) && !of("supposes").some((other) => overlap(match, other));
  const standing = [
    ...of("buyingAsked").filter(isAsked),
    ...of("buyingSaid").filter((match) => !isAsked(match) && isMeant(match)),
  ].filter((match) => !of("buyingNot").some((other) => overlap(match, other)));
  const bySentence = new Map<number | undefined, FoundSignal>();
  for (const match of longest(standing)) {
    const sentence = reading.sentence[match.from];
    if (!bySentence.has(sentence)) bySentence.set(sentence, match);
  }
  return [...bySentence.values()].map((match) => ({
    kind: "buying_signal",
    evidence: evidenceOf(reading, match),
    when: null,
  }));
}

function steps(reading: Reading, of: Of): readonly ReadSignal[] {
  const sameSentence = (a: Span, b: Span): boolean => reading.sentence[a.from] === reading.sentence[b.from];
  const found: ReadSignal[] = [];
  const sentences = new Set<number | undefined>();
  for (const match of longest([...of("step"), ...of("datedStep")])) {
    const sentence = reading.sentence[match.from];
    if (sentences.has(sentence) || reading.asked[match.from] === true) continue;
    if (of("stepNot").some((other) => sameSentence(match, other) && other.from < match.to)) continue;
    const whens = longest(of("when").filter((other) => sameSentence(match, other)));
    const isStep = of("step").some((step) => overlap(step, match));
    if (!isStep && !whens.some((when) => isBeside(reading, match, when))) continue;
    sentences.add(sentence);
    found.push(stepOf(reading, match, whens));
  }
  return found;
}

/** No pause between what is promised and when. */
function isBeside({ tokens }: Reading, match: Span, when: Span): boolean {
  const between =
    match.from < when.from
      ? tokens.slice(match.from + 1, when.from + 1)
      : tokens.slice(when.from + 1, match.from + 1);
  return between.every(({ boundary }) => boundary === "none");
}

function stepOf(reading: Reading, match: Span, whens: readonly Span[]): ReadSignal {
  const [first] = whens;
  if (first === undefined) return { kind: "commitment", evidence: evidenceOf(reading, match), when: null };
  const when = { from: first.from, to: whens.at(-1)?.to ?? first.to };
  const whole = { from: Math.min(match.from, when.from), to: Math.max(match.to, when.to) };
  return { kind: "commitment", evidence: evidenceOf(reading, whole), when: evidenceOf(reading, when) };
}

/** Runs of tokens that are asked, one for each sentence. */
function questionsIn({ tokens, asked, sentence }: Reading): readonly Span[] {
  const spans: { from: number; to: number }[] = [];
  for (const index of tokens.keys()) {
    if (asked[index] !== true) continue;
    const last = spans.at(-1);
    if (last?.to === index && sentence[index - 1] === sentence[index]) last.to = index + 1;
    else spans.push({ from: index, to: index + 1 });
  }
  return spans;
}

function wantingAnswer(
  text: string,
  reading: Reading,
  span: Span,
  of: Of,
  rules: SignalRules,
): readonly AskedQuestion[] {
  const has = (tag: keyof SignalPatterns): boolean => of(tag).some((match) => overlap(match, span));
  if (has("noQuestion")) return [];
  const wants = has("asksQuantity") ? "quantity" : has("asksOpenly") ? "open" : "yes_no";
  const topics = topicsOf(reading.tokens.slice(span.from, span.to), rules);
  if (wants !== "quantity" && (topics.length === 0 || span.to - span.from < minQuestionWords)) return [];
  const evidence = withMarks(text, evidenceOf(reading, span));
  return [{ text: text.slice(evidence.start, evidence.end), evidence, wants, topics }];
}

/** A question is quoted with its question marks. */
function withMarks(text: string, { start, end }: Evidence): Evidence {
  return { start: text[start - 1] === "¿" ? start - 1 : start, end: text[end] === "?" ? end + 1 : end };
}

function topicsOf(tokens: readonly Token[], rules: SignalRules): readonly string[] {
  const stems = tokens
    .filter(({ norm }) => norm.length >= minTopicLetters && !rules.emptyWords.has(norm) && !isStopWord(norm))
    .map(({ norm }) => norm.slice(0, stemLetters));
  return [...new Set(stems)];
}

/** As it was said: nothing is spelled out, no sound of hesitation is left out. */
const plainSpelling: Spelling = {
  expand: new Map(),
  endings: new Map(),
  fillers: [],
  hesitations: new Set(),
};
const tokenizePlain = createTokenize(plainSpelling);

function createFillerCount(rules: SignalRules): (tokens: readonly Token[]) => number {
  const scan = scanOf<keyof FillerPatterns>({ ...rules.fillers }, rules);
  return (tokens) => {
    const isSetOff = (index: number): boolean =>
      index <= 0 || index >= tokens.length || tokens[index]?.boundary !== "none";
    const found = scan({ tokens, beginsClause: isSetOff, turns: () => false });
    const not = found.filter(({ rule }) => rule.tag === "not");
    const counted = found.filter((match) => {
      const { from, to, rule } = match;
      if (rule.tag === "not" || not.some((other) => overlap(match, other))) return false;
      if (rule.tag === "anywhere") return true;
      if (tokens.length === to - from || !isSetOff(from) || !isSetOff(to)) return false;
      return rule.tag === "apart" || (from > 0 && tokens[to - 1]?.closesQuestion === true);
    });
    return counted.filter((match, index) => !counted.slice(0, index).some((other) => overlap(match, other)))
      .length;
  };
}
