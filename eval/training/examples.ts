import { valueInGroup } from "../../lib/objections/model.ts";
import type { FeatureGroups } from "../../lib/objections/feature-writer.ts";
import type { Examples } from "./network.ts";

/** What a sentence or two have says little of others, and four in ten of what is in more than one are in just two. */
const leastSentences = 3;
/** Rarity in steps this fine, so that no last bit of a logarithm can change the weights. */
const rarityStep = 64;

/** Which features are learned, in ascending order of their hash, and how much rare ones count for more. */
export interface Vocabulary {
  readonly hashes: Uint32Array;
  readonly rarities: Float64Array;
}

/** Counted on `rows` alone: what is held out stays unknown. */
export function vocabularyOf(sentences: readonly FeatureGroups[], rows: readonly number[]): Vocabulary {
  const counts = new Map<number, number>();
  for (const row of rows) {
    for (const hash of new Set(sentences[row]?.hashes)) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  }
  const kept = [...counts].filter(([, count]) => count >= leastSentences).sort(([a], [b]) => a - b);
  return {
    hashes: Uint32Array.from(kept, ([hash]) => hash),
    rarities: Float64Array.from(
      kept,
      ([, count]) => Math.round((Math.log((1 + rows.length) / (1 + count)) + 1) * rarityStep) / rarityStep,
    ),
  };
}

/** One row a sentence. Values are what the model computes when it scores, times the rarity that ends up in the weights. */
export function examplesOf(sentences: readonly FeatureGroups[], vocabulary: Vocabulary): Examples {
  const places = new Map<number, number>();
  for (const [place, hash] of vocabulary.hashes.entries()) places.set(hash, place);
  const starts = new Uint32Array(sentences.length + 1);
  const columns: number[] = [];
  const values: number[] = [];
  for (const [row, { ends, hashes }] of sentences.entries()) {
    let start = 0;
    for (const end of ends) {
      const value = valueInGroup(end - start);
      for (const hash of hashes.subarray(start, end)) {
        const place = places.get(hash);
        if (place === undefined) continue;
        columns.push(place);
        values.push(value * (vocabulary.rarities[place] ?? 0));
      }
      start = end;
    }
    starts[row + 1] = columns.length;
  }
  return {
    starts,
    columns: Uint32Array.from(columns),
    values: Float64Array.from(values),
    columnCount: vocabulary.hashes.length,
  };
}
