import { createReadUtterance, type ReadUtterance } from "../lib/objections/utterance.ts";
import { createObjectionDetector, type ObjectionModels } from "../lib/objections/detector.ts";
import { languageKnowledge } from "../lib/objections/languages.ts";
import { keywordBaseline } from "./keyword-baseline.ts";
import { languages, readLabelled, type EvalLanguage, type Labelled } from "./labelled.ts";
import {
  bestF1,
  confusionOf,
  scoreByType,
  scoreOf,
  worstFalseCards,
  worstMisses,
  type Judged,
  type Score,
} from "./score.ts";
import { repLines, scoreObjecting, trainingSentences } from "./training/train-model.ts";

export const forms = ["written", "plain", "asr", "misheard"] as const;
export type Form = (typeof forms)[number];

export interface ObjectionReport {
  readonly language: EvalLanguage;
  readonly detector: Score;
  readonly baseline: Score;
  /** On the ordinary sentences that are kept apart. */
  readonly apart: { readonly detector: Score; readonly baseline: Score };
  /** As people write it, and as a recogniser does. */
  readonly byForm: readonly { readonly form: Form; readonly detector: Score; readonly baseline: Score }[];
  readonly byType: ReturnType<typeof scoreByType>;
  readonly confusion: ReturnType<typeof confusionOf>;
  readonly worstMisses: readonly Judged[];
  readonly worstFalseCards: readonly Judged[];
  /** What its weights say of writers they had not met. */
  readonly unmetWriters: { readonly sentences: number; readonly precision: number; readonly recall: number };
  /** Lines of reps it has not met, with nobody to say that a rep speaks: all that is found is false. */
  readonly overheardReps: { readonly lines: number; readonly falseCards: number };
  /** Time to judge one utterance, milliseconds, on this machine. */
  readonly medianMs: number;
  readonly p99Ms: number;
}

const worstShown = 10;

/** Judges what was not trained on with the detector and, beside it, with plain keywords. */
export function evaluateObjections(models: ObjectionModels): readonly ObjectionReport[] {
  const detector = createObjectionDetector(models);
  return languages.map((language) => {
    const timesMs: number[] = [];
    const judge = (one: Labelled): Judged & { readonly form: Form } => {
      const { text, label, context = [], form = "written", speaker: role = "prospect" } = one;
      const startMs = performance.now();
      const found = detector.detect({ text, language, role, isFinal: true, context });
      timesMs.push(performance.now() - startMs);
      return { text, label, form, found: found?.type ?? null, confidence: found?.confidence ?? 0 };
    };
    const judgeByKeywords = (one: Labelled): Judged & { readonly form: Form } => {
      const { text, label, form = "written", speaker } = one;
      const found = speaker === "rep" ? null : keywordBaseline(language, text);
      return { text, label, form, found, confidence: 1 };
    };
    const tested = sentencesOf(language, "test");
    const apart = sentencesOf(language, "apart");
    const judgedApart = apart.map(judge);
    const judged = tested.map(judge);
    const baseline = tested.map(judgeByKeywords);
    timesMs.sort((a, b) => a - b);
    const percentile = (share: number): number => timesMs[Math.floor((timesMs.length - 1) * share)] ?? 0;
    const ofForm = <T extends { readonly form: Form }>(all: readonly T[], form: Form): readonly T[] =>
      all.filter((one) => one.form === form);
    return {
      language,
      detector: scoreOf(judged),
      baseline: scoreOf(baseline),
      apart: { detector: scoreOf(judgedApart), baseline: scoreOf(apart.map(judgeByKeywords)) },
      byForm: forms.map((form) => ({
        form,
        detector: scoreOf(ofForm(judged, form)),
        baseline: scoreOf(ofForm(baseline, form)),
      })),
      byType: scoreByType(judged),
      confusion: confusionOf(judged),
      worstMisses: worstMisses(judged, worstShown),
      worstFalseCards: worstFalseCards(judged, worstShown),
      unmetWriters: models[language]?.header.unmetWriters ?? { sentences: 0, precision: 0, recall: 0 },
      overheardReps: overheardReps(language, detector),
      medianMs: percentile(0.5),
      p99Ms: percentile(0.99),
    };
  });
}

function sentencesOf(language: EvalLanguage, chosen: Labelled["split"]): readonly Labelled[] {
  return readLabelled(language).filter(({ split }) => split === chosen);
}

function overheardReps(
  language: EvalLanguage,
  detector: ReturnType<typeof createObjectionDetector>,
): ObjectionReport["overheardReps"] {
  const met = new Set(repLines(trainingSentences(readLabelled(language))));
  const lines = repLines(sentencesOf(language, "test")).filter((line) => !met.has(line));
  const found = lines.filter(
    (text) => detector.detect({ text, language, role: "unknown", isFinal: true, context: [] }) !== null,
  );
  return { lines: lines.length, falseCards: found.length };
}

export interface CurvePoint {
  readonly language: EvalLanguage;
  readonly sentences: number;
  /** Of the threshold that is best for these scores, on the test split. */
  readonly f1: number;
}

/** How the model's best F1 on the test split grows with what it has learned from. */
export function learningCurve(): readonly CurvePoint[] {
  return languages.flatMap((language) => {
    const { rules, concepts } = languageKnowledge[language];
    const read: ReadUtterance = createReadUtterance(rules, concepts);
    const labelled = readLabelled(language);
    const training = trainingSentences(labelled);
    const tested = labelled.filter(({ split, speaker }) => split === "test" && speaker !== "rep");
    return [16, 8, 4, 2, 1].map((part) => {
      const known = training.filter((_one, index) => index % part === 0);
      return { language, sentences: known.length, f1: bestF1(scoreObjecting(known, tested, read)) };
    });
  });
}
