import type { FeedbackVerdict } from "../contract/client-messages.ts";
import type { CallEvent, Evidence } from "../contract/events.ts";
import type { Customer, TranscriptDocument } from "../contract/rest.ts";
import type {
  CallState,
  ConnectionRole,
  Language,
  ObjectionType,
  SpeakerRole,
  TranscriptFormat,
} from "../contract/vocabulary.ts";
import type { TelemetryCounter } from "./telemetry-counters.ts";
import type { CallRecord, CallWrite, StoredCall } from "./stored-call.ts";

// ---------------------------------------------------------------- platform

export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  nowMs(): number;
  /** Never runs backwards; milliseconds, fractional. For durations only. */
  monotonicMs(): number;
  /** Runs once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

export interface Ids {
  /** A new unguessable id matching `^[A-Za-z0-9_-]{8,64}$`, beginning with `prefix`. */
  next(prefix: string): string;
}

export type LogFields = Readonly<Record<string, unknown>>;

/** Structured log. Spoken words, names and tokens never enter it. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  child(fields: LogFields): Logger;
}

/** Stages of latency, from the arrival of the frame with the last sample of the words. */
export type LatencyStage =
  | "interim"
  | "final"
  | "objection"
  | "suggestion"
  | "engine"
  /** How far an engine's transcript is behind the audio it was sent, by channel: sent minus heard. */
  | "engine_cursor"
  /**
   * Our own share, there and back: from a frame's arrival from the client to its sending to the service, from a
   * result's arrival to the moment its event leaves.
   */
  | "engine_send"
  | "engine_event"
  | "persist"
  | "audio_durable"
  | "event_to_paint";

export interface Telemetry {
  /** Adds to a counter such as `audio_seconds`, `frames_refused`, `interims_dropped`. */
  count(name: TelemetryCounter, by?: number, labels?: Readonly<Record<string, string>>): void;
  latency(stage: LatencyStage, ms: number): void;
}

// ---------------------------------------------------------------- coaching

export interface Turn {
  readonly role: SpeakerRole;
  readonly text: string;
}

export interface DetectionInput {
  readonly text: string;
  readonly language: Language;
  readonly role: SpeakerRole;
  /** An interim must be decisive by what it already says: more words may follow. */
  readonly isFinal: boolean;
  /** Earlier finals of the call, oldest first, at most 12. */
  readonly context: readonly Turn[];
}

export interface Detection {
  readonly type: ObjectionType;
  /** 0 to 1. */
  readonly confidence: number;
  readonly source: "rule" | "model" | "llm";
  /** UTF-16 offsets in `text`, end exclusive, in order, at least one. */
  readonly evidence: readonly Evidence[];
}

/** What a detector would neither say nor rule out. */
export interface Doubt {
  readonly type: ObjectionType;
  /** 0 to 1, below what makes a detection. */
  readonly confidence: number;
}

/** Pure and synchronous; a rep's line gives null. */
export interface ObjectionDetector {
  detect(input: DetectionInput): Detection | null;
  /** Of a final in which nothing was detected; null: it is none. */
  doubt(input: DetectionInput): Doubt | null;
}

/** A question that wants an answer. */
export interface AskedQuestion {
  readonly text: string;
  readonly evidence: Evidence;
  /** What would answer it: a number or a time; yes or no; anything said about it. */
  readonly wants: "quantity" | "yes_no" | "open";
  /** Stems of the words that say what it is about. */
  readonly topics: readonly string[];
}

export interface ReadSignal {
  readonly kind: "buying_signal" | "commitment";
  readonly evidence: Evidence;
  /** Of a commitment: where its day and time are. */
  readonly when: Evidence | null;
}

/** What a line says beyond objections. Offsets are UTF-16 in its text, end exclusive. */
export interface SpeechReading {
  readonly words: number;
  readonly fillers: number;
  /** Questions of every sort, also those that nobody answers. */
  readonly questions: number;
  /** No more than "I am listening". */
  readonly isBackchannel: boolean;
  readonly signals: readonly ReadSignal[];
  readonly asked: readonly AskedQuestion[];
  /** Of the line as an answer. */
  readonly answer: {
    readonly topics: readonly string[];
    /** Words that are not part of a question. */
    readonly statementWords: number;
    readonly saysYesOrNo: boolean;
    readonly givesQuantity: boolean;
    /** The answer is put off. */
    readonly isPutOff: boolean;
    /** It begins with something else. */
    readonly changesSubject: boolean;
  };
}

