import type { RankReason } from "../contract/playbook-rest.ts";
import {
  replyVariables,
  variablePattern,
  type Playbook,
  type PlaybookEntry,
  type ReplyVariable,
} from "../contract/playbook.ts";
import { replyId } from "../contract/reply-id.ts";
import type { SuggestionInput } from "../call/ports.ts";
import type { RankedReply, ReplyOutcomes, ReplyRanking } from "../call/playbook-ports.ts";
import { callStageOf } from "./call-stage.ts";
import { noOutcome, outcomePoints } from "./reply-outcome.ts";
import {
  contains,
  cueOf,
  spokenLanguage,
  spokenText,
  wordsOf,
  type SpokenCue,
  type SpokenText,
} from "./spoken-words.ts";

/** Of an entry, for each thing it is meant for that is there. What happened to a reply weighs less than one cue. */
const points = {
  firstCue: 1,
  nextCue: 0.25,
  mostCues: 2,
  competitor: 1.5,
  industry: 0.6,
  stage: 0.4,
} as const;
/** A company's name tells its line of business better than what is said in passing. */
const companyWeight = 3;
/** An objection is not longer: two minutes of talk. What was said before it is not looked at for its cues. */
const maxSaidWords = 400;
/** In `when`: any competitor of the playbook. */
const competitorCue = "{competitor}";

type Values = Readonly<Record<ReplyVariable, string | null>>;
type Rank = (outcomes: ReplyOutcomes, input: SuggestionInput) => ReplyRanking;

interface PreparedEntry {
  readonly entry: PlaybookEntry;
  readonly cues: readonly SpokenCue[];
  readonly wantsCompetitor: boolean;
}

interface Situation {
  readonly said: SpokenText;
  readonly competitor: string | null;
  readonly industry: string | null;
  readonly stage: ReplyRanking["stage"];
}

/**
 * Prepares a playbook. Its ranking is pure: entries of the type and language of which every condition is met, by
 * points for what was said and for what became of each reply; what was shown in the call comes last, the longest
 * ago first; ties in the order of the playbook.
 */
export function rankingOf(playbook: Playbook): Rank {
  const competitors = playbook.competitors.map((name) => ({ name, cue: cueOf(name) }));
  const industries = (playbook.industries ?? []).map(({ name, terms }) => ({
    name,
    cues: { es: terms.es.map(cueOf), en: terms.en.map(cueOf) },
  }));
  const entries: readonly PreparedEntry[] = playbook.entries.map((entry) => ({
    entry,
    cues: (entry.when ?? []).filter((cue) => cue !== competitorCue).map(cueOf),
    wantsCompetitor: entry.when?.includes(competitorCue) === true,
  }));

  const industryOf = (language: "es" | "en", company: string, spoken: SpokenText): string | null => {
    const inName = spokenText(wordsOf(company));
    let best: { readonly name: string; readonly hits: number } | null = null;
    for (const { name, cues } of industries) {
      const hits = cues[language].reduce(
        (sum, cue) => sum + Number(contains(spoken, cue)) + companyWeight * Number(contains(inName, cue)),
        0,
      );
      if (hits > (best?.hits ?? 0)) best = { name, hits };
    }
    return best?.name ?? null;
  };

  return (outcomes, input) => {
    const words = wordsOf(input.text);
    const said = spokenText(words, maxSaidWords);
    const language = input.language === "multi" ? spokenLanguage(words) : input.language;
    const company = known(input.customer.company);
    const spoken = spokenText([...input.context.flatMap(({ text }) => wordsOf(text)), ...words]);
    const situation: Situation = {
      said,
      competitor: competitors.find(({ cue }) => contains(said, cue))?.name ?? null,
      industry: industryOf(language, company ?? "", spoken),
      stage: callStageOf({ context: input.context, language, atMs: input.atMs }),
    };
    const values: Values = {
      customer: known(input.customer.name),
      company,
      product: known(playbook.product),
      competitor: situation.competitor,
    };
    const replies: RankedReply[] = [];
    for (const prepared of entries) {
      const { entry } = prepared;
      if (entry.type !== input.type || entry.language !== language) continue;
      const reasons = reasonsOf(prepared, situation);
      if (reasons === null) continue;
      for (const reply of entry.replies) {
        replies.push(ranked(entry, reply, { reasons, values, outcomes, shown: input.shownEntries }));
      }
    }
    const place = ({ text, wasShown }: RankedReply): number => (text === null ? 2 : wasShown ? 1 : 0);
    replies.sort(
      (a, b) =>
        place(a) - place(b) ||
        (a.wasShown && b.wasShown
          ? input.shownEntries.lastIndexOf(a.reply) - input.shownEntries.lastIndexOf(b.reply)
          : b.score - a.score),
    );
    const { stage, industry, competitor } = situation;
    return { stage, industry, competitor, replies };
  };
}

/** Why the entry fits, with its points; null: it is meant for something else. */
function reasonsOf(
  { entry, cues, wantsCompetitor }: PreparedEntry,
  { said, competitor, industry, stage }: Situation,
): readonly RankReason[] | null {
  const reasons: RankReason[] = [];
  if (entry.when !== undefined) {
    const hits = cues.filter((cue) => contains(said, cue));
    const named = wantsCompetitor ? competitor : null;
    if (hits.length === 0 && named === null) return null;
    if (hits.length > 0) {
      const sum = Math.min(points.firstCue + (hits.length - 1) * points.nextCue, points.mostCues);
      reasons.push({ kind: "cues", points: sum, words: hits.map(({ written }) => written) });
    }
    if (named !== null) reasons.push({ kind: "competitor", points: points.competitor, words: [named] });
  }
  if (entry.industries !== undefined) {
    if (industry === null || !entry.industries.includes(industry)) return null;
    reasons.push({ kind: "industry", points: points.industry, words: [industry] });
  }
  if (entry.stages !== undefined) {
    if (!entry.stages.includes(stage)) return null;
    reasons.push({ kind: "stage", points: points.stage, words: [stage] });
  }
  return reasons.length > 0 ? reasons : [{ kind: "general", points: 0, words: [] }];
}

function ranked(
  entry: PlaybookEntry,
  template: string,
  given: {
    readonly reasons: readonly RankReason[];
    readonly values: Values;
    readonly outcomes: ReplyOutcomes;
    readonly shown: readonly string[];
  },
): RankedReply {
  const reply = replyId(entry.id, template);
  const outcome = given.outcomes[reply] ?? noOutcome;
  const wasShown = given.shown.includes(reply);
  const reasons = [...given.reasons];
  if (outcome.shown > 0) reasons.push({ kind: "outcomes", points: outcomePoints(outcome), words: [] });
  if (wasShown) reasons.push({ kind: "shown", points: 0, words: [] });
  const score = reasons.reduce((sum, reason) => sum + reason.points, 0);
  const missing = replyVariables.filter(
    (name) => given.values[name] === null && template.includes(`{${name}}`),
  );
  const text = missing.length > 0 ? null : filled(template, given.values);
  return { reply, entry: entry.id, text, missing, score, reasons, outcome, wasShown };
}

function filled(template: string, values: Values): string {
  return template.replaceAll(variablePattern, (written, name: string) => {
    const variable = replyVariables.find((candidate) => candidate === name);
    return variable === undefined ? written : (values[variable] ?? written);
  });
}

function known(value: string | null | undefined): string | null {
  const text = (value ?? "").replaceAll(/\s+/gu, " ").trim().slice(0, 80).trim();
  return text === "" ? null : text;
}
