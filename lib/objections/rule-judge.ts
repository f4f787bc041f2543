import type { Turn } from "../call/ports.ts";
import type { Evidence as Span } from "../contract/events.ts";
import { objectionTypes, type ObjectionType } from "../contract/vocabulary.ts";
import { compilePattern } from "./pattern.ts";
import { createRead, type Read, type Reading } from "./reading.ts";
import {
  compileGuards,
  compileObjections,
  type Answer,
  type CompiledGuard,
  type CompiledRule,
  type LanguageRules,
  type Probe,
} from "./rule-set.ts";
import { createScan, type Found } from "./scan.ts";

/** Rules below this are no more than a hint. */
const ruleThreshold = 0.6;
const answerConfidence = 0.75;
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

export interface RuleVerdict {
  readonly type: ObjectionType;
  readonly confidence: number;
  /** UTF-16 offsets of the deciding words. */
  readonly evidence: readonly Span[];
}

/** What the rules make of an utterance, and all that they saw in it. */
export interface RuleView {
  readonly reading: Reading;
  readonly matches: readonly Found<CompiledRule>[];
  readonly guards: readonly Found<CompiledGuard>[];
  readonly verdict: RuleVerdict | null;
  /** The verdict is what a short answer says to the rep's question. */
  readonly isAnswer: boolean;
  /** Whether it begins as a yes or as a no does. */
  readonly answer: Answer | null;
  /** All whose question the rep has just asked. */
  readonly probes: readonly Probe[];
  /** The rep asked about others or about what the prospect leaves behind: a complaint is not about us. */
  readonly isAside: boolean;
}

export interface RuleJudge {
  /** For turns that others are judged against: those of a call are asked for again with every interim. */
  readonly readTurn: Read;
  view(text: string, context: readonly Turn[]): RuleView;
}

/** Turns of all calls together that stay read; a hundred live calls ask for about as many. */
const maxRememberedTurns = 128;

function remembering(read: Read): Read {
  const remembered = new Map<string, Reading>();
  return (text) => {
    const known = remembered.get(text);
    if (known !== undefined) {
      remembered.delete(text);
      remembered.set(text, known);
      return known;
    }
    const [oldest] = remembered.keys();
    if (oldest !== undefined && remembered.size >= maxRememberedTurns) remembered.delete(oldest);
    const reading = read(text);
    remembered.set(text, reading);
    return reading;
  };
}

export function createRuleJudge(rules: LanguageRules): RuleJudge {
  const read = createRead(rules);
  const readTurn = remembering(read);
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

  const answerOf = (reading: Reading): Answer | null => {
    if (isNo(reading) > 0) return "no";
    return isYes(reading) > 0 ? "yes" : null;
  };
  const fromAnswer = (
    reading: Reading,
    answer: Answer | null,
    asked: readonly Probe[],
  ): RuleVerdict | null => {
    if (reading.tokens.length > maxAnswerWords) return null;
    const last = reading.tokens.at(-1);
    // Who asks back at some length has not answered.
    const askedBack = reading.asked.filter((isAsked) => isAsked).length > 2;
    if (last === undefined || askedBack) return null;
    const [probe] = asked;
    if (answer === null || probe?.answer !== answer) return null;
    const start = reading.tokens[0]?.start ?? 0;
    return { type: probe.type, confidence: answerConfidence, evidence: [{ start, end: last.end }] };
  };

  return {
    readTurn,
    view(text, context) {
      const reading = read(text);
      const matches = scanObjections(reading);
      const guards = scanGuards(reading);
      const question = lastQuestion(context);
      const asked = question === null ? null : readTurn(question);
      const isAside = asked !== null && asksAside(asked) > 0;
      const decided = decide(
        reading,
        matches.filter((match) => stands(match, reading, guards)),
      );
      const answer = answerOf(reading);
      const probed = asked === null ? [] : probes.filter(({ asks }) => asks(asked) > 0);
      const answered = decided === null ? fromAnswer(reading, answer, probed) : null;
      const verdict = isAside ? null : (decided ?? answered);
      return {
        reading,
        matches,
        guards,
        verdict,
        isAnswer: answered !== null,
        answer,
        probes: probed,
        isAside,
      };
    },
  };
}

/** What the rep said last, when nobody else has spoken since. */
function lastQuestion(context: readonly Turn[]): string | null {
  const last = context.at(-1);
  return last?.role === "rep" ? last.text : null;
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

function decide(reading: Reading, matches: readonly Found<CompiledRule>[]): RuleVerdict | null {
  const strongest = withoutShadowed(matches);
  const candidates = objectionTypes.flatMap((type) => {
    const own = strongest.filter((match) => match.rule.type === type);
    const confidence = combine(own);
    if (confidence < ruleThreshold) return [];
    const reason = own.some((match) => reading.reason[match.from] === true);
    const specific = own.some((match) => !match.rule.generic);
    return [{ type, confidence, own, rank: (specific ? 2 : 0) + (reason ? 1 : 0) }];
  });
  candidates.sort((a, b) => b.rank - a.rank || precedence.indexOf(a.type) - precedence.indexOf(b.type));
  const [best] = candidates;
  return best === undefined
    ? null
    : { type: best.type, confidence: best.confidence, evidence: evidenceOf(best.own, reading) };
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

function evidenceOf(matches: readonly Found<CompiledRule>[], reading: Reading): readonly Span[] {
  const spans = matches
    .map(({ from, to }) => ({
      start: reading.tokens[from]?.start ?? 0,
      end: reading.tokens[to - 1]?.end ?? 0,
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
