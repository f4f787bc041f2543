import { CallError } from "../call/errors.ts";
import type { PlaybookStore, ReadOutcomes, ReplyOutcomes, StoredPlaybook } from "../call/playbook-ports.ts";
import type {
  Clock,
  CoachingSettings,
  OpenPlaybook,
  Playbooks,
  ReplySuggester,
  WatchedTerms,
} from "../call/ports.ts";
import type { Playbook } from "../contract/playbook.ts";
import type { Language } from "../contract/vocabulary.ts";
import { rankingOf } from "./rank-replies.ts";

/** Prepared versions in memory; live calls keep their own. */
const maxPrepared = 16;

export interface PlaybookShelfOptions {
  readonly store: PlaybookStore;
  readonly clock: Clock;
  readonly outcomesOf: ReadOutcomes;
}

/** The stored playbooks, as calls open them. What became of replies is looked at when a call opens one. */
export class PlaybookShelf implements Playbooks {
  readonly #options: PlaybookShelfOptions;
  readonly #prepared = new Map<string, PreparedPlaybook>();

  constructor(options: PlaybookShelfOptions) {
    this.#options = options;
  }

  /** Stores the first playbook, when there is none. */
  async stockWith(read: () => Promise<Playbook>): Promise<void> {
    const { clock, store } = this.#options;
    if ((await store.listPlaybooks()).length > 0) return;
    await store.savePlaybook({
      playbook: await read(),
      basedOn: null,
      origin: "shipped",
      restoredFrom: null,
      savedAtMs: clock.nowMs(),
      savedBy: "",
    });
  }

  async open(name: string | null, version: number | null): Promise<OpenPlaybook> {
    const stored = await this.#find(name, version);
    const key = `${stored.name} ${String(stored.version)}`;
    const prepared = this.#prepared.get(key) ?? prepare(stored.playbook);
    this.#prepared.delete(key);
    this.#prepared.set(key, prepared);
    for (const oldest of this.#prepared.keys()) {
      if (this.#prepared.size <= maxPrepared) break;
      this.#prepared.delete(oldest);
    }
    const outcomes = await this.#options.outcomesOf(stored.name);
    return { name: stored.name, version: stored.version, suggester: suggesterOf(prepared, outcomes) };
  }

  async #find(name: string | null, version: number | null): Promise<StoredPlaybook> {
    const { store } = this.#options;
    const named = name === null ? null : await store.readPlaybook(name, version);
    if (named !== null) return named;
    // "default" is whichever playbook calls without a name get.
    if (name === null || name === "default") {
      const [first] = await store.listPlaybooks();
      const found = first === undefined ? null : await store.readPlaybook(first.name, null);
      if (found !== null) return found;
    }
    throw new CallError("invalid", `There is no playbook named "${name ?? "default"}".`);
  }
}

/** As a rep with two seconds to spare would have it, where the playbook does not say. */
function coachingOf({ coaching = {} }: Playbook): CoachingSettings {
  const { cooldown_sec = 45, max_cards_per_minute = 3, provisional = true, nudges = true } = coaching;
  return { cooldownMs: cooldown_sec * 1000, maxCardsPerMinute: max_cards_per_minute, provisional, nudges };
}

interface PreparedPlaybook {
  readonly coaching: CoachingSettings;
  readonly rank: ReturnType<typeof rankingOf>;
  readonly keyterms: (language: Language) => readonly string[];
  readonly watched: (language: Language) => WatchedTerms;
}

function prepare(playbook: Playbook): PreparedPlaybook {
  const { competitors, keyterms, product } = playbook;
  const own = (language: Language): readonly string[] =>
    language === "multi" ? [...keyterms.es, ...keyterms.en] : keyterms[language];
  return {
    coaching: coachingOf(playbook),
    rank: rankingOf(playbook),
    keyterms: (language) => {
      const terms = [product, ...competitors, ...own(language)];
      return [...new Set(terms.filter((term) => term !== ""))];
    },
    watched: (language) => ({ competitors, keywords: own(language) }),
  };
}

function suggesterOf(
  { coaching, rank, keyterms, watched }: PreparedPlaybook,
  outcomes: ReplyOutcomes,
): ReplySuggester {
  return {
    coaching,
    suggest(input) {
      const [best] = rank(outcomes, input).replies;
      if (best?.text === undefined || best.text === null) return null;
      return { text: best.text, source: "playbook", playbookEntry: best.reply, fits: !best.wasShown };
    },
    keyterms,
    watched,
  };
}
