import { createObjectionDetector } from "../lib/objections/detector.ts";
import { keywordBaseline } from "./keyword-baseline.ts";
import { languages, readLabelled, splits, type EvalLanguage, type Split } from "./labelled.ts";
import {
  confusionOf,
  scoreByType,
  scoreOf,
  worstFalseCards,
  worstMisses,
  type Judged,
  type Score,
} from "./score.ts";

export interface SplitReport {
  readonly language: EvalLanguage;
  readonly split: Split;
  readonly detector: Score;
  readonly baseline: Score;
  readonly byType: ReturnType<typeof scoreByType>;
  readonly confusion: ReturnType<typeof confusionOf>;
  readonly worstMisses: readonly Judged[];
  readonly worstFalseCards: readonly Judged[];
  /** Time to judge one utterance, milliseconds, on this machine. */
  readonly medianMs: number;
  readonly p99Ms: number;
}

const worstShown = 10;

/** Judges every labelled sentence with the detector and, beside it, with plain keywords. */
export function evaluateObjections(): readonly SplitReport[] {
  const detector = createObjectionDetector();
  return languages.flatMap((language) => {
    const labelled = readLabelled(language);
    return splits.map((split) => {
      const timesMs: number[] = [];
      const judged: Judged[] = [];
      const baseline: Judged[] = [];
      for (const { text, label, context = [] } of labelled.filter((one) => one.split === split)) {
        const startMs = performance.now();
        const found = detector.detect({ text, language, role: "prospect", isFinal: true, context });
        timesMs.push(performance.now() - startMs);
        judged.push({ text, label, found: found?.type ?? null, confidence: found?.confidence ?? 0 });
        baseline.push({ text, label, found: keywordBaseline(language, text), confidence: 1 });
      }
      timesMs.sort((a, b) => a - b);
      const percentile = (share: number): number => timesMs[Math.floor((timesMs.length - 1) * share)] ?? 0;
      return {
        language,
        split,
        detector: scoreOf(judged),
        baseline: scoreOf(baseline),
        byType: scoreByType(judged),
        confusion: confusionOf(judged),
        worstMisses: worstMisses(judged, worstShown),
        worstFalseCards: worstFalseCards(judged, worstShown),
        medianMs: percentile(0.5),
        p99Ms: percentile(0.99),
      };
    });
  });
}
