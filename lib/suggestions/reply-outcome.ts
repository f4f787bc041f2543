import type { ReplyOutcome } from "../contract/playbook-rest.ts";

export const noOutcome: ReplyOutcome = { shown: 0, used: 0, said: 0, dismissed: 0, wrong: 0 };

/** As if a reply had been used twice and dismissed twice before anybody saw it. */
const prior = { used: 2, notUsed: 2 };
/** A card that was let pass says little: reps are busy, and the sentence may have been said in other words. */
const passedWeight = 0.25;
const wrongWeight = 2;
/** At most this far up or down: less than a word of the prospect that an entry is meant for. */
const mostPoints = 0.45;

/**
 * Chance that a reply is used when it is shown: the mean of the posterior of a beta-binomial model with prior
 * Beta(2, 2) (Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.4), 0.5 for one that was never shown.
 */
function useRate({ shown, used, dismissed, wrong }: ReplyOutcome): number {
  const passed = Math.max(0, shown - used - dismissed - wrong);
  const against = dismissed + wrongWeight * wrong + passedWeight * passed;
  return (used + prior.used) / (used + against + prior.used + prior.notUsed);
}

export function outcomePoints(outcome: ReplyOutcome): number {
  return 2 * mostPoints * (useRate(outcome) - 0.5);
}
