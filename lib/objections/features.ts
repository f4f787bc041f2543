import type { Turn } from "../call/ports.ts";
import type { ObjectionType } from "../contract/vocabulary.ts";
import type { Concept } from "./concepts.ts";
import type { Reading } from "./reading.ts";
import type { CompiledGuard, CompiledRule } from "./rule-set.ts";
import type { Found } from "./scan.ts";
import type { Token } from "./token.ts";

/**
 * What the model sees of an utterance: groups of features, each a set of strings known by a 32-bit hash.
 * A feature's value is its weight over the square root of the size of its group, so that long turns and
 * talkative groups do not shout the others down. Changing anything here needs new weights: raise
 * `featureVersion` and train again.
 */
export const featureVersion = 1;

/** A feature and the words it stands on, so that a decision can show what decided it. */
export interface Feature {
  readonly hash: number;
  /** Tokens [from, to); empty where it is of the whole utterance. */
  readonly from: number;
  readonly to: number;
}

/** One list of features a group, each hash once in its group. */
export type FeatureGroups = readonly (readonly Feature[])[];

export interface Evidence {
  readonly reading: Reading;
  readonly rules: readonly Found<CompiledRule>[];
  readonly guards: readonly Found<CompiledGuard>[];
  /** What the rules alone make of it. */
  readonly verdict: { readonly type: ObjectionType; readonly confidence: number } | null;
  /** What was said just before; null: nothing, or nothing that is known. */
  readonly before: { readonly turn: Turn; readonly tokens: readonly Token[] } | null;
}

const groupNames = [
  "stems",
  "words",
  "asked",
  "clauses",
  "concepts",
  "pairs",
  "neighbours",
  "gaps",
  "letters",
  "rules",
  "verdict",
  "before",
] as const;
type GroupName = (typeof groupNames)[number];

/** Endings carry little in either language, and cutting words makes what is rare less rare. */
const stemLength = 5;
/** Letters of a word beyond this are noise. */
const longestWord = 24;
/** Concepts this many words apart still speak of one another. */
const pairReach = 4;
/** What is answered at more length speaks for itself. */
const maxAnswerTokens = 9;

/** FNV-1a, 32 bits, over UTF-16 units (Fowler, Noll and Vo; the constants are theirs). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

class Group {
  readonly features: Feature[] = [];
  readonly #seen = new Set<number>();
  readonly #prefix: string;

  constructor(name: GroupName) {
    this.#prefix = `${name}:`;
  }

  add(name: string, from = 0, to = 0): void {
    const hash = hashOf(this.#prefix + name);
    if (this.#seen.has(hash)) return;
    this.#seen.add(hash);
    this.features.push({ hash, from, to });
  }
}

const stemOf = (word: string): string => word.slice(0, stemLength);

/** All runs of up to `longest` words of `words`; `at` gives the token of each, or -1 for a mark between. */
function addRuns(
  group: Group,
  kind: string,
  words: readonly string[],
  at: readonly number[],
  longest: number,
): void {
  for (let start = 0; start < words.length; start += 1) {
    let run = kind;
    let from = -1;
    let to = -1;
    for (let end = start; end < Math.min(words.length, start + longest); end += 1) {
      run += `_${words[end] ?? ""}`;
      const token = at[end] ?? -1;
      if (token >= 0) {
        if (from < 0) from = token;
        to = token + 1;
      }
      group.add(run, Math.max(from, 0), Math.max(to, 0));
    }
  }
}

export function createFeaturesOf(
  conceptsOf: (word: string) => readonly Concept[],
): (evidence: Evidence) => FeatureGroups {
  return (evidence) => {
    const groups = Object.fromEntries(groupNames.map((name) => [name, new Group(name)])) as Record<
      GroupName,
      Group
    >;
    const { reading } = evidence;
    const words = reading.tokens.map(({ norm }) => norm);
    const stems = words.map(stemOf);
    addWords(groups, reading, words, stems);
    addClauses(groups, reading, stems);
    addConcepts(groups, stems, words.map(conceptsOf));
    for (const gap of [2, 3]) {
      for (let at = 0; at + gap < stems.length; at += 1) {
        groups.gaps.add(`${stems[at] ?? ""}~${stems[at + gap] ?? ""}`, at, at + gap + 1);
      }
    }
    addLetters(groups.letters, words);
    addRules(groups, evidence);
    addBefore(groups, evidence, stems);
    return groupNames.map((name) => groups[name].features);
  };
}

