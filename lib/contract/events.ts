import { z } from "zod";
import { errorCodeSchema } from "./error-codes.ts";
import {
  callIdSchema,
  callStateSchema,
  completionReasonSchema,
  connectionRoleSchema,
  languageSchema,
  objectionTypeSchema,
  protocolVersion,
  sampleRateSchema,
  speakerRoleSchema,
  speakerSchema,
  stereoLayoutSchema,
  transcriberSchema,
} from "./vocabulary.ts";
import { summarySchema } from "./summary.ts";

/** Whole milliseconds of call audio, counted from the first sample. */
const audioMs = z.int().nonnegative();
const seq = z.int().positive();
const callEvent = { call_id: callIdSchema, seq };

export const wordSchema = z.object({
  text: z.string(),
  ts_ms: audioMs,
  end_ms: audioMs,
  confidence: z.number().min(0).max(1).nullable(),
  /** True where the engine gives no word times and these were derived from the segment's. */
  estimated: z.boolean().optional(),
  /** BCP-47, where the engine tells the language of each word. */
  language: z.string().optional(),
});
export type Word = z.infer<typeof wordSchema>;

const revisionReasonSchema = z.enum(["speaker", "edit", "repair", "redaction"]);

export const transcriptUpdateSchema = z.object({
  ...callEvent,
  segment_id: z.string(),
  revision: z.int().positive(),
  speaker: speakerSchema,
  /** The engine's own number of the voice, where it tells voices apart in mono. */
  voice: z.int().optional(),
  role: speakerRoleSchema,
  ts_ms: audioMs,
  end_ms: audioMs,
  text: z.string(),
  is_final: z.boolean(),
  confidence: z.number().min(0).max(1).nullable(),
  words: z.array(wordSchema),
  reason: revisionReasonSchema.optional(),
  /** Time the event left minus arrival of the frame with its last word's last sample. */
  latency_ms: z.number().nonnegative().optional(),
});
export type TranscriptUpdate = z.infer<typeof transcriptUpdateSchema>;

/** UTF-16 offsets in the segment's text, end exclusive. */
export const evidenceSchema = z.object({ start: z.int().nonnegative(), end: z.int().positive() });
export type Evidence = z.infer<typeof evidenceSchema>;

export const detectionSourceSchema = z.enum(["rule", "model", "llm"]);
export const objectionStatusSchema = z.enum(["provisional", "confirmed", "retracted"]);

export const objectionDetectedSchema = z.object({
  ...callEvent,
  objection_id: z.string(),
  segment_id: z.string(),
  speaker: speakerSchema,
  ts_ms: audioMs,
  type: objectionTypeSchema,
  /** The words that decided, as they stand in the segment. */
  text: z.string(),
  evidence: z.array(evidenceSchema),
  confidence: z.number().min(0).max(1),
  source: detectionSourceSchema,
  status: objectionStatusSchema,
  repeat_of: z.string().optional(),
  latency_ms: z.number().nonnegative(),
});
export type ObjectionDetected = z.infer<typeof objectionDetectedSchema>;

const suggestionStatusSchema = z.enum(["partial", "final", "withdrawn"]);

export const suggestionReadySchema = z.object({
  ...callEvent,
  suggestion_id: z.string(),
  objection_id: z.string(),
  ts_ms: audioMs,
  type: objectionTypeSchema,
  text: z.string(),
  source: z.enum(["playbook", "llm"]),
  playbook_entry: z.string().nullable(),
  status: suggestionStatusSchema,
  latency_ms: z.number().nonnegative(),
});
export type SuggestionReady = z.infer<typeof suggestionReadySchema>;

/** Said by somebody, with the words that say so. */
export const signalKinds = [
  "buying_signal",
  "commitment",
  "unanswered_question",
  "competitor_mention",
  "keyword_mention",
] as const;

/** `noted` stands for good; a question is `open` until it is `answered`; `retracted` was somebody else's. */
const signalStatusSchema = z.enum(["noted", "open", "answered", "retracted"]);

const signalSchema = z.object({
  ...callEvent,
  insight_id: z.string(),
  kind: z.enum(signalKinds),
  segment_id: z.string(),
  speaker: speakerSchema,
  ts_ms: audioMs,
  /** The words that decided, as they stand in the segment. */
  text: z.string(),
  evidence: z.array(evidenceSchema),
  status: signalStatusSchema,
  /** Of a mention: the competitor or keyword as the playbook spells it. */
  term: z.string().optional(),
  /** Of a commitment: day and time as they were said. */
  when: z.string().optional(),
  /** Of an answered question: the segment that answers it. */
  answered_by: z.string().optional(),
});

const sideConductSchema = z.object({
  /** Milliseconds of speech, from the segments. */
  speech_ms: audioMs,
  words: z.int().nonnegative(),
  /** Of speech, not of the call; null until enough was said. */
  words_per_minute: z.int().nonnegative().nullable(),
  /** Pauses and short acknowledgements of the other side do not end it. */
  longest_monologue_ms: audioMs,
  /** How often this side took the floor while the other was speaking, and the other stopped. */
  interruptions: z.int().nonnegative(),
  questions: z.int().nonnegative(),
  fillers: z.int().nonnegative(),
});
export type SideConduct = z.infer<typeof sideConductSchema>;

