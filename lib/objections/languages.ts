import type { ConceptWords } from "./concepts.ts";
import { concepts as englishConcepts } from "./en/concepts.ts";
import { english } from "./en/language.ts";
import { concepts as spanishConcepts } from "./es/concepts.ts";
import { spanish } from "./es/language.ts";
import type { LanguageRules } from "./rule-set.ts";

export interface LanguageKnowledge {
  readonly rules: LanguageRules;
  readonly concepts: ConceptWords;
}

/** What is known of each language before anything is learned. */
export const languageKnowledge: Readonly<Record<"es" | "en", LanguageKnowledge>> = {
  es: { rules: spanish, concepts: spanishConcepts },
  en: { rules: english, concepts: englishConcepts },
};
