import type { PlaybookStore, ReadOutcomes, ReplyOutcomes } from "../call/playbook-ports.ts";
import type { Clock, Logger } from "../call/ports.ts";

/** Older calls tell nothing of how a reply is taken now. */
const outcomeDays = 180;
const keptMs = 60_000;

/**
 * What became of the replies of each playbook, read once a minute at most, however many ask: it is counted over half a
 * year of calls. Where it cannot be read, it is what it was, or nothing: nobody is kept from their work by it.
 */
export function createOutcomeReader(parts: {
  readonly store: Pick<PlaybookStore, "replyOutcomes">;
  readonly clock: Clock;
  readonly logger: Logger;
}): ReadOutcomes {
  const { clock, logger, store } = parts;
  const kept = new Map<string, { readonly readAtMs: number; readonly outcomes: Promise<ReplyOutcomes> }>();
  return (name) => {
    const before = kept.get(name);
    if (before !== undefined && clock.monotonicMs() - before.readAtMs < keptMs) return before.outcomes;
    const outcomes = store
      .replyOutcomes(name, clock.nowMs() - outcomeDays * 86_400_000)
      .catch((error: unknown) => {
        logger.warn({ err: error }, "what became of the replies of a playbook could not be read");
        // The next one who asks tries again.
        if (kept.get(name)?.outcomes === outcomes) {
          if (before === undefined) kept.delete(name);
          else kept.set(name, before);
        }
        return before?.outcomes ?? {};
      });
    kept.set(name, { readAtMs: clock.monotonicMs(), outcomes });
    return outcomes;
  };
}
