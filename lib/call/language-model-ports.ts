import type { Language, ObjectionType } from "../contract/vocabulary.ts";
import type { Turn } from "./ports.ts";
import type { ModelUsage } from "./stored-call.ts";

/** What the prospect said, and what is asked of it. Redacted where the call is. */
export interface ModelQuestion {
  /** `judge`: whether it is an objection at all, and a reply to it. `reply`: the reply alone. */
  readonly ask: "judge" | "reply";
  readonly language: Language;
  /** What was found, or what it would be. */
  readonly type: ObjectionType;
  readonly said: string;
  /** What was said before, oldest first. */
  readonly context: readonly Turn[];
}

export interface ModelVerdict {
  /** Null: it is none. */
  readonly type: ObjectionType | null;
  /** The deciding words, as the model quotes them. */
  readonly quote: string;
}

/** Why there is no answer. `refused`: there was one, and it may not be shown. */
export type ModelSilence = "late" | "refused" | "malformed" | "failed" | "busy" | "open" | "aborted";

export interface ModelAnswer {
  /** Null: there was an answer, to its end. */
  readonly silence: ModelSilence | null;
  readonly usage: ModelUsage;
}

export interface ModelListener {
  /** Before any reply; only for `judge`. */
  verdict(verdict: ModelVerdict): void;
  /** The reply as far as it has come, fit to be shown; it only grows. */
  reply(text: string, isFinal: boolean): void;
}

/** One thing known of a call, in its language: what prose about the call may say. */
export interface CallFact {
  readonly text: string;
}

/** Never rejects: whatever goes wrong is a silence, and what was decided without a model stands. */
export interface LanguageModel {
  ask(question: ModelQuestion, listener: ModelListener, signal: AbortSignal): Promise<ModelAnswer>;
  /** Prose on these facts and no others; `text` null where there is none fit to be shown. */
  writeUp(
    facts: readonly CallFact[],
    language: Language,
    signal: AbortSignal,
  ): Promise<ModelAnswer & { readonly text: string | null }>;
  /** Told whenever the server is given up for a while, or is back. Gives what ends the watch. */
  watch(onAway: (isAway: boolean) => void): () => void;
  readonly isAway: boolean;
}
