import type { Evidence } from "../contract/events.ts";
import { objectionTypes, type ObjectionType } from "../contract/vocabulary.ts";
import type { Detection, DetectionInput, Doubt, ObjectionDetector, Turn } from "../call/ports.ts";
import { english } from "./en/language.ts";
import { spanish } from "./es/language.ts";
import { compilePattern } from "./pattern.ts";
import { createRead, type Reading } from "./reading.ts";
import {
  compileGuards,
  compileObjections,
  type CompiledGuard,
  type CompiledRule,
  type LanguageRules,
} from "./rule-set.ts";
import { createScan, type Found } from "./scan.ts";

/** Below the first nothing is said about a final; an interim needs the second. */
const finalThreshold = 0.6;
const interimThreshold = 0.9;
const answerConfidence = 0.75;
/** From here on something is not ruled out either: one hint that no guard switches off. */
const doubtThreshold = 0.3;
/** A question of the rep counts for an answer of at most this many words. */
const maxAnswerWords = 9;

/** Order of types when the speaker gives several reasons alike (contract, section 1). */
const precedence: readonly ObjectionType[] = [
  "competitor",
  "authority",
  "price",
  "timing",
  "trust",
  "need",
  "other",
];

interface LanguageDetector {
  detect(input: DetectionInput): Detection | null;
  doubt(input: DetectionInput): Doubt | null;
}

/**
 * Rules for Spanish and English; `multi` is judged in both. Compiling them takes about 0.1 s per
 * language: do it once, or only for the language that is needed.
 */
export function createObjectionDetector(
  languages: readonly ("es" | "en")[] = ["es", "en"],
): ObjectionDetector {
  const detectors = languages.map((language) => ({
    language,
    ...createLanguageDetector(language === "es" ? spanish : english),
  }));
  const strongest = <T extends Doubt>(
    input: DetectionInput,
    ask: (detector: LanguageDetector) => T | null,
  ): T | null => {
    if (input.role === "rep") return null;
    let best: T | null = null;
    for (const detector of detectors) {
      if (input.language !== "multi" && input.language !== detector.language) continue;
      const found = ask(detector);
      if (found !== null && (best === null || found.confidence > best.confidence)) best = found;
    }
    return best;
  };
  return {
    detect: (input) => strongest(input, (detector) => detector.detect(input)),
    doubt: (input) => strongest(input, (detector) => detector.doubt(input)),
  };
}

function createLanguageDetector(rules: LanguageRules): LanguageDetector {
  const read = createRead(rules);
  const scanObjections = createScan<CompiledRule>(compileObjections(rules));
  const scanGuards = createScan<CompiledGuard>(compileGuards(rules));
  const scanOf = (sources: readonly string[]): ((text: Reading) => number) => {
    const scan = createScan(sources.map((source) => ({ pattern: compilePattern(source, rules.words) })));
    return (reading) => scan(reading).length;
  };
  const asksAside = scanOf(rules.asideQuestions);
  const isYes = scanOf(rules.answers.yes);
  const isNo = scanOf(rules.answers.no);
  const probes = rules.probes.map((probe) => ({ ...probe, asks: scanOf(probe.question) }));

  const judge = (reading: Reading, threshold = finalThreshold): Judgement | null => {
    const matches = scanObjections(reading);
    if (matches.length === 0) return null;
    const guards = scanGuards(reading);
    return decide(
      reading,
      matches.filter((match) => stands(match, reading, guards)),
      threshold,
    );
  };

  const fromAnswer = (reading: Reading, question: Reading): Detection | null => {
    if (reading.tokens.length > maxAnswerWords) return null;
    const last = reading.tokens.at(-1);
    // Who asks back at some length has not answered.
    const askedBack = reading.asked.filter((asked) => asked).length > 2;
    if (last === undefined || askedBack) return null;
    const answer = isNo(reading) > 0 ? "no" : isYes(reading) > 0 ? "yes" : null;
    const probe = probes.find((candidate) => candidate.asks(question) > 0);
    if (answer === null || probe?.answer !== answer) return null;
    const start = reading.tokens[0]?.start ?? 0;
    return {
      type: probe.type,
      confidence: answerConfidence,
      source: "rule",
      evidence: [{ start, end: last.end }],
    };
  };

  const detect = ({ text, isFinal, context }: DetectionInput): Detection | null => {
    const reading = read(text);
    if (reading.tokens.length === 0) return null;
    const question = lastQuestion(context);
    const asked = question === null ? null : read(question);
    if (asked !== null && asksAside(asked) > 0) return null;
    const judged = judge(reading);
    if (judged !== null && judged.confidence >= (isFinal ? finalThreshold : interimThreshold)) {
      const { type, confidence, matches } = judged;
      return { type, confidence, source: "rule", evidence: evidenceOf(matches, reading, 0) };
    }
    if (!isFinal) return null;
    if (asked !== null) return fromAnswer(reading, asked);
    const begun = unfinished(context);
    if (begun === null) return null;
    // The recogniser cut one sentence in two: read it whole, report what is in this half.
    const joined = read(`${begun} ${text}`);
    const whole = judge(joined);
    if (whole === null || whole.confidence < finalThreshold) return null;
    const evidence = evidenceOf(whole.matches, joined, begun.length + 1);
    if (evidence.length === 0 || judge(read(begun)) !== null) return null;
    return { type: whole.type, confidence: whole.confidence, source: "rule", evidence };
  };

  const doubt = ({ text, context }: DetectionInput): Doubt | null => {
    const question = lastQuestion(context);
    if (question !== null && asksAside(read(question)) > 0) return null;
    const judged = judge(read(text), doubtThreshold);
    if (judged === null || judged.confidence >= finalThreshold) return null;
    return { type: judged.type, confidence: judged.confidence };
  };

  return { detect, doubt };
}

