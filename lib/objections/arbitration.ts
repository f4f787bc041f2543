import type { Evidence as Span } from "../contract/events.ts";
import type { ObjectionType } from "../contract/vocabulary.ts";
import type { ObjectionModel } from "./model.ts";
import type { Reading } from "./reading.ts";
import type { Utterance } from "./utterance.ts";

export interface Decision {
  readonly type: ObjectionType;
  /** 0 to 1, calibrated. */
  readonly confidence: number;
  /** `rule`: the rules alone say the same; the model has the last word in either case. */
  readonly source: "rule" | "model";
  readonly evidence: readonly Span[];
  /** It is a short answer to the rep's question: what follows may turn it round. */
  readonly isAnswer: boolean;
  readonly words: number;
}

/** A rule that is enough alone, with nothing that speaks against it; a plain answer is as good. */
const certainRule = 0.9;
/** Below this the model is sure enough of the contrary to overrule even such a rule. */
const overruled = 0.45;

/**
 * A plain phrase that a rule is certain of, or a plain answer, is an objection unless the model is sure of the contrary. Of
 * all else the model decides: what the rules found, and what kept them from it, is among its features. Rules with their types and
 * places explain a decision where they agree with it; where they saw nothing, the words do that weighed most.
 */
export function decideUtterance({ view, features }: Utterance, model: ObjectionModel): Decision | null {
  const { reading, verdict, isAside } = view;
  if (reading.tokens.length === 0 || isAside) return null;
  const { probability, type, tokenScores } = model.score(features, reading.tokens.length);
  const agrees = verdict?.type === type;
  const isPlain = (verdict?.confidence ?? 0) >= certainRule && view.guards.length === 0;
  const isCertain = agrees && (isPlain || view.isAnswer);
  const confidence = isCertain && probability >= overruled ? Math.max(probability, certainRule) : probability;
  return {
    type,
    confidence: Math.round(confidence * 1000) / 1000,
    source: agrees ? "rule" : "model",
    evidence: agrees ? verdict.evidence : [heaviestSpan(reading, tokenScores)],
    isAnswer: view.isAnswer,
    words: reading.tokens.length,
  };
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
