import { compilePattern, type Line, type Pattern } from "./pattern.ts";
import type { LanguageRules } from "./rule-set.ts";
import { createScan, type Scan } from "./scan.ts";
import { createTokenize, type Token } from "./token.ts";

/** An utterance cut into sentences and clauses, with what is asked and what is given as the reason. */
export interface Reading extends Line {
  /** Number of the sentence and of the clause each token is in. */
  readonly sentence: readonly number[];
  readonly clause: readonly number[];
  /** Whether the token is part of a question. */
  readonly asked: readonly boolean[];
  /** Whether the token is part of what the speaker calls the reason. */
  readonly reason: readonly boolean[];
}

type Mark = "interrogative" | "tag" | "contrast" | "because" | "therefore";

interface MarkRule {
  readonly pattern: Pattern;
  readonly mark: Mark;
}

export type Read = (text: string) => Reading;

export function createRead(rules: LanguageRules): Read {
  const compile = (mark: Mark, sources: readonly string[]): MarkRule[] =>
    sources.map((source) => ({ mark, pattern: compilePattern(source, rules.words) }));
  const scan = createScan([
    ...compile("interrogative", rules.interrogatives),
    ...compile("tag", rules.tags),
    ...compile("contrast", rules.contrast),
    ...compile("because", rules.because),
    ...compile("therefore", rules.therefore),
  ]);
  const tokenize = createTokenize(rules.spelling);
  return (text) => readTokens(tokenize(text), rules, scan);
}

function readTokens(tokens: readonly Token[], rules: LanguageRules, scan: Scan<MarkRule>): Reading {
  const beginsClause = (index: number): boolean => {
    for (let at = index; at >= 0; at -= 1) {
      const token = tokens[at];
      if (token?.boundary !== "none") return true;
      const before = tokens[at - 1];
      if (before === undefined) return true;
      if (rules.connectives.has(before.norm)) return true;
      if (!before.skippable) return false;
    }
    return true;
  };
  const line: Line = { tokens, beginsClause, turns: () => false };
  const marks: Record<Mark, Map<number, number>> = {
    interrogative: new Map(),
    tag: new Map(),
    contrast: new Map(),
    because: new Map(),
    therefore: new Map(),
  };
  for (const { rule, from, to } of scan(line)) {
    marks[rule.mark].set(from, Math.max(to, marks[rule.mark].get(from) ?? 0));
  }

  const sentence: number[] = [];
  const clause: number[] = [];
  for (const [index, token] of tokens.entries()) {
    const hard = index > 0 && token.boundary === "hard";
    sentence.push((sentence[index - 1] ?? 0) + (hard ? 1 : 0));
    clause.push((clause[index - 1] ?? 0) + (hard || marks.contrast.has(index) ? 1 : 0));
  }
  return {
    ...line,
    turns: (index) => marks.contrast.has(index),
    sentence,
    clause,
    asked: markQuestions(tokens, sentence, clause, line, marks, rules),
    reason: markReasons(tokens, sentence, marks),
  };
}

function markQuestions(
  tokens: readonly Token[],
  sentence: readonly number[],
  clause: readonly number[],
  line: Line,
  marks: Readonly<Record<Mark, ReadonlyMap<number, number>>>,
  rules: LanguageRules,
): boolean[] {
  const asked = tokens.map(() => false);
  const ask = (from: number, to: number): void => void asked.fill(true, from, to);
  let start = 0;
  while (start < tokens.length) {
    let end = start + 1;
    while (end < tokens.length && sentence[end] === sentence[start]) end += 1;
    const marked = tokens[end - 1]?.closesQuestion === true;
    const opener = (from: number): boolean =>
      line.beginsClause(from) &&
      (marks.interrogative.has(from) ||
        (tokens[from]?.accented === true && rules.accentedInterrogatives.has(tokens[from].norm)));
    if (tokens[start]?.opensQuestion === true) ask(start, end);
    else if (marked) {
      let from = start;
      while (from < end && !opener(from)) from += 1;
      const tag = lastComma(tokens, start, end);
      if (from < end) ask(from, end);
      else if (tag === null || marks.tag.get(tag) !== end) ask(start, end);
    } else {
      for (let from = start; from < end; from += 1) {
        if (!opener(from)) continue;
        let to = from + 1;
        while (to < end && clause[to] === clause[from]) to += 1;
        ask(from, to);
      }
    }
    start = end;
  }
  return asked;
}

function lastComma(tokens: readonly Token[], start: number, end: number): number | null {
  for (let index = end - 1; index > start; index -= 1) {
    if (tokens[index]?.boundary === "comma") return index;
  }
  return end - start > 2 ? end - 1 : null;
}

function markReasons(
  tokens: readonly Token[],
  sentence: readonly number[],
  marks: Readonly<Record<Mark, ReadonlyMap<number, number>>>,
): boolean[] {
  const reason = tokens.map(() => false);
  for (const [from] of marks.because) {
    for (let index = from; index < tokens.length; index += 1) {
      if (index > from && (marks.therefore.has(index) || sentence[index] !== sentence[from])) break;
      reason[index] = true;
    }
  }
  for (const [from] of marks.therefore) {
    for (let index = from - 1; index >= 0; index -= 1) {
      if (sentence[index] !== sentence[from] && sentence[index] !== (sentence[from] ?? 0) - 1) break;
      reason[index] = true;
    }
  }
  return reason;
}
