import type { Evidence } from "../contract/events.ts";
import type { WatchedTerms } from "./ports.ts";

export interface Mention {
  readonly kind: "competitor_mention" | "keyword_mention";
  /** As the playbook spells it. */
  readonly term: string;
  readonly evidence: Evidence;
}

interface Word {
  readonly norm: string;
  readonly start: number;
  readonly end: number;
}

function wordsOf(text: string): readonly Word[] {
  return [...text.matchAll(/[\p{L}\p{M}\p{N}]+/gu)].map((match) => ({
    norm: match[0].normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase(),
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** Finds the playbook's terms in a line: whole words, case and accents ignored; once each, in order. */
export function createMentionFinder(terms: WatchedTerms): (text: string) => readonly Mention[] {
  const watched = [
    ...terms.competitors.map((term) => ({ kind: "competitor_mention" as const, term })),
    ...terms.keywords.map((term) => ({ kind: "keyword_mention" as const, term })),
  ]
    .map(({ kind, term }) => ({ kind, term, norms: wordsOf(term).map(({ norm }) => norm) }))
    .filter(({ norms }) => norms.length > 0);
  const byFirst = new Map<string, typeof watched>();
  for (const one of watched) {
    const [first = ""] = one.norms;
    byFirst.set(first, [...(byFirst.get(first) ?? []), one]);
  }
  return (text) => {
    const words = wordsOf(text);
    const found = new Map<string, Mention>();
    for (const [at, word] of words.entries()) {
      for (const { kind, term, norms } of byFirst.get(word.norm) ?? []) {
        if (found.has(term) || !norms.every((norm, offset) => words[at + offset]?.norm === norm)) continue;
        const last = words[at + norms.length - 1] ?? word;
        found.set(term, { kind, term, evidence: { start: word.start, end: last.end } });
      }
    }
    return [...found.values()];
  };
}
