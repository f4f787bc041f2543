import type { Boundary, Token } from "./token.ts";

/**
 * A small language for sequences of words, compiled once into matchers:
 *
 *   caro            the word            car*           words that begin so
 *   caro|cara       one of these        (a b|c)        one of these sequences
 *   muy?            may be missing      (a b)?         the same for a sequence
 *   @dear           a word class        !(a|b)         not followed by this
 *   ..3             up to 3 words       ~3             the same, across commas
 *   ^               begins a clause     $              ends a clause
 *   %               no negation among the three words before
 *
 * Words are written without accents. Between two words of a pattern, skippable tokens are stepped
 * over; a comma is crossed only by `~`, the end of a sentence never.
 */
export interface Pattern {
  readonly source: string;
  /** End of the match that begins at `start` (exclusive, at least `start`), or -1. */
  match(line: Line, start: number): number;
  /** The words and beginnings of words that a match can begin with. */
  readonly begins: Words;
  /** Every match has one of these besides the word it begins with; null: nothing is known of its other words. */
  readonly needs: Words | null;
}

export interface Words {
  readonly words: readonly string[];
  readonly stems: readonly string[];
}

export interface Line {
  readonly tokens: readonly Token[];
  /** Whether a clause begins at this token, commas and conjunctions included. */
  beginsClause(index: number): boolean;
  /** Whether a word of contrast (`but`) stands at this token. */
  turns(index: number): boolean;
}

type Node =
  | { readonly kind: "word"; readonly words: ReadonlySet<string>; readonly stems: readonly string[] }
  | { readonly kind: "choice"; readonly options: readonly (readonly Node[])[] }
  | { readonly kind: "optional"; readonly body: Node }
  | { readonly kind: "gap"; readonly most: number; readonly commas: boolean }
  | { readonly kind: "not"; readonly body: Node }
  | { readonly kind: "begin" }
  | { readonly kind: "affirmed" }
  | { readonly kind: "end" };

/** `crosses`: the strongest boundary that may stand before the next word. */
type Matcher = (line: Line, index: number, crosses: Boundary) => number;

const strength: Readonly<Record<Boundary, number>> = { none: 0, comma: 1, hard: 2 };

export type WordClasses = Readonly<Record<string, string>>;

const lexeme = /\.\.\d+|~\d+|[()|?!^$%]|[^\s()|?!^$%]+/gu;

class Parser {
  private readonly source: string;
  private readonly lexemes: readonly string[];
  private readonly classes: WordClasses;
  private at = 0;

  constructor(source: string, classes: WordClasses) {
    this.source = source;
    this.classes = classes;
    // A bare `a|b` is a choice of words, as `(a|b)` is.
    const grouped = source.replaceAll(
      /(?<=^|[\s(!])[^\s()|?!^$%]+(?:\|[^\s()|?!^$%]+)+(?=[\s?)]|$)/gu,
      (choice, offset: number) => (insideGroup(source, offset) ? choice : `(${choice})`),
    );
    this.lexemes = grouped.match(lexeme) ?? [];
  }

  parse(): readonly Node[] {
    const nodes = this.sequence();
    if (this.at < this.lexemes.length) throw this.fault("unexpected " + String(this.lexemes[this.at]));
    if (nodes.length === 0) throw this.fault("empty pattern");
    return nodes;
  }

  private sequence(): readonly Node[] {
    const nodes: Node[] = [];
    for (;;) {
      const next = this.lexemes[this.at];
      if (next === undefined || next === "|" || next === ")") return nodes;
      nodes.push(this.item(next));
    }
  }

  private item(head: string): Node {
    this.at += 1;
    if (head === "^") return { kind: "begin" };
    if (head === "%") return { kind: "affirmed" };
    if (head === "$") return { kind: "end" };
    if (head === "!") return { kind: "not", body: this.item(this.take()) };
    const gap = /^(\.\.|~)(\d+)$/u.exec(head);
    if (gap !== null) return { kind: "gap", most: Number(gap[2]), commas: gap[1] === "~" };
    const atom = head === "(" ? this.choice() : this.word(head);
    if (this.lexemes[this.at] !== "?") return atom;
    this.at += 1;
    return { kind: "optional", body: atom };
  }

  private take(): string {
    const next = this.lexemes[this.at];
    if (next === undefined) throw this.fault("unfinished");
    return next;
  }

