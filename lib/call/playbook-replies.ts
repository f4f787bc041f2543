import type { Customer } from "../contract/rest.ts";
import type { Language } from "../contract/vocabulary.ts";
import type { ObjectionUpdate, SuggestionUpdate } from "./coach-steps.ts";
import type { Ids, Logger, ReplySuggester, Turn } from "./ports.ts";

export interface PlaybookRepliesOptions {
  readonly language: Language;
  readonly customer: Customer;
  readonly suggester: ReplySuggester;
  readonly ids: Ids;
  readonly logger: Logger;
}

/** What the playbook has for an objection, with what was shown of it in the call already. */
export class PlaybookReplies {
  readonly #options: PlaybookRepliesOptions;
  readonly #shownEntries: string[] = [];

  constructor(options: PlaybookRepliesOptions) {
    this.#options = options;
  }

  /** Shown before a restart. */
  recall(entry: string): void {
    this.#shownEntries.push(entry);
  }

  /** A failing suggester costs its card, never the call. */
  choose(
    objection: ObjectionUpdate,
    said: string,
    context: readonly Turn[],
  ): { readonly suggestion: SuggestionUpdate; readonly fits: boolean } | null {
    const { customer, ids, language, logger, suggester } = this.#options;
    const { objection_id, ts_ms, type } = objection;
    try {
      const choice = suggester.suggest({
        type,
        language,
        text: said,
        customer,
        shownEntries: this.#shownEntries,
        context,
        atMs: ts_ms,
      });
      if (choice === null) return null;
      if (choice.playbookEntry !== null) this.#shownEntries.push(choice.playbookEntry);
      const suggestion: SuggestionUpdate = {
        suggestion_id: ids.next("sug_"),
        objection_id,
        ts_ms,
        type,
        text: choice.text,
        source: choice.source,
        playbook_entry: choice.playbookEntry,
        status: "final",
        latency_ms: 0,
      };
      return { suggestion, fits: choice.fits };
    } catch (error) {
      logger.error({ err: error, objection: objection_id }, "suggestion failed");
      return null;
    }
  }
}
