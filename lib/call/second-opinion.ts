import type { Status } from "../contract/events.ts";
import type { LanguageModel, ModelQuestion, ModelVerdict } from "./language-model-ports.ts";
import { within } from "./patience.ts";
import type { Clock } from "./ports.ts";
import type { ModelUsage } from "./stored-call.ts";

/** Of one call at once: who objects faster than a model answers is not helped by its answers. */
const mostAtOnce = 2;
/** An aborted request is over in no time; a call's end does not depend on it. */
const maxFarewellMs = 500;

export const noUsage: ModelUsage = { requests: 0, promptTokens: 0, completionTokens: 0, unmetered: 0 };

export interface SecondOpinionOptions {
  readonly model: LanguageModel;
  readonly clock: Clock;
  /** What the call has cost so far. */
  readonly usage: ModelUsage;
  readonly onVerdict: (segmentId: string, verdict: ModelVerdict) => void;
  readonly onReply: (segmentId: string, text: string, isFinal: boolean) => void;
  /** No more will come of the question. */
  readonly onSilence: (segmentId: string) => void;
  readonly save: (usage: ModelUsage) => void;
  readonly tell: (status: Pick<Status, "state" | "reason" | "detail">) => void;
}

/** Asks a language model about the segments of one call, and counts what that costs (SPEC L1 to L6). */
export class SecondOpinion {
  readonly #options: SecondOpinionOptions;
  readonly #running = new Map<string, { readonly abort: AbortController; readonly done: Promise<void> }>();
  readonly #endWatch: () => void;
  #usage: ModelUsage;
  #isClosed = false;

  constructor(options: SecondOpinionOptions) {
    this.#options = options;
    this.#usage = options.usage;
    this.#endWatch = options.model.watch((isAway) => {
      this.#tellAway(isAway);
    });
    if (options.model.isAway) this.#tellAway(true);
  }

  ask(segmentId: string, question: ModelQuestion): void {
    this.cancel(segmentId);
    if (this.#isClosed || this.#running.size >= mostAtOnce) {
      this.#options.onSilence(segmentId);
      return;
    }
    const abort = new AbortController();
    const done = this.#run(segmentId, question, abort.signal);
    this.#running.set(segmentId, { abort, done });
  }

  /** What it was about is not so any more. */
  cancel(segmentId: string): void {
    this.#running.get(segmentId)?.abort.abort();
    this.#running.delete(segmentId);
  }

  /** Nothing is asked and nothing heard any more; resolves when what it cost is counted. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#endWatch();
    await this.cancelAll();
  }

  /** Nobody wants an answer to anything that was asked; resolves when what it cost is counted. */
  async cancelAll(): Promise<void> {
    const running = [...this.#running];
    this.#running.clear();
    for (const [segmentId, { abort }] of running) {
      abort.abort();
      this.#options.onSilence(segmentId);
    }
    await within(this.#options.clock, maxFarewellMs, Promise.all(running.map(([, { done }]) => done)));
  }

  async #run(segmentId: string, question: ModelQuestion, signal: AbortSignal): Promise<void> {
    const { model, onReply, onSilence, onVerdict } = this.#options;
    const unlessAborted = (run: () => void): void => {
      if (!signal.aborted) run();
    };
    const listener = {
      verdict: (verdict: ModelVerdict): void => {
        unlessAborted(() => {
          onVerdict(segmentId, verdict);
        });
      },
      reply: (text: string, isFinal: boolean): void => {
        unlessAborted(() => {
          onReply(segmentId, text, isFinal);
        });
      },
    };
    const { usage } = await model.ask(question, listener, signal);
    this.#count(usage);
    unlessAborted(() => {
      this.#running.delete(segmentId);
      onSilence(segmentId);
    });
  }

  #count(usage: ModelUsage): void {
    if (usage.requests === 0) return;
    this.#usage = addedUsage(this.#usage, usage);
    this.#options.save(this.#usage);
  }

  #tellAway(isAway: boolean): void {
    const reason = "language_model";
    const detail = isAway ? "The language model does not answer: only the playbook's replies are shown." : "";
    this.#options.tell({ state: isAway ? "degraded" : "live", reason, detail });
  }
}

export function addedUsage(a: ModelUsage, b: ModelUsage): ModelUsage {
  return {
    requests: a.requests + b.requests,
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
    unmetered: a.unmetered + b.unmetered,
  };
}
