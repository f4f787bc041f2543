import type { Labelled } from "./labelled.ts";

/** Words and pairs of words in common, as a share of all that either sentence has (Jaccard). */
const nearness = 0.75;
/** Shorter ones are alike because there is only so much that two words can say. */
const leastWords = 4;

interface Seen {
  readonly one: Labelled;
  readonly parts: ReadonlySet<string>;
  readonly pairs: readonly string[];
}

/**
 * Pairs of sentences that say nearly the same, whatever their labels. Contexts are not compared.
 *
 * Of near twins neither lacks more than a quarter of its parts, so that they share one of their rarest pairs of
 * words, if a quarter and one of these is looked at (prefix filtering: Bayardo, Ma and Srikant, WWW 2007).
 */
export function nearDuplicates(labelled: readonly Labelled[]): readonly (readonly [Labelled, Labelled])[] {
  const seen = labelled.flatMap(seenOf);
  const counts = new Map<string, number>();
  for (const { pairs } of seen) for (const pair of pairs) counts.set(pair, (counts.get(pair) ?? 0) + 1);
  const rank = (pair: string): number => counts.get(pair) ?? 0;
  const byRarePair = new Map<string, Seen[]>();
  return seen.flatMap((own) => {
    const mayLack = Math.floor((1 - nearness) * own.parts.size);
    const rarest = own.pairs.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).slice(0, mayLack + 1);
    const others = new Set(rarest.flatMap((pair) => byRarePair.get(pair) ?? []));
    for (const pair of rarest) {
      const known = byRarePair.get(pair);
      if (known === undefined) byRarePair.set(pair, [own]);
      else known.push(own);
    }
    return [...others]
      .filter((other) => alike(own.parts, other.parts) >= nearness)
      .map((other) => [other.one, own.one] as const);
  });
}

function seenOf(one: Labelled): readonly Seen[] {
  const words = wordsOf(one.text);
  if (words.length < leastWords) return [];
  const pairs = [...new Set(words.slice(1).map((word, index) => `${words[index] ?? ""} ${word}`))];
  return [{ one, parts: new Set([...words, ...pairs]), pairs }];
}

function alike(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let common = 0;
  for (const part of a) if (b.has(part)) common += 1;
  return common / (a.size + b.size - common);
}

function wordsOf(text: string): readonly string[] {
  const plain = text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}
