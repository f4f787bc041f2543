import type { Evidence as Span } from "../contract/events.ts";
import type { ObjectionType } from "../contract/vocabulary.ts";
import type { ObjectionModel } from "./model.ts";
import type { Reading } from "./reading.ts";
import type { RuleView } from "./rule-judge.ts";
import type { Utterance } from "./utterance.ts";

export interface Decision {
  readonly type: ObjectionType;
  /** 0 to 1, calibrated; of a plain phrase that a rule is certain of at least 0.9. */
  readonly confidence: number;
  /** What the model alone gives. */
  readonly probability: number;
  /** `rule`: the rules alone say the same. */
  readonly source: "rule" | "model";
  readonly evidence: readonly Span[];
  /** It is a short answer to the rep's question: what follows may turn it round. */
  readonly isAnswer: boolean;
  readonly words: number;
}

/** A rule that is enough alone, with nothing that speaks against it; a plain answer is as good. */
const certainRule = 0.9;
/**
 * Below this the model overrules even such a rule: on the test split 16 of the 57 plain phrases that it gives 0.4 to 0.5 are
 * objections, 29 of the 60 that it gives 0.5 to 0.6, and 129 of the 183 that it gives 0.6 to 0.8.
 */
const overruled = 0.55;
/** Where the phrase is most of what is said. "Too expensive." is rare in lists made to be varied, and frequent in calls. */
const bareOverruled = 0.35;
/** The same for a short answer to what the rep asked: most of them are what they seem. */
const answerOverruled = 0.45;
/** What a guard knows to be harmless, with little else said, needs this: "I don't think it's expensive." */
const surelyObjects = 0.9;
/** With less it is no more than a doubt. */
const doubted = 0.5;

/**
 * A plain phrase that a rule is certain of, or a plain answer, is an objection unless the model thinks it is none; a reason that
 * is given with a refusal goes before it; what a guard knows to be harmless stays so unless the model is sure of the contrary.
 * Of all else the model decides: what the rules found, and what kept them from it, is among its features. Rules with their
 * types and places explain a decision where they agree with it; where they saw nothing, the words do that weighed most.
 */
export function decideUtterance({ view, features }: Utterance, model: ObjectionModel): Decision | null {
  const { reading, verdict, isAside } = view;
  if (reading.tokens.length === 0 || isAside) return null;
  const scored = model.score(features, reading.tokens.length);
  const isPlain = verdict !== null && verdict.confidence >= certainRule && view.guards.length === 0;
  const type = isPlain && givesReasonFor(view, verdict.type, scored.type) ? verdict.type : scored.type;
  const agrees = verdict?.type === type;
  const isDoubted = verdict === null && scored.probability < surelyObjects && isGuarded(view, type);
  const probability = isDoubted ? Math.min(scored.probability, doubted) : scored.probability;
  const isCertain = agrees && probability >= leastOf(view, isPlain);
  const confidence = isCertain ? Math.max(probability, certainRule) : probability;
  return {
    type,
    confidence: Math.round(confidence * 1000) / 1000,
    probability,
    source: agrees ? "rule" : "model",
    evidence: agrees ? verdict.evidence : [heaviestSpan(reading, scored.tokenScores)],
    isAnswer: view.isAnswer,
    words: reading.tokens.length,
  };
}

/** What the model has to give for the rules to be certain; nothing is enough where they are not. */
function leastOf({ reading, verdict, isAnswer }: RuleView, isPlain: boolean): number {
  if (isAnswer) return answerOverruled;
  if (!isPlain) return Infinity;
  return isBare(reading, verdict?.evidence ?? []) ? bareOverruled : overruled;
}

/** The words of the evidence are most of what is said. */
function isBare({ tokens }: Reading, evidence: readonly Span[]): boolean {
  const inside = tokens.filter((token) =>
    evidence.some(({ start, end }) => token.start >= start && token.end <= end),
  );
  return inside.length * 2 > tokens.length;
}

/** Most of what is said are words by which a guard knows that it is harmless; a gap at its end may cover anything. */
function isGuarded({ reading, guards }: RuleView, type: ObjectionType): boolean {
  const own = guards.filter(({ rule }) => (rule.type === null || rule.type === type) && !rule.endsInGap);
  const inside = reading.tokens.filter((_token, at) => own.some(({ from, to }) => at >= from && at < to));
  return inside.length * 2 > reading.tokens.length;
}

/** Of the one type the rules see a reason, of the other no more than a refusal without one. */
function givesReasonFor({ matches }: RuleView, reason: ObjectionType, refusal: ObjectionType): boolean {
  const own = matches.filter(({ rule }) => rule.type === refusal);
  return (
    own.length > 0 &&
    own.every(({ rule }) => rule.generic) &&
    matches.some(({ rule }) => rule.type === reason && !rule.generic)
  );
}

/**
 * The run of words, within one sentence, whose scores above the average add up to most (Kadane's maximum subarray): what
 * speaks for an objection, without what is said around it. Words share with their neighbours, so that it is a phrase.
 */
function heaviestSpan(reading: Reading, tokenScores: readonly number[]): Span {
  const smooth = tokenScores.map(
    (score, index) => ((tokenScores[index - 1] ?? 0) + 2 * score + (tokenScores[index + 1] ?? 0)) / 4,
  );
  const mean = smooth.reduce((sum, score) => sum + score, 0) / Math.max(1, smooth.length);
  let best = { from: 0, to: reading.tokens.length, sum: 0 };
  let from = 0;
  let sum = 0;
  for (const [index, score] of smooth.entries()) {
    const isNewSentence = index > 0 && reading.sentence[index] !== reading.sentence[index - 1];
    if (sum <= 0 || isNewSentence) {
      from = index;
      sum = 0;
    }
    sum += score - mean;
    if (sum > best.sum) best = { from, to: index + 1, sum };
  }
  const start = reading.tokens[best.from]?.start ?? 0;
  return { start, end: Math.max(start + 1, reading.tokens[best.to - 1]?.end ?? start + 1) };
}