/** How the conversation has gone so far. Only of calls whose sides are known. */
export const conductSchema = z.object({
  /** The rep's share of all speech, 0 to 1; null while nothing was said. */
  talk_ratio: z.number().min(0).max(1).nullable(),
  rep: sideConductSchema,
  prospect: sideConductSchema,
});
export type Conduct = z.infer<typeof conductSchema>;

const conductInsightSchema = z.object({
  ...callEvent,
  /** The same in the whole call: each replaces the one before. */
  insight_id: z.string(),
  kind: z.literal("conduct"),
  /** Counted up to here. */
  ts_ms: audioMs,
  conduct: conductSchema,
});

/** What a nudge is about. Clients word it in the language of the person who reads it. */
export const nudgeCodes = [
  "talking_a_lot",
  "long_monologue",
  "interrupting",
  "no_questions",
  "fast_pace",
  "many_fillers",
  "question_open",
] as const;
export type NudgeCode = (typeof nudgeCodes)[number];

const nudgeSchema = z.object({
  ...callEvent,
  insight_id: z.string(),
  kind: z.literal("nudge"),
  ts_ms: audioMs,
  code: z.enum(nudgeCodes),
  /** What was measured: percent, seconds, words a minute or a number of times, by the code. */
  value: z.int().nonnegative(),
});

export const insightSchema = z.discriminatedUnion("kind", [signalSchema, conductInsightSchema, nudgeSchema]);
export type Insight = z.infer<typeof insightSchema>;

const coachChangedSchema = z.object({ ...callEvent, coach_enabled: z.boolean() });

export const statusSchema = z.object({
  ...callEvent,
  state: z.enum(["live", "reconnecting", "degraded", "completing"]),
  reason: z.string(),
  detail: z.string(),
  /** With reason `engine`: which one is at work from now on. */
  transcriber: transcriberSchema.optional(),
});
export type Status = z.infer<typeof statusSchema>;

export const callCompletedSchema = z.object({
  ...callEvent,
  reason: completionReasonSchema,
  duration_ms: audioMs,
  summary: summarySchema,
  downloads: z.record(z.string(), z.string()),
});
export type CallCompleted = z.infer<typeof callCompletedSchema>;

/** Numbered events: every socket of the call gets the same `seq`. */
export const callEventSchemas = {
  transcript_update: transcriptUpdateSchema,
  objection_detected: objectionDetectedSchema,
  suggestion_ready: suggestionReadySchema,
  insight: insightSchema,
  coach_changed: coachChangedSchema,
  status: statusSchema,
  call_completed: callCompletedSchema,
} as const;
export type CallEventType = keyof typeof callEventSchemas;
export type CallEventPayloads = { [T in CallEventType]: z.infer<(typeof callEventSchemas)[T]> };
export type CallEvent = { [T in CallEventType]: { type: T; data: CallEventPayloads[T] } }[CallEventType];

export const sessionStartedSchema = z.object({
  call_id: callIdSchema,
  state: callStateSchema,
  role: connectionRoleSchema,
  next_sample: z.int().nonnegative(),
  last_seq: z.int().nonnegative(),
  sample_rate: sampleRateSchema,
  channels: z.union([z.literal(1), z.literal(2)]),
  stereo_layout: stereoLayoutSchema,
  language: languageSchema,
  transcriber: transcriberSchema,
  coach_enabled: z.boolean(),
  protocol: z.literal(protocolVersion),
  message: z.string(),
  timestamp: z.iso.datetime(),
});
export type SessionStarted = z.infer<typeof sessionStartedSchema>;

const socketErrorSchema = z.object({
  call_id: z.string(),
  code: errorCodeSchema,
  message: z.string(),
  retryable: z.boolean(),
  next_sample: z.int().nonnegative().optional(),
  /** On the last error before the server closes: the WebSocket close code, on Socket.IO too. */
  close_code: z.int().optional(),
});

/** Events of one connection: no `seq`, never replayed. */
export const connectionEventSchemas = {
  session_started: sessionStartedSchema,
  audio_ack: z.object({ call_id: callIdSchema, next_sample: z.int().nonnegative() }),
  ping: z.object({ call_id: z.string(), timestamp: z.iso.datetime() }),
  pong: z.object({ call_id: z.string(), timestamp: z.iso.datetime() }),
  error: socketErrorSchema,
} as const;
export type ConnectionEventType = keyof typeof connectionEventSchemas;
export type ConnectionEvent = {
  [T in ConnectionEventType]: { type: T; data: z.infer<(typeof connectionEventSchemas)[T]> };
}[ConnectionEventType];

export type ServerMessage = CallEvent | ConnectionEvent;
