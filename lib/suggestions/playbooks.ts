import type { Language } from "../contract/vocabulary.ts";
import { CallError } from "../call/errors.ts";
import type {
  CoachingSettings,
  Playbooks,
  ReplySuggester,
  SuggestionChoice,
  SuggestionInput,
} from "../call/ports.ts";
import {
  replyVariables,
  variablePattern,
  type Playbook,
  type PlaybookEntry,
  type ReplyVariable,
} from "../contract/playbook.ts";

/** The playbooks that calls can be started with; a call that names none gets the default. */
export function createPlaybooks(options: {
  readonly playbooks: ReadonlyMap<string, Playbook>;
  readonly defaultName: string;
}): Playbooks {
  const suggesters = new Map<string, ReplySuggester>();
  for (const [name, playbook] of options.playbooks) suggesters.set(name, createSuggester(playbook));
  const find = (name: string): ReplySuggester => {
    const found = suggesters.get(name);
    if (found === undefined) throw new CallError("invalid", `There is no playbook named "${name}".`);
    return found;
  };
  find(options.defaultName);
  return {
    open: async (playbook) => {
      await Promise.resolve();
      const name = playbook ?? options.defaultName;
      return { name, version: 1, suggester: find(name) };
    },
  };
}

/** As a rep with two seconds to spare would have it, where the playbook does not say. */
function coachingOf({ coaching = {} }: Playbook): CoachingSettings {
  const { cooldown_sec = 45, max_cards_per_minute = 3, provisional = true } = coaching;
  return { cooldownMs: cooldown_sec * 1000, maxCardsPerMinute: max_cards_per_minute, provisional };
}

type Values = Readonly<Record<ReplyVariable, string | null>>;

interface Candidate {
  readonly text: string;
  readonly id: string;
  /** How well its entry fits what was said. */
  readonly fit: number;
  /** -1 when not shown yet, else its last place among those shown. */
  readonly shownAt: number;
}

/** `playbook_entry` of a choice is the entry's id and the number of the reply in it: `es-price/2`. */
function createSuggester(playbook: Playbook): ReplySuggester {
  const competitors = playbook.competitors.map((name) => ({ name, words: wordsOf(name) }));
  const entries = playbook.entries.map((entry) => ({
    entry,
    cues: (entry.when ?? []).filter((cue) => cue !== "{competitor}").map(wordsOf),
    wantsCompetitor: entry.when?.includes("{competitor}") === true,
  }));

  return {
    coaching: coachingOf(playbook),
    suggest(input) {
      const said = wordsOf(input.text);
      const language = input.language === "multi" ? spokenLanguage(said) : input.language;
      const competitor = competitors.find(({ words }) => contains(said, words))?.name ?? null;
      const values: Values = {
        customer: known(input.customer.name),
        company: known(input.customer.company),
        product: known(playbook.product),
        competitor,
      };
      const candidates: Candidate[] = [];
      for (const { entry, cues, wantsCompetitor } of entries) {
        if (entry.type !== input.type || entry.language !== language) continue;
        const hits =
          cues.filter((cue) => contains(said, cue)).length + (wantsCompetitor && competitor !== null ? 2 : 0);
        // An entry for particular words is not for others.
        if (entry.when !== undefined && hits === 0) continue;
        candidates.push(...candidatesOf(entry, hits, values, input));
      }
      candidates.sort((a, b) => (a.shownAt < 0 && b.shownAt < 0 ? b.fit - a.fit : a.shownAt - b.shownAt));
      const [best] = candidates;
      if (best === undefined) return null;
      const choice: SuggestionChoice = {
        text: best.text,
        source: "playbook",
        playbookEntry: best.id,
        fits: best.shownAt < 0,
      };
      return choice;
    },
    keyterms(language) {
      const terms = [playbook.product, ...playbook.competitors, ...keytermsOf(playbook, language)];
      return [...new Set(terms.filter((term) => term !== ""))];
    },
  };
}

function candidatesOf(
  entry: PlaybookEntry,
  fit: number,
  values: Values,
  { shownEntries }: SuggestionInput,
): readonly Candidate[] {
  return entry.replies.flatMap((reply, index) => {
    const text = fill(reply, values);
    const id = `${entry.id}/${String(index + 1)}`;
    return text === null ? [] : [{ text, id, fit, shownAt: shownEntries.lastIndexOf(id) }];
  });
}

/** Null when a value is missing: half a sentence is worse than another one. */
function fill(reply: string, values: Values): string | null {
  const missing = replyVariables.filter((name) => values[name] === null);
  if (missing.some((name) => reply.includes(`{${name}}`))) return null;
  return reply.replaceAll(variablePattern, (written, name: string) => {
    const variable = replyVariables.find((candidate) => candidate === name);
    return variable === undefined ? written : (values[variable] ?? written);
  });
}

function known(value: string | null | undefined): string | null {
  const text = (value ?? "").replaceAll(/\s+/gu, " ").trim().slice(0, 80).trim();
  return text === "" ? null : text;
}

function keytermsOf({ keyterms }: Playbook, language: Language): readonly string[] {
  return language === "multi" ? [...keyterms.es, ...keyterms.en] : keyterms[language];
}

function wordsOf(text: string): readonly string[] {
  const plain = text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}

function contains(said: readonly string[], words: readonly string[]): boolean {
  if (words.length === 0) return false;
  return said.some((_word, at) => words.every((word, offset) => said[at + offset] === word));
}

const spanishWords = new Set(
  "de que no la el es y en lo un por me con se los para nos pero muy ya si".split(" "),
);
const englishWords = new Set(
  "the to it is i we that a of and you not for have our this with be so".split(" "),
);

function spokenLanguage(said: readonly string[]): "es" | "en" {
  const count = (words: ReadonlySet<string>): number => said.filter((word) => words.has(word)).length;
  return count(englishWords) > count(spanishWords) ? "en" : "es";
}
