import type { ObjectionType } from "../contract/vocabulary.ts";
import { compilePattern, type Pattern, type WordClasses } from "./pattern.ts";
import type { Spelling } from "./token.ts";

/** What one language's file says about one objection type. Patterns are in the language of `pattern.ts`. */
export interface ObjectionRules {
  readonly type: ObjectionType;
  /** Enough alone, also on an interim. */
  readonly certain: readonly string[];
  /** Enough alone once the utterance is final. */
  readonly likely?: readonly string[];
  /** Enough only together with another match of the type. */
  readonly hint?: readonly string[];
  /** A refusal that gives no reason of its own: yields to any reason that is also given. */
  readonly generic?: readonly string[];
  /** Objections put as a question; every other rule is ignored inside one. */
  readonly asked?: readonly string[];
}

/**
 * What a guard switches off. `span`: matches it overlaps. `clause`: its clause. `after`: its clause
 * from where it begins. `sentence`: its sentence. `before`: everything said before its end. `all`: the
 * utterance.
 */
export const guardScopes = ["span", "clause", "after", "sentence", "before", "all"] as const;
export type GuardScope = (typeof guardScopes)[number];

export type GuardRules = Readonly<Record<GuardScope, readonly string[]>> & {
  /** For these types only, within the clause. */
  readonly ofType: Readonly<Partial<Record<ObjectionType, readonly string[]>>>;
};

export type Answer = "yes" | "no";

/** A question of the rep whose short answer is an objection. */
export interface Probe {
  readonly type: ObjectionType;
  /** Which answer objects. */
  readonly answer: Answer;
  readonly question: readonly string[];
}

export interface LanguageRules {
  readonly spelling: Spelling;
  readonly words: WordClasses;
  readonly objections: readonly ObjectionRules[];
  readonly guards: GuardRules;
  /** The first whose question fits counts: those that hope for a yes before those that fear one. */
  readonly probes: readonly Probe[];
  /** Short answers, whole utterance. */
  readonly answers: { readonly yes: readonly string[]; readonly no: readonly string[] };
  /** The rep asked about others or about what the prospect leaves behind: complaints are not about us. */
  readonly asideQuestions: readonly string[];
  /** Words that open a question, for text without an opening mark. */
  readonly interrogatives: readonly string[];
  /** The same, spelled with an accent: decisive without any question mark. */
  readonly accentedInterrogatives: ReadonlySet<string>;
  /** What may stand alone before a question mark without making the statement a question. */
  readonly tags: readonly string[];
  readonly contrast: readonly string[];
  /** What follows is the reason. */
  readonly because: readonly string[];
  /** What went before is the reason. */
  readonly therefore: readonly string[];
  /** Single words a clause may begin with. */
  readonly connectives: ReadonlySet<string>;
}

export interface CompiledRule {
  readonly pattern: Pattern;
  readonly type: ObjectionType;
  readonly weight: number;
  readonly generic: boolean;
  readonly asked: boolean;
}

export interface CompiledGuard {
  readonly pattern: Pattern;
  readonly scope: GuardScope;
  readonly type: ObjectionType | null;
  /** Its last words may be any. */
  readonly endsInGap: boolean;
}

const gapAtEnd = / (?:\.\.|~)\d+$/u;

/** How sure a match makes us, set by hand: an order of strength, not a measured probability. */
const weights = { certain: 0.92, likely: 0.8, hint: 0.45, generic: 0.85, asked: 0.8 } as const;

export function compileObjections(rules: LanguageRules): readonly CompiledRule[] {
  const strengths = ["certain", "likely", "hint", "generic", "asked"] as const;
  return rules.objections.flatMap((group) =>
    strengths.flatMap((strength) =>
      (group[strength] ?? []).map((source) => ({
        // Evidence ends with the last deciding word.
        pattern: compilePattern(source.replace(gapAtEnd, ""), rules.words),
        type: group.type,
        weight: weights[strength],
        generic: strength === "generic",
        asked: strength === "asked",
      })),
    ),
  );
}

export function compileGuards(rules: LanguageRules): readonly CompiledGuard[] {
  const compile = (source: string): Pick<CompiledGuard, "pattern" | "endsInGap"> => ({
    pattern: compilePattern(source, rules.words),
    endsInGap: gapAtEnd.test(source),
  });
  const scoped = guardScopes.flatMap((scope) =>
    rules.guards[scope].map((source): CompiledGuard => ({ ...compile(source), scope, type: null })),
  );
  const typed = rules.objections.flatMap(({ type }) =>
    (rules.guards.ofType[type] ?? []).map((source): CompiledGuard => ({
      ...compile(source),
      scope: "clause",
      type,
    })),
  );
  return [...scoped, ...typed];
}
