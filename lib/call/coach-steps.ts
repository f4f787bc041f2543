import type { CallEventPayloads } from "../contract/events.ts";
import type { ModelQuestion } from "./language-model-ports.ts";

export type ObjectionUpdate = Omit<CallEventPayloads["objection_detected"], "call_id" | "seq">;
export type SuggestionUpdate = Omit<CallEventPayloads["suggestion_ready"], "call_id" | "seq">;

/** What coaching has to say of one version of a segment, in the order to publish it. */
export type CoachStep =
  | { readonly kind: "objection"; readonly update: ObjectionUpdate; readonly causedAtMs: number | null }
  | { readonly kind: "suggestion"; readonly update: SuggestionUpdate; readonly causedAtMs: number | null }
  /** A language model is to be asked about the segment; what it says comes to `judged`, `replied`, `unanswered`. */
  | { readonly kind: "question"; readonly segmentId: string; readonly question: ModelQuestion };
