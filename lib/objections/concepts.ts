/**
 * Words by what they are about. Written by hand, and wide rather than exact: the model learns what a
 * concept is worth beside which other, so that a word it never met in training still counts.
 */
export const conceptNames = [
  "money",
  "dear",
  "cheap",
  "price",
  "pay",
  "afford",
  "worth",
  "later",
  "wait",
  "busy",
  "callback",
  "think",
  "boss",
  "family",
  "consult",
  "approve",
  "vendor",
  "have",
  "tied",
  "switch",
  "content",
  "scam",
  "proof",
  "bad",
  "need",
  "enough",
  "small",
  "nointerest",
  "feature",
  "effort",
  "terms",
  "sendinfo",
  "like",
  "agree",
  "buy",
  "settled",
  "report",
  "others",
  "past",
  "hypo",
  "ask",
  "neg",
  "but",
  "because",
  "first",
  "second",
] as const;
export type Concept = (typeof conceptNames)[number];

/** Words divided by white space. */
export type ConceptWords = Readonly<Record<Concept, string>>;

/** The vocabulary of calls is small, that of attackers is not. */
const maxRememberedWords = 20_000;
const none: readonly Concept[] = [];

/** The concepts of a word, in the order of their names. */
export function createConceptsOf(concepts: ConceptWords): (word: string) => readonly Concept[] {
  const whole = new Map<string, Set<Concept>>();
  const beginnings = new Map<string, Set<Concept>>();
  let longest = 0;
  for (const concept of conceptNames) {
    for (const entry of concepts[concept].trim().split(/\s+/u)) {
      const begins = entry.endsWith("*");
      const word = begins ? entry.slice(0, -1) : entry;
      const index = begins ? beginnings : whole;
      const known = index.get(word);
      if (known === undefined) index.set(word, new Set([concept]));
      else known.add(concept);
      if (begins) longest = Math.max(longest, word.length);
    }
  }
  const remembered = new Map<string, readonly Concept[]>();
  return (word) => {
    const known = remembered.get(word);
    if (known !== undefined) return known;
    const found = new Set(whole.get(word) ?? none);
    for (let length = Math.min(longest, word.length); length > 0; length -= 1) {
      for (const concept of beginnings.get(word.slice(0, length)) ?? none) found.add(concept);
    }
    const concepts = found.size === 0 ? none : conceptNames.filter((concept) => found.has(concept));
    if (remembered.size < maxRememberedWords) remembered.set(word, concepts);
    return concepts;
  };
}
