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

/**
 * Features one after the other, group after group, each hash once in its group. A feature stands on words of the
 * utterance, so that a decision can show what decided it.
 */
export interface FeatureGroups {
  readonly hashes: Uint32Array;
  /** Tokens [from, to) of each feature; empty where it is of the whole utterance. */
  readonly from: Uint16Array;
  readonly to: Uint16Array;
  /** Where each group ends. */
  readonly ends: readonly number[];
}

export interface Evidence {
  readonly reading: Reading;
  readonly rules: readonly Found<CompiledRule>[];
  readonly guards: readonly Found<CompiledGuard>[];
  /** What the rules alone make of it. */
  readonly verdict: { readonly type: ObjectionType; readonly confidence: number } | null;
  /** What was said just before; null: nothing, or nothing that is known. */
  readonly before: { readonly turn: Turn; readonly tokens: readonly Token[] } | null;
}

type GroupName =
  | "stems"
  | "words"
  | "asked"
  | "clauses"
  | "concepts"
  | "pairs"
  | "neighbours"
  | "gaps"
  | "letters"
  | "rules"
  | "verdict"
  | "before";

/** Endings carry little in either language, and cutting words makes what is rare less rare. */
const stemLength = 5;
/** Letters of a word beyond this are noise. */
const longestWord = 24;
/** Concepts this many words apart still speak of one another. */
const pairReach = 4;
/** What is answered at more length speaks for itself. */
const maxAnswerTokens = 9;

/** FNV-1a, 32 bits, over UTF-16 units (Fowler, Noll and Vo; the constants are theirs). */
const emptyHash = 0x811c9dc5;

