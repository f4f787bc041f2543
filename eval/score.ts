import { objectionTypes, type ObjectionType } from "../lib/contract/vocabulary.ts";

export interface Judged {
  readonly text: string;
  readonly label: ObjectionType | null;
  readonly found: ObjectionType | null;
  /** 0 to 1; of what was found, else 0. */
  readonly confidence: number;
}

export interface Score {
  readonly sentences: number;
  readonly objections: number;
  /** An objection where there is one, of whatever type. */
  readonly hits: number;
  readonly falseCards: number;
  readonly misses: number;
  /** Null where nothing was found or nothing was there to find. */
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  /** Share of the hits that have the right type. */
  readonly typeAccuracy: number | null;
}

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

export function scoreOf(judged: readonly Judged[]): Score {
  const objections = judged.filter(({ label }) => label !== null);
  const hits = objections.filter(({ found }) => found !== null);
  const falseCards = judged.filter(({ label, found }) => label === null && found !== null);
  const precision = ratio(hits.length, hits.length + falseCards.length);
  const recall = ratio(hits.length, objections.length);
  const sum = (precision ?? 0) + (recall ?? 0);
  return {
    sentences: judged.length,
    objections: objections.length,
    hits: hits.length,
    falseCards: falseCards.length,
    misses: objections.length - hits.length,
    precision,
    recall,
    f1: precision === null || recall === null || sum === 0 ? null : (2 * precision * recall) / sum,
    typeAccuracy: ratio(hits.filter(({ label, found }) => label === found).length, hits.length),
  };
}

export interface TypeScore {
  readonly type: ObjectionType;
  readonly objections: number;
  /** Of the cards of this type, those whose sentence has this label. */
  readonly precision: number | null;
  /** Of the sentences with this label, those that got a card of this type. */
  readonly recall: number | null;
}

export function scoreByType(judged: readonly Judged[]): readonly TypeScore[] {
  return objectionTypes.map((type) => {
    const labelled = judged.filter(({ label }) => label === type);
    const found = judged.filter((one) => one.found === type);
    const right = labelled.filter((one) => one.found === type).length;
    return {
      type,
      objections: labelled.length,
      precision: ratio(right, found.length),
      recall: ratio(right, labelled.length),
    };
  });
}

export const outcomes = [...objectionTypes, "none"] as const;
export type Outcome = (typeof outcomes)[number];

/** `table[label][found]`: how many sentences. */
export function confusionOf(
  judged: readonly Judged[],
): Readonly<Record<Outcome, Readonly<Record<Outcome, number>>>> {
  const row = (): Record<Outcome, number> => ({
    price: 0,
    timing: 0,
    authority: 0,
    competitor: 0,
    trust: 0,
    need: 0,
    other: 0,
    none: 0,
  });
  const table: Record<Outcome, Record<Outcome, number>> = {
    price: row(),
    timing: row(),
    authority: row(),
    competitor: row(),
    trust: row(),
    need: row(),
    other: row(),
    none: row(),
  };
  for (const { label, found } of judged) table[label ?? "none"][found ?? "none"] += 1;
  return table;
}

/** The surest mistakes first, at most `most`. */
export function worstFalseCards(judged: readonly Judged[], most: number): readonly Judged[] {
  const wrong = judged.filter(({ label, found }) => label === null && found !== null);
  return wrong.toSorted((a, b) => b.confidence - a.confidence).slice(0, most);
}

/** Misses, those first that are shortest: the plainest things to have understood. */
export function worstMisses(judged: readonly Judged[], most: number): readonly Judged[] {
  const missed = judged.filter(({ label, found }) => label !== null && found === null);
  return missed.toSorted((a, b) => a.text.length - b.text.length).slice(0, most);
}

/** The best F1 that any threshold gives. */
export function bestF1(scored: readonly { readonly score: number; readonly isObjection: boolean }[]): number {
  const objections = scored.filter(({ isObjection }) => isObjection).length;
  let hits = 0;
  let best = 0;
  for (const [index, { isObjection }] of scored.toSorted((a, b) => b.score - a.score).entries()) {
    if (isObjection) hits += 1;
    best = Math.max(best, (2 * hits) / (index + 1 + objections));
  }
  return best;
}
