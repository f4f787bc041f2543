import type { Turn } from "../call/ports.ts";
import type { ObjectionType } from "../contract/vocabulary.ts";
import type { Concept } from "./concepts.ts";
import { FeatureWriter, withText, withUnit, type FeatureGroups, type GroupName } from "./feature-writer.ts";
import type { Reading } from "./reading.ts";
import type { Answer, CompiledGuard, CompiledRule, Probe } from "./rule-set.ts";
import type { Found } from "./scan.ts";

/**
 * What the model sees of an utterance: groups of features, each a set of strings known by a 32-bit hash.
 * A feature's value is its weight over the square root of the size of its group, so that long turns and
 * talkative groups do not shout the others down. Changing anything here needs new weights: raise
 * `featureVersion` and train again.
 */
export const featureVersion = 2;

export interface Evidence {
  readonly reading: Reading;
  readonly rules: readonly Found<CompiledRule>[];
  readonly guards: readonly Found<CompiledGuard>[];
  /** What the rules alone make of it. */
  readonly verdict: { readonly type: ObjectionType; readonly confidence: number } | null;
  /** What was said just before; null: nothing, or nothing that is known. */
  readonly before: { readonly turn: Turn; readonly reading: Reading } | null;
  /** Whether it begins as a yes or as a no does. */
  readonly answer: Answer | null;
  /** What the rep's question wants to know, as far as the rules know such questions. */
  readonly probes: readonly Probe[];
}

/** Endings carry little in either language, and cutting words makes what is rare less rare. */
const stemLength = 5;
/** Letters of a word beyond this are noise. */
const longestWord = 24;
/** Concepts this many words apart still speak of one another. */
const pairReach = 4;
/** What is answered at more length speaks for itself. */
const maxAnswerTokens = 9;
/** The rep's question still says what these many words are about. */
const longestAnswer = 16;
/** The words that tell what kind of question it is, and those that an answer begins with. */
const openingWords = 3;
const answeringWords = 4;

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
    const concepts = words.map(conceptsOf);
    addConcepts(writer, stems, concepts);
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
    const asked = askedIn(evidence);
    writer.write("question", () => {
      if (asked.length > 0) addQuestion(writer, evidence, asked, concepts);
    });
    writer.write("answer", () => {
      if (asked.length > 0) addAnswer(writer, evidence, asked, stems, concepts, conceptsOf);
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
  const said = before.reading.tokens.map(({ norm }) => stemOf(norm));
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

/** How the rep's last sentence begins: what kind of answer it wants. Few features, so that each of them weighs. */
function addQuestion(
  writer: FeatureWriter,
  { answer, probes }: Evidence,
  asked: readonly string[],
  concepts: readonly (readonly Concept[])[],
): void {
  const kind = answer ?? "neither";
  for (const { type, answer: objecting } of probes) writer.add(`${type} ${objecting} ${kind}`);
  for (let words = 1; words <= openingWords; words += 1) {
    const opening = asked.slice(0, words).map(stemOf).join("_");
    writer.add(opening);
    writer.add(`${opening}?${kind}`);
  }
  for (const concept of new Set(concepts.flat())) writer.add(`${stemOf(asked[0] ?? "")}/${concept}`);
}

/** What the rep's last sentence is about, beside what a short answer to it says. */
function addAnswer(
  writer: FeatureWriter,
  { answer }: Evidence,
  asked: readonly string[],
  stems: readonly string[],
  concepts: readonly (readonly Concept[])[],
  conceptsOf: (word: string) => readonly Concept[],
): void {
  const opening = asked.slice(0, 2).map(stemOf).join("_");
  for (const topic of new Set<string>([opening, ...asked.flatMap(conceptsOf)])) {
    writer.add(`${topic}?${answer ?? "neither"}`);
    for (const [at, stem] of stems.slice(0, answeringWords).entries()) {
      writer.add(`${topic}|${stem}`, at, at + 1);
    }
    for (const [at, own] of concepts.entries()) {
      for (const concept of own) writer.add(`${topic}/${concept}`, at, at + 1);
    }
  }
}

/** Words of the rep's last sentence, where what is said may be an answer to it. */
function askedIn({ before, reading }: Evidence): readonly string[] {
  if (before?.turn.role !== "rep" || reading.tokens.length > longestAnswer) return [];
  const { sentence, tokens } = before.reading;
  return tokens.filter((_token, at) => sentence[at] === sentence.at(-1)).map(({ norm }) => norm);
}
