import type { Line, Pattern } from "./pattern.ts";

/** A match of a rule: tokens [from, to). */
export interface Found<Rule> {
  readonly rule: Rule;
  readonly from: number;
  readonly to: number;
}

export type Scan<Rule> = (line: Line) => readonly Found<Rule>[];

/** Words whose candidate rules are remembered; the vocabulary of calls is small, that of attackers is not. */
const maxRememberedWords = 20_000;
const none: readonly never[] = [];

/**
 * Finds every match of many rules. Which rules can begin with a word is looked up, not tried, so that
 * an utterance costs little more than its own length however many rules there are.
 */
export function createScan<Rule extends { readonly pattern: Pattern }>(rules: readonly Rule[]): Scan<Rule> {
  const byWord = new Map<string, Set<Rule>>();
  const byStem = new Map<string, Set<Rule>>();
  const add = (index: Map<string, Set<Rule>>, key: string, rule: Rule): void => {
    const known = index.get(key);
    if (known === undefined) index.set(key, new Set([rule]));
    else known.add(rule);
  };
  for (const rule of rules) {
    for (const word of rule.pattern.begins.words) add(byWord, word, rule);
    for (const stem of rule.pattern.begins.stems) add(byStem, stem, rule);
  }
  const longestStem = Math.max(0, ...[...byStem.keys()].map((stem) => stem.length));

  const remembered = new Map<string, readonly Rule[]>();
  const beginningWith = (word: string): readonly Rule[] => {
    const known = remembered.get(word);
    if (known !== undefined) return known;
    const found = new Set<Rule>(byWord.get(word) ?? none);
    for (let length = 1; length <= Math.min(word.length, longestStem); length += 1) {
      for (const rule of byStem.get(word.slice(0, length)) ?? none) found.add(rule);
    }
    if (remembered.size >= maxRememberedWords) remembered.clear();
    remembered.set(word, [...found]);
    return [...found];
  };

  return (line) => {
    const found: Found<Rule>[] = [];
    for (const [from, token] of line.tokens.entries()) {
      for (const rule of beginningWith(token.norm)) {
        const to = rule.pattern.match(line, from);
        if (to > from) found.push({ rule, from, to });
      }
    }
    return found;
  };
}