function withUnit(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

/** The hash of what `hash` is of with `text` behind it. */
function withText(hash: number, text: string): number {
  let longer = hash;
  for (let index = 0; index < text.length; index += 1) longer = withUnit(longer, text.charCodeAt(index));
  return longer;
}

/** Of most utterances; longer ones get more room. */
const usualFeatures = 1024;

/** Writes features down in memory that is used again and again: calls have many utterances, and these hundreds. */
class FeatureWriter {
  #hashes = new Uint32Array(usualFeatures);
  #from = new Uint16Array(usualFeatures);
  #to = new Uint16Array(usualFeatures);
  /** A hash table with open addressing for the group that is written, at most half full: index of a feature plus one. */
  #slots = new Uint32Array(2 * usualFeatures);
  #ends: number[] = [];
  #count = 0;
  #prefix = emptyHash;

  /** Hash of the group's name, for whoever adds hashes: what a feature is called comes behind it. */
  get prefix(): number {
    return this.#prefix;
  }

  /** Whatever became of the one before. */
  begin(): void {
    this.#ends = [];
    this.#count = 0;
    if (this.#hashes.length === usualFeatures) return;
    this.#hashes = new Uint32Array(usualFeatures);
    this.#from = new Uint16Array(usualFeatures);
    this.#to = new Uint16Array(usualFeatures);
    this.#slots = new Uint32Array(2 * usualFeatures);
  }

  write(group: GroupName, addAll: () => void): void {
    this.#prefix = withText(emptyHash, `${group}:`);
    this.#slots.fill(0);
    addAll();
    this.#ends.push(this.#count);
  }

  add(name: string, from = 0, to = 0): void {
    this.addHash(withText(this.#prefix, name), from, to);
  }

  addHash(signedHash: number, from = 0, to = 0): void {
    const hash = signedHash >>> 0;
    const slot = this.#slotOf(hash);
    if (this.#slots[slot] !== 0) return;
    this.#hashes[this.#count] = hash;
    this.#from[this.#count] = from;
    this.#to[this.#count] = to;
    this.#count += 1;
    this.#slots[slot] = this.#count;
    if (this.#count === this.#hashes.length) this.#grow();
  }

  /** What was written, as a copy. */
  take(): FeatureGroups {
    return {
      hashes: this.#hashes.slice(0, this.#count),
      from: this.#from.slice(0, this.#count),
      to: this.#to.slice(0, this.#count),
      ends: this.#ends,
    };
  }

  /** The slot that holds the hash, or the free one for it. */
  #slotOf(hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const index = this.#slots[slot] ?? 0;
      if (index === 0 || this.#hashes[index - 1] === hash) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const groupStart = this.#ends.at(-1) ?? 0;
    const doubled = <List extends Uint32Array | Uint16Array>(list: List, larger: List): List => {
      larger.set(list);
      return larger;
    };
    const room = 2 * this.#hashes.length;
    this.#hashes = doubled(this.#hashes, new Uint32Array(room));
    this.#from = doubled(this.#from, new Uint16Array(room));
    this.#to = doubled(this.#to, new Uint16Array(room));
    this.#slots = new Uint32Array(2 * room);
    for (let index = groupStart; index < this.#count; index += 1) {
      this.#slots[this.#slotOf(this.#hashes[index] ?? 0)] = index + 1;
    }
  }
}

const stemOf = (word: string): string => word.slice(0, stemLength);

const underscore = "_".charCodeAt(0);

/** All runs of up to `longest` words of `words`; `at` gives the token of each, or -1 for a mark between. */
function addRuns(
  to: FeatureWriter,
  kind: string,
  words: readonly string[],
  at: readonly number[],
  longest: number,
): void {
  const begin = withText(to.prefix, kind);
  for (let start = 0; start < words.length; start += 1) {
    let run = begin;
    let first = -1;
    let behind = 0;
    for (let end = start; end < Math.min(words.length, start + longest); end += 1) {
      run = withText(withUnit(run, underscore), words[end] ?? "");
      const token = at[end] ?? -1;
      if (token >= 0) {
        if (first < 0) first = token;
        behind = token + 1;
      }
      to.addHash(run, Math.max(first, 0), behind);
    }
  }
}

export function createFeaturesOf(
  conceptsOf: (word: string) => readonly Concept[],
): (evidence: Evidence) => FeatureGroups {
  const writer = new FeatureWriter();
  return (evidence) => {
    const { reading } = evidence;
    writer.begin();
    const words = reading.tokens.map(({ norm }) => norm);
    const stems = words.map(stemOf);
    addWords(writer, reading, words, stems);
    addClauses(writer, reading, stems);
    addConcepts(writer, stems, words.map(conceptsOf));
    writer.write("gaps", () => {
      for (const gap of [2, 3]) {
        for (let at = 0; at + gap < stems.length; at += 1) {
          writer.add(`${stems[at] ?? ""}~${stems[at + gap] ?? ""}`, at, at + gap + 1);
        }
      }
    });
    writer.write("letters", () => {
      addLetters(writer, words);
    });
    addRules(writer, evidence);
    writer.write("before", () => {
      addBefore(writer, evidence, stems);
    });
    return writer.take();
  };
}

function addWords(
  writer: FeatureWriter,
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
  const places = words.map((_word, index) => index);
  const asked = places.filter((index) => reading.asked[index] === true);
  writer.write("stems", () => {
    addRuns(writer, "s", marked, at, 3);
  });
  writer.write("words", () => {
    addRuns(writer, "w", ["<", ...words, ">"], [-1, ...places, -1], 2);
  });
  writer.write("asked", () => {
    addRuns(
      writer,
      "q",
      asked.map((index) => stems[index] ?? ""),
      asked,
      2,
    );
    if (asked.length > 0) writer.add(asked.length === words.length ? "all" : "some");
  });
}

const [opening, closing] = ["<".charCodeAt(0), ">".charCodeAt(0)];

/** Parts of words: endings, compounds, and what a recogniser got nearly right. */
function addLetters(writer: FeatureWriter, words: readonly string[]): void {
  for (const [at, word] of words.entries()) {
    const letters = Math.min(word.length, longestWord);
    const unitAt = (index: number): number => {
      if (index === 0) return opening;
      return index > letters ? closing : word.charCodeAt(index - 1);
    };
    for (let length = 3; length <= 5; length += 1) {
      for (let start = 0; start + length <= letters + 2; start += 1) {
        let hash = writer.prefix;
        for (let index = start; index < start + length; index += 1) hash = withUnit(hash, unitAt(index));
        writer.addHash(hash, at, at + 1);
      }
    }
  }
}

/** What stands after the last turn of thought weighs differently from what stands before it. */
function addClauses(writer: FeatureWriter, reading: Reading, stems: readonly string[]): void {
  const last = reading.clause.at(-1) ?? 0;
  const places = stems.map((_stem, index) => index);
  const addOf = (kind: string, chosen: readonly number[], longest: number): void => {
    addRuns(
      writer,
      kind,
      chosen.map((index) => stems[index] ?? ""),
      chosen,
      longest,
    );
  };
  const isLast = (index: number): boolean => reading.clause[index] === last;
  writer.write("clauses", () => {
    if (last > 0) {
      addOf("after", places.filter(isLast), 2);
      addOf(
        "before",
        places.filter((index) => !isLast(index)),
        1,
      );
    }
    addOf(
      "reason",
      places.filter((index) => reading.reason[index] === true),
      1,
    );
  });
}

function addConcepts(
  writer: FeatureWriter,
  stems: readonly string[],
  concepts: readonly (readonly Concept[])[],
): void {
  const addEach = (group: GroupName, add: (concept: Concept, at: number) => void): void => {
    writer.write(group, () => {
      for (const [at, own] of concepts.entries()) for (const concept of own) add(concept, at);
    });
  };
  addEach("concepts", (concept, at) => {
    writer.add(concept, at, at + 1);
  });
  addEach("pairs", (concept, at) => {
    for (let gap = 1; gap <= pairReach; gap += 1) {
      for (const other of concepts[at + gap] ?? []) writer.add(`${concept}>${other}`, at, at + gap + 1);
    }
  });
  addEach("neighbours", (concept, at) => {
    const before = stems[at - 1];
    if (before !== undefined) writer.add(`${before}>${concept}`, at - 1, at + 1);
    const after = stems[at + 1];
    if (after !== undefined) writer.add(`${concept}<${after}`, at, at + 2);
  });
}

function addRules(writer: FeatureWriter, { reading, rules, guards, verdict }: Evidence): void {
  writer.write("rules", () => {
    for (const { rule, from, to } of rules) {
      const kind = `${String(rule.weight)}${rule.generic ? "g" : ""}${rule.asked ? "a" : ""}`;
      writer.add(`is ${rule.type} ${kind}`, from, to);
      writer.add(`says ${rule.pattern.source}`, from, to);
    }
    for (const { rule, from, to } of guards) {
      writer.add(`guards ${rule.scope}`, from, to);
      writer.add(`guarded ${rule.pattern.source}`, from, to);
    }
  });
  writer.write("verdict", () => {
    writer.add(verdict?.type ?? "none");
    if (verdict !== null) {
      writer.add("any");
      writer.add(`sure ${String(Math.round(verdict.confidence * 10))}`);
    }
    writer.add(`length ${String(Math.min(8, Math.floor(reading.tokens.length / 4)))}`);
  });
}

function addBefore(writer: FeatureWriter, { before }: Evidence, stems: readonly string[]): void {
  if (before === null) return;
  const said = before.tokens.map(({ norm }) => stemOf(norm));
  const nowhere = said.map(() => -1);
  addRuns(writer, before.turn.role, said, nowhere, 2);
  writer.add("any");
  if (stems.length > maxAnswerTokens) return;
  for (const word of new Set(said)) {
    for (const [index, answer] of stems.slice(0, 3).entries()) {
      writer.add(`${word}|${answer}`, index, index + 1);
    }
  }
}
