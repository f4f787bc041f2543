import type { Line, Pattern, Words } from "./pattern.ts";

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
 * Finds every match of many rules. Which rules can begin with a word is looked up, not tried, and of these only those are
 * tried whose other words are there: an utterance costs little more than its own length however many rules there are.
 */
export function createScan<Rule extends { readonly pattern: Pattern }>(rules: readonly Rule[]): Scan<Rule> {
  const beginningWith = createLookup(rules.map(({ pattern }) => pattern.begins));
  const neededBy = createLookup(rules.map(({ pattern }) => pattern.needs ?? { words: [], stems: [] }));
  const isAlwaysTried = rules.map(({ pattern }) => pattern.needs === null);
  /** By rule: the last line that had what it needs. A number that comes round again makes a rule be tried in vain. */
  const triedIn = new Uint32Array(rules.length);
  let lineNumber = 0;
  return (line) => {
    lineNumber = (lineNumber + 1) >>> 0;
    for (const { norm } of line.tokens) for (const index of neededBy(norm)) triedIn[index] = lineNumber;
    const found: Found<Rule>[] = [];
    for (const [from, token] of line.tokens.entries()) {
      for (const index of beginningWith(token.norm)) {
        if (isAlwaysTried[index] !== true && triedIn[index] !== lineNumber) continue;
        const rule = rules[index];
        if (rule === undefined) continue;
        const to = rule.pattern.match(line, from);
        if (to > from) found.push({ rule, from, to });
      }
    }
    return found;
  };
}

/** Which of the lists a word is in, by their indices. */
function createLookup(lists: readonly Words[]): (word: string) => readonly number[] {
  const byWord = new Map<string, Set<number>>();
  const byStem = new Map<string, Set<number>>();
  const add = (index: Map<string, Set<number>>, key: string, list: number): void => {
    const known = index.get(key);
    if (known === undefined) index.set(key, new Set([list]));
    else known.add(list);
  };
  for (const [list, { words, stems }] of lists.entries()) {
    for (const word of words) add(byWord, word, list);
    for (const stem of stems) add(byStem, stem, list);
  }
  if (byWord.size + byStem.size === 0) return () => none;
  const longestStem = Math.max(0, ...[...byStem.keys()].map((stem) => stem.length));
  const remembered = new Map<string, readonly number[]>();
  return (word) => {
    const known = remembered.get(word);
    if (known !== undefined) return known;
    const found = new Set<number>(byWord.get(word) ?? none);
    for (let length = 1; length <= Math.min(word.length, longestStem); length += 1) {
      for (const list of byStem.get(word.slice(0, length)) ?? none) found.add(list);
    }
    if (remembered.size >= maxRememberedWords) remembered.clear();
    const inLists = found.size === 0 ? none : [...found];
    remembered.set(word, inLists);
    return inLists;
  };
}