function addWords(
  groups: Record<GroupName, Group>,
  reading: Reading,
  words: readonly string[],
  stems: readonly string[],
): void {
  const marked = ["<"];
  const at = [-1];
  for (const [index, stem] of stems.entries()) {
    if (index > 0 && reading.sentence[index] !== reading.sentence[index - 1]) {
      marked.push(".");
      at.push(-1);
    } else if (index > 0 && reading.clause[index] !== reading.clause[index - 1]) {
      marked.push(";");
      at.push(-1);
    }
    marked.push(stem);
    at.push(index);
  }
  marked.push(reading.asked.at(-1) === true ? "?" : ">");
  at.push(-1);
  addRuns(groups.stems, "s", marked, at, 3);
  const places = words.map((_word, index) => index);
  addRuns(groups.words, "w", ["<", ...words, ">"], [-1, ...places, -1], 2);
  const asked = places.filter((index) => reading.asked[index] === true);
  addRuns(
    groups.asked,
    "q",
    asked.map((index) => stems[index] ?? ""),
    asked,
    2,
  );
  if (asked.length > 0) groups.asked.add(asked.length === words.length ? "all" : "some");
}

/** Parts of words: endings, compounds, and what a recogniser got nearly right. */
function addLetters(group: Group, words: readonly string[]): void {
  for (const [at, word] of words.entries()) {
    const whole = `<${word.slice(0, longestWord)}>`;
    for (let length = 3; length <= 5; length += 1) {
      for (let start = 0; start + length <= whole.length; start += 1) {
        group.add(whole.slice(start, start + length), at, at + 1);
      }
    }
  }
}

/** What stands after the last turn of thought weighs differently from what stands before it. */
function addClauses(groups: Record<GroupName, Group>, reading: Reading, stems: readonly string[]): void {
  const last = reading.clause.at(-1) ?? 0;
  const places = stems.map((_stem, index) => index);
  const stemsOf = (chosen: readonly number[]): string[] => chosen.map((index) => stems[index] ?? "");
  if (last > 0) {
    const after = places.filter((index) => reading.clause[index] === last);
    const before = places.filter((index) => reading.clause[index] !== last);
    addRuns(groups.clauses, "after", stemsOf(after), after, 2);
    addRuns(groups.clauses, "before", stemsOf(before), before, 1);
  }
  const reason = places.filter((index) => reading.reason[index] === true);
  addRuns(groups.clauses, "reason", stemsOf(reason), reason, 1);
}

function addConcepts(
  groups: Record<GroupName, Group>,
  stems: readonly string[],
  concepts: readonly (readonly Concept[])[],
): void {
  for (const [at, own] of concepts.entries()) {
    for (const concept of own) {
      groups.concepts.add(concept, at, at + 1);
      for (let gap = 1; gap <= pairReach; gap += 1) {
        for (const other of concepts[at + gap] ?? []) {
          groups.pairs.add(`${concept}>${other}`, at, at + gap + 1);
        }
      }
      const before = stems[at - 1];
      if (before !== undefined) groups.neighbours.add(`${before}>${concept}`, at - 1, at + 1);
      const after = stems[at + 1];
      if (after !== undefined) groups.neighbours.add(`${concept}<${after}`, at, at + 2);
    }
  }
}

function addRules(groups: Record<GroupName, Group>, { reading, rules, guards, verdict }: Evidence): void {
  for (const { rule, from, to } of rules) {
    const kind = `${String(rule.weight)}${rule.generic ? "g" : ""}${rule.asked ? "a" : ""}`;
    groups.rules.add(`is ${rule.type} ${kind}`, from, to);
    groups.rules.add(`says ${rule.pattern.source}`, from, to);
  }
  for (const { rule, from, to } of guards) {
    groups.rules.add(`guards ${rule.scope}`, from, to);
    groups.rules.add(`guarded ${rule.pattern.source}`, from, to);
  }
  groups.verdict.add(verdict?.type ?? "none");
  if (verdict !== null) {
    groups.verdict.add("any");
    groups.verdict.add(`sure ${String(Math.round(verdict.confidence * 10))}`);
  }
  groups.verdict.add(`length ${String(Math.min(8, Math.floor(reading.tokens.length / 4)))}`);
}

function addBefore(groups: Record<GroupName, Group>, { before }: Evidence, stems: readonly string[]): void {
  if (before === null) return;
  const said = before.tokens.map(({ norm }) => stemOf(norm));
  const nowhere = said.map(() => -1);
  addRuns(groups.before, before.turn.role, said, nowhere, 2);
  groups.before.add("any");
  if (stems.length > maxAnswerTokens) return;
  for (const word of new Set(said)) {
    for (const [index, answer] of stems.slice(0, 3).entries()) {
      groups.before.add(`${word}|${answer}`, index, index + 1);
    }
  }
}
