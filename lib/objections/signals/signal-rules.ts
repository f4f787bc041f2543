import type { WordClasses } from "../pattern.ts";
import type { LanguageRules } from "../rule-set.ts";

/**
 * What one language's file says about signals, questions and fillers. Patterns are in the language of
 * `../pattern.ts`; those of a tag are looked for in what its line says.
 */
export interface SignalPatterns {
  /** The prospect asks as one who is about to buy: counts inside a question. */
  readonly buyingAsked: readonly string[];
  /** The prospect says so: counts outside questions. */
  readonly buyingSaid: readonly string[];
  /** Later in the sentence, as a "but" does: the prospect takes back what was said. */
  readonly takesBack: readonly string[];
  /** What it overlaps is supposed, not said; questions are none the less for it. */
  readonly supposes: readonly string[];
  /** A match that one of these overlaps is no buying signal. */
  readonly buyingNot: readonly string[];
  /** A next step, agreed or promised. */
  readonly step: readonly string[];
  /** A next step where day or time are said in the same sentence. */
  readonly datedStep: readonly string[];
  /** In the sentence of a step: it is offered, supposed, past or a habit. */
  readonly stepNot: readonly string[];
  readonly when: readonly string[];
  /** In a question: what would answer it. Neither of them: yes or no. */
  readonly asksQuantity: readonly string[];
  readonly asksOpenly: readonly string[];
  /** Greetings, repairs, rhetoric: nobody answers them. */
  readonly noQuestion: readonly string[];
  readonly yesOrNo: readonly string[];
  readonly quantity: readonly string[];
  readonly putOff: readonly string[];
  readonly otherSubject: readonly string[];
}

export interface FillerPatterns {
  /** Fillers wherever they stand. */
  readonly anywhere: readonly string[];
  /** Only with a pause on either side. */
  readonly apart: readonly string[];
  /** Only as a question tacked on. */
  readonly tags: readonly string[];
  /** A match that one of these overlaps is no filler. */
  readonly not: readonly string[];
}

export interface SignalRules {
  /** How the language is read: sentences, questions, spelling. */
  readonly reading: LanguageRules;
  readonly words: WordClasses;
  readonly patterns: SignalPatterns;
  /** Forms of others, or of long ago, that only an accent tells from those of the patterns; null: there are none. */
  readonly otherForms: RegExp | null;
  readonly fillers: FillerPatterns;
  /** Words of those who only listen. */
  readonly backchannel: ReadonlySet<string>;
  /** Words, without accents, that say nothing about what a question is about. */
  readonly emptyWords: ReadonlySet<string>;
}