  private choice(): Node {
    const options = [this.sequence()];
    for (;;) {
      const next = this.take();
      this.at += 1;
      if (next === ")") return { kind: "choice", options };
      if (next !== "|") throw this.fault(`unexpected ${next}`);
      options.push(this.sequence());
    }
  }

  private word(lexeme: string): Node {
    if (lexeme.startsWith("@")) {
      const body = this.classes[lexeme.slice(1)];
      if (body === undefined) throw this.fault(`unknown word class ${lexeme}`);
      return simplify(new Parser(`(${body})`, this.classes).parse());
    }
    if (!/^[\p{Ll}\p{N}]+\*?$/u.test(lexeme)) throw this.fault(`not a word: ${lexeme}`);
    return lexeme.endsWith("*")
      ? { kind: "word", words: new Set(), stems: [lexeme.slice(0, -1)] }
      : { kind: "word", words: new Set([lexeme]), stems: [] };
  }

  private fault(message: string): Error {
    return new Error(`pattern "${this.source}": ${message}`);
  }
}

function insideGroup(source: string, offset: number): boolean {
  let depth = 0;
  for (const char of source.slice(0, offset)) depth += char === "(" ? 1 : char === ")" ? -1 : 0;
  return depth > 0;
}

/** A choice between single words is one word with many spellings, which is much faster to test. */
function simplify(nodes: readonly Node[]): Node {
  const [only] = nodes;
  if (nodes.length !== 1 || only === undefined) return { kind: "choice", options: [nodes] };
  if (only.kind !== "choice") return only;
  const options = only.options.map((option) => (option.length === 1 ? [simplify(option)] : option));
  const words = new Set<string>();
  const stems: string[] = [];
  const others: (readonly Node[])[] = [];
  for (const option of options) {
    const [node] = option;
    if (option.length === 1 && node?.kind === "word") {
      for (const word of node.words) words.add(word);
      stems.push(...node.stems);
    } else others.push(option);
  }
  const word: Node = { kind: "word", words, stems };
  if (others.length === 0) return word;
  return { kind: "choice", options: words.size + stems.length === 0 ? others : [[word], ...others] };
}

function fits(node: Extract<Node, { kind: "word" }>, word: string): boolean {
  if (node.words.has(word)) return true;
  for (const stem of node.stems) if (word.startsWith(stem)) return true;
  return false;
}

const accept: Matcher = (_line, index) => index;

function compileSequence(nodes: readonly Node[], next: Matcher): Matcher {
  return nodes.reduceRight((rest, node) => compileNode(node, rest), next);
}

function compileNode(raw: Node, next: Matcher): Matcher {
  const node = raw.kind === "choice" ? simplify([raw]) : raw;
  switch (node.kind) {
    case "word":
      return (line, start, crosses) => {
        for (let index = start; ; index += 1) {
          const token = line.tokens[index];
          if (token === undefined) return -1;
          if (strength[token.boundary] > (index === start ? strength[crosses] : 0)) return -1;
          if (fits(node, token.norm)) {
            const end = next(line, index + 1, "none");
            if (end >= 0) return end;
          }
          if (!token.skippable || crosses === "hard") return -1;
        }
      };
    case "choice": {
      const options = node.options.map((option) => compileSequence(option, next));
      return (line, index, crosses) => {
        for (const option of options) {
          const end = option(line, index, crosses);
          if (end >= 0) return end;
        }
        return -1;
      };
    }
    case "optional": {
      const body = compileSequence([node.body], next);
      return (line, index, crosses) => {
        const end = body(line, index, crosses);
        return end >= 0 ? end : next(line, index, crosses);
      };
    }
    case "gap": {
      const allowed: Boundary = node.commas ? "comma" : "none";
      if (next === accept) return (line, start) => reachOf(line, start, node.most, allowed);
      return (line, start, crosses) => {
        const reach = strength[crosses] > strength[allowed] ? crosses : allowed;
        for (let index = start; ; index += 1) {
          const end = next(line, index, index === start ? reach : allowed);
          if (end >= 0) return end;
          const token = line.tokens[index];
          if (token === undefined || index === start + node.most) return -1;
          if (strength[token.boundary] > strength[index === start ? reach : allowed]) return -1;
        }
      };
    }
    case "not": {
      const body = compileSequence([node.body], accept);
      return (line, index, crosses) => (body(line, index, crosses) >= 0 ? -1 : next(line, index, crosses));
    }
    case "begin":
      return (line, index, crosses) => (line.beginsClause(index) ? next(line, index, crosses) : -1);
    case "affirmed":
      return (line, index, crosses) => (isNegated(line, index) ? -1 : next(line, index, crosses));
    case "end":
      return (line, start, crosses) => {
        let index = start;
        let token = line.tokens[index];
        while (token?.boundary === "none" && token.skippable) {
          index += 1;
          token = line.tokens[index];
        }
        return token?.boundary === "none" ? -1 : next(line, start, crosses);
      };
  }
}