/** Pure and synchronous. */
export interface SpeechReader {
  read(text: string, language: Language): SpeechReading;
}

export interface WatchedTerms {
  readonly competitors: readonly string[];
  readonly keywords: readonly string[];
}

export interface SuggestionInput {
  readonly type: ObjectionType;
  readonly language: Language;
  /** What the prospect said. */
  readonly text: string;
  readonly customer: Customer;
  /** Playbook entries shown in this call already, oldest first: prefer another. */
  readonly shownEntries: readonly string[];
  /** Earlier finals of the call, oldest first: they tell its stage and the prospect's line of business. */
  readonly context: readonly Turn[];
  /** When it was said, in milliseconds of call audio. */
  readonly atMs: number;
}

export interface SuggestionChoice {
  readonly text: string;
  readonly source: "playbook" | "llm";
  readonly playbookEntry: string | null;
  /** False: only replies that were shown in this call already are left; something else may do better. */
  readonly fits: boolean;
}

/** How often cards and hints come. Times are of call audio. */
export interface CoachingSettings {
  /** Between two cards for the same type of objection. */
  readonly cooldownMs: number;
  readonly maxCardsPerMinute: number;
  /** Whether words that are still being spoken raise anything. */
  readonly provisional: boolean;
  /** Whether hints are given on how the call goes. */
  readonly nudges: boolean;
}

export interface ReplySuggester {
  readonly coaching: CoachingSettings;
  suggest(input: SuggestionInput): SuggestionChoice | null;
  /** Product and competitor names worth telling an engine. */
  keyterms(language: Language): readonly string[];
  /** Names and words of the playbook whose mention is told. */
  watched(language: Language): WatchedTerms;
}

/** One version of a playbook, as a call keeps it for its life. */
export interface OpenPlaybook {
  readonly name: string;
  readonly version: number;
  readonly suggester: ReplySuggester;
}

export interface Playbooks {
  /**
   * Name null: the one for calls that name none. Version null: the current one. Rejects with
   * `CallError("invalid")` when there is no such playbook, `CallError("storage_failed")` when it cannot be read.
   */
  open(playbook: string | null, version: number | null): Promise<OpenPlaybook>;
}

// ---------------------------------------------------------------- privacy

/** What can be taken out of a call. */
export type RedactionKind = "card" | "account" | "email" | "phone" | "id";

/** Part of a text that is replaced by a mark such as `[card]`; UTF-16 offsets. */
export interface RedactedSpan {
  readonly start: number;
  readonly end: number;
  readonly mark: string;
  /** It may go on in what is said next, or turn out to be nothing. */
  readonly isOpen: boolean;
}

export interface HeardText {
  readonly utteranceId: string;
  readonly channel: number;
  /** Milliseconds of call audio. */
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  readonly isFinal: boolean;
}

export interface RedactionStep {
  /** Of the utterance that was heard. */
  readonly spans: readonly RedactedSpan[];
  /** Earlier finals whose spans have changed: all of them anew. */
  readonly revised: readonly { readonly heard: HeardText; readonly spans: readonly RedactedSpan[] }[];
  /** Finals that will not be revised any more. */
  readonly settled: readonly HeardText[];
}

/** Redaction of one call: a number may be broken over utterances, and a question say what its answer is. */
export interface CallRedaction {
  hear(heard: HeardText): RedactionStep;
  /** Call audio has been listened to up to here: what was open for too long is settled. */
  passed(nowMs: number): RedactionStep;
  /** Nothing more will be said. */
  end(): RedactionStep;
  /** What was said before a restart, redacted as it is stored, oldest first. */
  recall(turns: readonly Pick<HeardText, "channel" | "text" | "endMs">[]): void;
}

/** Pure and synchronous. */
export interface Redactor {
  /** Free text typed by people; redacting twice changes nothing more. */
  text(text: string, language: Language): string;
  call(language: Language): CallRedaction;
}

// ---------------------------------------------------------------- recording

export interface AudioFormat {
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
}