/** What the rep said last, when nobody else has spoken since. */
function lastQuestion(context: readonly Turn[]): string | null {
  const last = context.at(-1);
  return last?.role === "rep" ? last.text : null;
}

function unfinished(context: readonly Turn[]): string | null {
  const last = context.at(-1);
  if (last === undefined || last.role === "rep" || last.text.trim() === "") return null;
  return /[.?!]\s*$/u.test(last.text) ? null : last.text;
}

function stands(
  match: Found<CompiledRule>,
  reading: Reading,
  guards: readonly Found<CompiledGuard>[],
): boolean {
  const ends = [reading.asked[match.from] === true, reading.asked[match.to - 1] === true];
  if (match.rule.asked ? !ends.includes(true) : !ends.includes(false)) return false;
  return !guards.some((guard) => switchesOff(guard, match, reading));
}

function switchesOff(guard: Found<CompiledGuard>, match: Found<CompiledRule>, reading: Reading): boolean {
  const { type, scope } = guard.rule;
  if (type !== null && type !== match.rule.type) return false;
  const sameClause =
    reading.clause[guard.from] === reading.clause[match.from] ||
    reading.clause[guard.to - 1] === reading.clause[match.to - 1];
  switch (scope) {
    case "span":
      return guard.from < match.to && match.from < guard.to;
    case "clause":
      return sameClause;
    case "after":
      return sameClause && match.to > guard.from;
    case "sentence":
      return reading.sentence[guard.from] === reading.sentence[match.from];
    case "before":
      return match.from < guard.to;
    case "all":
      return true;
  }
}

interface Judgement {
  readonly type: ObjectionType;
  readonly confidence: number;
  readonly matches: readonly Found<CompiledRule>[];
}

function decide(
  reading: Reading,
  matches: readonly Found<CompiledRule>[],
  threshold: number,
): Judgement | null {
  const strongest = withoutShadowed(matches);
  const candidates = objectionTypes.flatMap((type) => {
    const own = strongest.filter((match) => match.rule.type === type);
    const confidence = combine(own);
    if (confidence < threshold) return [];
    const reason = own.some((match) => reading.reason[match.from] === true);
    const specific = own.some((match) => !match.rule.generic);
    return [{ type, confidence, matches: own, rank: (specific ? 2 : 0) + (reason ? 1 : 0) }];
  });
  candidates.sort((a, b) => b.rank - a.rank || precedence.indexOf(a.type) - precedence.indexOf(b.type));
  return candidates[0] ?? null;
}

/** Where matches of different types overlap, the longer one has understood more of the words. */
function withoutShadowed(matches: readonly Found<CompiledRule>[]): readonly Found<CompiledRule>[] {
  const length = ({ from, to }: Found<CompiledRule>): number => to - from;
  return matches.filter(
    (match) =>
      !matches.some(
        (other) =>
          other.rule.type !== match.rule.type &&
          other.from < match.to &&
          match.from < other.to &&
          length(other) > length(match),
      ),
  );
}

/** Chance that at least one is right, taking the best of matches that overlap. */
function combine(matches: readonly Found<CompiledRule>[]): number {
  const best: Found<CompiledRule>[] = [];
  for (const match of matches.toSorted((a, b) => b.rule.weight - a.rule.weight)) {
    if (!best.some((other) => other.from < match.to && match.from < other.to)) best.push(match);
  }
  const wrong = best.reduce((chance, match) => chance * (1 - match.rule.weight), 1);
  return Math.min(0.99, Math.round((1 - wrong) * 100) / 100);
}

function evidenceOf(
  matches: readonly Found<CompiledRule>[],
  reading: Reading,
  textOffset: number,
): readonly Evidence[] {
  const spans = matches
    .map(({ from, to }) => ({
      start: Math.max(0, (reading.tokens[from]?.start ?? 0) - textOffset),
      end: (reading.tokens[to - 1]?.end ?? 0) - textOffset,
    }))
    .filter(({ start, end }) => end > start)
    .toSorted((a, b) => a.start - b.start);
  const merged: { start: number; end: number }[] = [];
  for (const span of spans) {
    const last = merged.at(-1);
    if (last !== undefined && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else merged.push({ ...span });
  }
  return merged;
}