const negations: ReadonlySet<string> = new Set(
  "no ni nunca jamas tampoco sin not never without nor hardly nothing nobody".split(" "),
);

function isNegated(line: Line, index: number): boolean {
  for (let at = index; at > index - 3; at -= 1) {
    if (line.tokens[at]?.boundary !== "none") return false;
    if (negations.has(line.tokens[at - 1]?.norm ?? "")) return true;
  }
  return false;
}

/** A gap that ends a pattern takes all it may, up to a word of contrast. */
function reachOf(line: Line, start: number, most: number, allowed: Boundary): number {
  let index = start;
  while (index < start + most) {
    const token = line.tokens[index];
    if (token === undefined || strength[token.boundary] > strength[allowed] || line.turns(index)) break;
    index += 1;
  }
  return index;
}

/** Words a match may begin with, or null for any. */
function beginnings(nodes: readonly Node[]): readonly Extract<Node, { kind: "word" }>[] | null {
  const found: Extract<Node, { kind: "word" }>[] = [];
  for (const node of nodes) {
    switch (node.kind) {
      case "word":
        return [...found, node];
      case "choice":
        for (const option of node.options) {
          const begin = beginnings(option);
          if (begin === null) return null;
          found.push(...begin);
        }
        return found;
      case "optional": {
        const begin = beginnings([node.body]);
        if (begin === null) return null;
        found.push(...begin);
        break;
      }
      case "begin":
      case "affirmed":
      case "not":
        break;
      case "gap":
      case "end":
        return null;
    }
  }
  return null;
}

/** Throws when the pattern is not well-formed: rules are code, so that is a fault of the build. */
export function compilePattern(source: string, classes: WordClasses): Pattern {
  const nodes = new Parser(source, classes).parse();
  const matcher = compileSequence(nodes, accept);
  const begin = beginnings(nodes);
  if (begin === null) throw new Error(`pattern "${source}": must begin with a word`);
  return {
    source,
    match: (line, start) => matcher(line, start, "hard"),
    begins: {
      words: begin.flatMap(({ words }) => [...words]),
      stems: begin.flatMap(({ stems }) => stems),
    },
    needs: furtherWords(nodes),
  };
}

/** What every match of the sequence has besides its first word. */
function furtherWords(nodes: readonly Node[]): Words | null {
  const fixed = nodes.filter((node) => node.kind === "word" || node.kind === "choice");
  const [first, ...others] = fixed;
  const inFirst = first?.kind === "choice" ? oneOfEach(first.options.map(furtherWords)) : null;
  return rarest([inFirst, ...others.map(wordsOf)]);
}

function wordsOf(node: Node): Words | null {
  if (node.kind === "word") return { words: [...node.words], stems: node.stems };
  if (node.kind !== "choice") return null;
  return oneOfEach(node.options.map((option) => rarest(option.map(wordsOf))));
}

function oneOfEach(options: readonly (Words | null)[]): Words | null {
  const all = options.filter((option) => option !== null);
  if (all.length < options.length) return null;
  return { words: all.flatMap(({ words }) => words), stems: all.flatMap(({ stems }) => stems) };
}

/** Short words are the frequent ones. */
function rarest(candidates: readonly (Words | null)[]): Words | null {
  const shortest = ({ words, stems }: Words): number =>
    Math.min(...[...words, ...stems].map(({ length }) => length));
  return candidates
    .filter((candidate) => candidate !== null)
    .reduce<Words | null>(
      (best, candidate) => (best === null || shortest(candidate) > shortest(best) ? candidate : best),
      null,
    );
}
