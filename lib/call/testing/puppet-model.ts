import type {
  CallFact,
  LanguageModel,
  ModelAnswer,
  ModelListener,
  ModelQuestion,
  ModelSilence,
} from "../language-model-ports.ts";

interface Asked {
  readonly question: ModelQuestion;
  readonly listener: ModelListener;
  readonly signal: AbortSignal;
  /** Ends the answer. */
  end(silence?: ModelSilence): void;
}

/** A model that says by itself nothing: the test says what it answers. Every request costs 100 and 10 tokens. */
export class PuppetModel implements LanguageModel {
  readonly asked: Asked[] = [];
  readonly facts: (readonly CallFact[])[] = [];
  prose: string | null = null;
  isAway = false;
  readonly #watchers = new Set<(isAway: boolean) => void>();

  /** How many want to know whether it is away. */
  get watching(): number {
    return this.#watchers.size;
  }

  get last(): Asked {
    const last = this.asked.at(-1);
    if (last === undefined) throw new Error("nothing was asked");
    return last;
  }

  ask(question: ModelQuestion, listener: ModelListener, signal: AbortSignal): Promise<ModelAnswer> {
    return new Promise((resolve) => {
      const end = (silence: ModelSilence | null = null): void => {
        resolve({
          silence,
          usage: {
            requests: 1,
            promptTokens: 100,
            completionTokens: 10,
            unmetered: silence === null ? 0 : 1,
          },
        });
      };
      signal.addEventListener("abort", () => {
        end("aborted");
      });
      this.asked.push({ question, listener, signal, end });
    });
  }

  async writeUp(facts: readonly CallFact[]): Promise<ModelAnswer & { readonly text: string | null }> {
    await Promise.resolve();
    this.facts.push(facts);
    const usage = { requests: 1, promptTokens: 100, completionTokens: 10, unmetered: 0 };
    return { silence: this.prose === null ? "late" : null, usage, text: this.prose };
  }

  watch(onAway: (isAway: boolean) => void): () => void {
    this.#watchers.add(onAway);
    return () => void this.#watchers.delete(onAway);
  }

  away(isAway: boolean): void {
    this.isAway = isAway;
    for (const watcher of this.#watchers) watcher(isAway);
  }
}
