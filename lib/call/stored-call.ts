import type { FeedbackVerdict } from "../contract/client-messages.ts";
import type { CallEvent, Evidence, Insight } from "../contract/events.ts";
import type { AudioMark, Customer, LostAudio, RecordedConsent } from "../contract/rest.ts";
import type { Summary } from "../contract/summary.ts";
import type {
  AudioMode,
  CallState,
  CompletionReason,
  Language,
  ObjectionType,
  Speaker,
  StereoLayout,
  TranscriberName,
} from "../contract/vocabulary.ts";

/** What asking a language model costs. A server that was left early, or that does not count, says no tokens. */
export interface ModelUsage {
  readonly requests: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Requests of which no tokens were told. */
  readonly unmetered: number;
}

export interface CallRecord {
  readonly callId: string;
  /** Who started it; null: made without sign-in, or by nobody who has an account. */
  readonly ownerId: string | null;
  readonly status: CallState;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly completionReason: CompletionReason | null;
  readonly language: Language;
  readonly transcriber: TranscriberName;
  readonly audioMode: AudioMode;
  readonly stereoLayout: StereoLayout;
  readonly sampleRateHz: number;
  readonly coachEnabled: boolean;
  readonly title: string;
  readonly customer: Customer;
  readonly notes: string;
  /** Of earlier versions of the product null, for the default one. */
  readonly playbook: string | null;
  /** The version of it that the call began with and keeps; null: it was not noted then. */
  readonly playbookVersion: number | null;
  readonly consent: RecordedConsent | null;
  /** End of the token of the host, milliseconds since the epoch. */
  readonly expiresAtMs: number;
  /** Durable samples, as last written; the recording itself is the authority. */
  readonly durableSamples: number;
  /** Where transcription may restart after the death of the process. */
  readonly settledSample: number;
  /** Numbers up to this one may have been sent. */
  readonly reservedSeq: number;
  readonly lostAudio: readonly LostAudio[];
  readonly audioMarks: readonly AudioMark[];
  /** Seconds of audio times channels that a transcription service bills. */
  readonly billedSeconds: number;
  /** In mono with voices told apart: which one is the rep's; null while nobody has said so. */
  readonly repVoice: number | null;
  readonly summary: Summary | null;
  /** What asking a language model about it has cost. */
  readonly modelUsage: ModelUsage;
}

export type CallChanges = Partial<Omit<CallRecord, "callId" | "ownerId" | "startedAtMs">>;

export interface StoredWord {
  readonly text: string;
  readonly tsMs: number;
  readonly endMs: number;
  readonly confidence: number | null;
  readonly estimated: boolean;
  /** BCP-47, where the engine tells it. */
  readonly language?: string;
}

export interface StoredSegment {
  readonly segmentId: string;
  readonly revision: number;
  readonly speaker: Speaker;
  readonly voice: number | null;
  readonly tsMs: number;
  readonly endMs: number;
  readonly text: string;
  readonly confidence: number | null;
  readonly words: readonly StoredWord[];
}

export interface StoredObjection {
  readonly objectionId: string;
  readonly segmentId: string;
  readonly speaker: Speaker;
  readonly tsMs: number;
  readonly type: ObjectionType;
  readonly text: string;
  readonly evidence: readonly Evidence[];
  readonly confidence: number;
  readonly source: "rule" | "model" | "llm";
  readonly status: "provisional" | "confirmed" | "retracted";
  readonly repeatOf: string | null;
  readonly latencyMs: number;
}

export interface StoredSuggestion {
  readonly suggestionId: string;
  readonly objectionId: string;
  readonly tsMs: number;
  readonly type: ObjectionType;
  readonly text: string;
  readonly source: "playbook" | "llm";
  readonly playbookEntry: string | null;
  readonly status: "partial" | "final" | "withdrawn";
  readonly latencyMs: number;
  readonly feedback: FeedbackVerdict | null;
  /** The rep was heard saying it; written by `CallWrite.said` alone. */
  readonly said: SaidReply | null;
}

export interface SaidReply {
  readonly segmentId: string;
  /** 0 to 1. */
  readonly similarity: number;
}

type WithoutHead<T> = T extends unknown ? Omit<T, "call_id" | "seq"> : never;

/** Of each insight what was told last. */
export type StoredInsight = WithoutHead<Insight>;
export type StoredSignal = Exclude<StoredInsight, { kind: "conduct" | "nudge" }>;

export function isSignal(insight: StoredInsight): insight is StoredSignal {
  return insight.kind !== "conduct" && insight.kind !== "nudge";
}

/** What one step of a call writes: all of it or nothing. Rows are inserted or replaced by id. */
export interface CallWrite {
  readonly callId: string;
  readonly events: readonly CallEvent[];
  readonly segments: readonly StoredSegment[];
  readonly objections: readonly StoredObjection[];
  readonly suggestions: readonly StoredSuggestion[];
  /** Absent in what an earlier version has left to be written. */
  readonly insights?: readonly StoredInsight[];
  readonly changes: CallChanges;
  /** Suggestions that the rep was heard saying. */
  readonly said?: readonly (SaidReply & { readonly suggestionId: string })[];
  /** Segments of this write from which something was taken out: earlier events must not tell it either. */
  readonly takenOut?: readonly string[];
}

export interface StoredCall {
  readonly call: CallRecord;
  /** By `tsMs`, then `segmentId`. */
  readonly segments: readonly StoredSegment[];
  readonly objections: readonly StoredObjection[];
  readonly suggestions: readonly StoredSuggestion[];
  /** By `ts_ms`, then `insight_id`. */
  readonly insights: readonly StoredInsight[];
}
