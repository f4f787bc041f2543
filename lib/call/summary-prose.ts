import type { Summary } from "../contract/summary.ts";
import { samplesToMs } from "./audio-axis.ts";
import type { LanguageModel } from "./language-model-ports.ts";
import type { CallRepository, Logger } from "./ports.ts";
import { addedUsage } from "./second-opinion.ts";
import type { CallRecord, StoredCall } from "./stored-call.ts";
import { factsOf } from "./summary-facts.ts";

/** A call of which less is known needs no prose. */
const fewestFacts = 3;

export interface SummaryProseOptions {
  readonly model: LanguageModel;
  readonly repository: CallRepository;
  readonly logger: Logger;
}

/** Has summaries of completed calls put into prose, once, behind everybody's back (SPEC L7). */
export class SummaryProse {
  readonly #options: SummaryProseOptions;
  readonly #abort = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(options: SummaryProseOptions) {
    this.#options = options;
  }

  /** Not awaited by anybody; what comes too late, or not at all, leaves the summary as it is. */
  write(call: CallRecord, stored: StoredCall, summary: Summary, samples: number): void {
    if (this.#abort.signal.aborted) return;
    const run = this.#write(call, stored, summary, samples)
      // The call may have been deleted meanwhile.
      .catch((error: unknown) => {
        this.#options.logger.warn(
          { err: error, call: call.callId },
          "prose about a call could not be stored",
        );
      })
      .finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#running);
  }

  async #write(call: CallRecord, stored: StoredCall, summary: Summary, samples: number): Promise<void> {
    const { model, repository } = this.#options;
    const { callId, language, modelUsage, sampleRateHz } = call;
    const durationMs = samplesToMs(samples, sampleRateHz);
    const facts = factsOf(summary, stored.objections, { durationMs, language });
    if (facts.length < fewestFacts) return;
    const { text, usage } = await model.writeUp(facts, language, this.#abort.signal);
    if (usage.requests === 0 || this.#abort.signal.aborted) return;
    const prose = text === null ? {} : { summary: { ...summary, prose: { text, source: "llm" as const } } };
    const changes = { ...prose, modelUsage: addedUsage(modelUsage, usage) };
    await repository.write({ callId, events: [], segments: [], objections: [], suggestions: [], changes });
  }
}
