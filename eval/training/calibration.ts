import type { ModelHeader } from "../../lib/objections/model.ts";

export interface ScoredSentence {
  readonly score: number;
  readonly isObjection: boolean;
}

/** Blocks with fewer sentences than this tell little. */
const leastInBlock = 60;
const knots = 24;

/**
 * Score to probability by isotonic regression (pool adjacent violators: Ayer et al. 1955; for calibration Zadrozny and
 * Elkan 2002), on equal slices of the sentences, with straight lines between their middles.
 */
export function calibrate(scored: readonly ScoredSentence[]): ModelHeader["calibration"] {
  const ordered = scored.toSorted((a, b) => a.score - b.score);
  const size = Math.max(leastInBlock, Math.ceil(ordered.length / knots));
  const blocks: { score: number; hits: number; count: number }[] = [];
  for (let start = 0; start < ordered.length; start += size) {
    const slice = ordered.slice(start, start + size);
    blocks.push({
      score: slice.reduce((sum, { score }) => sum + score, 0) / slice.length,
      // One of each in every slice: no probability is ever 0 or 1.
      hits: slice.filter(({ isObjection }) => isObjection).length + 0.5,
      count: slice.length + 1,
    });
    while (blocks.length > 1) {
      const last = blocks.at(-1);
      const before = blocks.at(-2);
      if (last === undefined || before === undefined) break;
      if (before.hits / before.count < last.hits / last.count) break;
      const count = before.count + last.count;
      blocks.splice(-2, 2, {
        score: (before.score * before.count + last.score * last.count) / count,
        hits: before.hits + last.hits,
        count,
      });
    }
  }
  return blocks.map(({ score, hits, count }) => ({
    score: Number(score.toFixed(4)),
    probability: Number((hits / count).toFixed(4)),
  }));
}

/** The lowest score from which on at least `precision` of what is found is right; Infinity where none is. */
export function scoreForPrecision(scored: readonly ScoredSentence[], precision: number): number {
  const ordered = scored.toSorted((a, b) => b.score - a.score);
  let hits = 0;
  let lowest = Infinity;
  for (const [index, { score, isObjection }] of ordered.entries()) {
    if (isObjection) hits += 1;
    if (hits / (index + 1) >= precision) lowest = score;
  }
  return lowest;
}
