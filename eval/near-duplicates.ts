import type { Labelled } from "./labelled.ts";

/** Words and pairs of words in common, as a share of all that either sentence has (Jaccard). */
const nearness = 0.75;
/** Shorter ones are alike because there is only so much that two words can say. */
const leastWords = 4;
/** Pairs of words that this many sentences have say nothing of two of them. */
const commonIn = 400;

interface Seen {
  readonly one: Labelled;
  readonly parts: ReadonlySet<string>;
  readonly pairs: readonly string[];
}

/** Pairs of sentences that say nearly the same, whatever their labels. Contexts are not compared. */
export function nearDuplicates(labelled: readonly Labelled[]): readonly (readonly [Labelled, Labelled])[] {
  const byPair = new Map<string, number[]>();
  const seen: Seen[] = [];
  for (const one of labelled) {
    const words = wordsOf(one.text);
    if (words.length < leastWords) continue;
    const pairs = [...new Set(words.slice(1).map((word, index) => `${words[index] ?? ""} ${word}`))];
    for (const pair of pairs) {
      const known = byPair.get(pair);
      if (known === undefined) byPair.set(pair, [seen.length]);
      else known.push(seen.length);
    }
    seen.push({ one, parts: new Set([...words, ...pairs]), pairs });
  }
  return seen.flatMap(({ one, parts, pairs }, index) => {
    const shared = new Set(
      pairs.flatMap((pair) => {
        const having = byPair.get(pair) ?? [];
        return having.length > commonIn ? [] : having.filter((other) => other < index);
      }),
    );
    return [...shared].flatMap((other): (readonly [Labelled, Labelled])[] => {
      const twin = seen[other];
      return twin !== undefined && alike(parts, twin.parts) >= nearness ? [[twin.one, one]] : [];
    });
  });
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