export interface AudioSpan {
  /** Index of the audio channel. */
  readonly channel: number;
  readonly firstSample: number;
  readonly samples: number;
}

/** The durable audio journal of one call: the samples from 0 to `durableSamples`, interleaved PCM16. */
export interface Recording {
  readonly format: AudioFormat;
  /** Every sample before it survives the death of the process. */
  readonly durableSamples: number;
  /** Appends whole samples; resolves when they are durable. Calls are served in order. */
  append(pcm: Uint8Array): Promise<void>;
  /** Records silence in place of audio that was lost; resolves when durable. */
  appendSilence(samples: number): Promise<void>;
  /**
   * Overwrites durable samples of one channel with silence, in place; resolves when nothing of them is left
   * on the medium. Doing it again changes nothing.
   */
  silence(spans: readonly AudioSpan[]): Promise<void>;
  /** Interleaved PCM of [firstSample, firstSample + samples), cut at `durableSamples`. */
  read(firstSample: number, samples: number): Promise<Uint8Array>;
  /** Flushes to the medium and lets go of the file. Idempotent. */
  close(): Promise<void>;
}

export interface Recorder {
  create(callId: string, format: AudioFormat): Promise<Recording>;
  /** Opens what an earlier process left, cut back to whole samples; null when there is none. */
  open(callId: string): Promise<Recording | null>;
  /** Removes all audio of the call, and remembers it until `deleted`; no error when there is none. */
  delete(callId: string): Promise<void>;
  /** Nothing else is left of the call either. */
  deleted(callId: string): Promise<void>;
  /** Calls of which no more than the audio may be gone: the process died in between. */
  deletions(): Promise<readonly string[]>;
}

// ---------------------------------------------------------------- persistence

export interface CallListRow {
  readonly call: CallRecord;
  /** Null: it has none, or the account is gone. */
  readonly ownerName: string | null;
  readonly segmentCount: number;
  /** Confirmed objections by type. */
  readonly objections: Readonly<Partial<Record<ObjectionType, number>>>;
}

export interface CallSearch {
  /** All words, the last one a prefix, case and accents ignored; in words said, titles, customers. */
  readonly query: string | null;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly objection: ObjectionType | null;
  readonly status: CallState | null;
  /** Only the calls of this owner; null: of everyone, and those of nobody. */
  readonly ownerId: string | null;
  readonly limit: number;
  readonly cursor: string | null;
}

export interface CallPage {
  readonly rows: readonly CallListRow[];
  readonly nextCursor: string | null;
}

/** Every method rejects with `CallError("storage_failed")` when the database does. */
export interface CallRepository {
  create(call: CallRecord): Promise<void>;
  write(write: CallWrite): Promise<void>;
  get(callId: string): Promise<CallRecord | null>;
  load(callId: string): Promise<StoredCall | null>;
  /** In order of `seq`, at most `limit`. */
  eventsAfter(callId: string, afterSeq: number, limit: number): Promise<readonly CallEvent[]>;
  /** Throws `CallError("malformed")` for a cursor that is not ours. */
  search(search: CallSearch): Promise<CallPage>;
  /** Calls that are not completed, oldest first. */
  unfinished(): Promise<readonly CallRecord[]>;
  setFeedback(callId: string, suggestionId: string, verdict: FeedbackVerdict): Promise<boolean>;
  /** Rows, events and search entries are gone when it resolves. False: there was none. */
  delete(callId: string): Promise<boolean>;
}

// ---------------------------------------------------------------- downloads and access

export interface RenderedTranscript {
  readonly fileName: string;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** Reads and renders stored calls away from the event loop of live ones. */
export interface TranscriptLibrary {
  document(callId: string): Promise<TranscriptDocument | null>;
  render(callId: string, format: TranscriptFormat): Promise<RenderedTranscript | null>;
}

export interface CallTokenClaims {
  readonly callId: string;
  readonly role: ConnectionRole;
  readonly expiresAtMs: number;
  /** Whom it was issued to, for the audit log. */
  readonly principalId: string;
}

export interface CallTokens {
  issue(claims: CallTokenClaims): string;
  /** Throws `CallError`: `unauthorized` for one that is not ours or for another call, `token_expired`. */
  verify(token: string, callId: string): CallTokenClaims;
}
