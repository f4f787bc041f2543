import type { Turn } from "../call/ports.ts";
import { createConceptsOf, type ConceptWords } from "./concepts.ts";
import type { FeatureGroups } from "./feature-writer.ts";
import { createFeaturesOf } from "./features.ts";
import { createRuleJudge, type RuleView } from "./rule-judge.ts";
import type { LanguageRules } from "./rule-set.ts";

/** An utterance as the rules see it and as the model sees it. */
export interface Utterance {
  readonly view: RuleView;
  readonly features: FeatureGroups;
}

export type ReadUtterance = (text: string, context: readonly Turn[]) => Utterance;

/** `context`: earlier turns, oldest first; only the last one is looked at. Compiling the rules takes 0.1 s. */
export function createReadUtterance(rules: LanguageRules, concepts: ConceptWords): ReadUtterance {
  const judge = createRuleJudge(rules);
  const featuresOf = createFeaturesOf(createConceptsOf(concepts));
  return (text, context) => {
    const view = judge.view(text, context);
    const turn = context.at(-1);
    const before = turn === undefined ? null : { turn, reading: judge.readTurn(turn.text) };
    const features = featuresOf({
      reading: view.reading,
      rules: view.matches,
      guards: view.guards,
      verdict: view.verdict,
      before,
      answer: view.answer,
      probes: view.probes,
    });
    return { view, features };
  };
}
