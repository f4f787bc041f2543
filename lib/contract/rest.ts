import { z } from "zod";
import { feedbackVerdictSchema } from "./client-messages.ts";
import { errorCodeSchema } from "./error-codes.ts";
import {
  conductSchema,
  detectionSourceSchema,
  evidenceSchema,
  objectionStatusSchema,
  signalKinds,
  wordSchema,
} from "./events.ts";
import { summarySchema } from "./summary.ts";
import {
  auditActionSchema,
  audioModeSchema,
  callIdSchema,
  callStateSchema,
  completionReasonSchema,
  languageSchema,
  objectionTypeSchema,
  sampleRateSchema,
  speakerSchema,
  stereoLayoutSchema,
  transcriberSchema,
} from "./vocabulary.ts";

export const customerSchema = z.strictObject({
  name: z.string().max(200).optional(),
  company: z.string().max(200).optional(),
});
export type Customer = z.infer<typeof customerSchema>;

export const consentSchema = z.strictObject({
  obtained: z.boolean(),
  method: z.string().max(100).optional(),
  note: z.string().max(1000).optional(),
});
export type Consent = z.infer<typeof consentSchema>;

/** What is kept of it: when it was confirmed, and by whom (`local`: at a server without sign-in). */
export const recordedConsentSchema = z.object({
  ...consentSchema.shape,
  at: z.iso.datetime(),
  by: z.string(),
});
export type RecordedConsent = z.infer<typeof recordedConsentSchema>;

/** Body of `POST /session/start`; every field optional, unknown ones refused by name. */
export const sessionStartRequestSchema = z.strictObject({
  language: languageSchema.optional(),
  audio_mode: audioModeSchema.optional(),
  stereo_layout: stereoLayoutSchema.optional(),
  sample_rate: sampleRateSchema.optional(),
  coach_enabled: z.boolean().optional(),
  transcriber: z.enum(["auto", "embedded", "deepgram"]).optional(),
  title: z.string().max(200).optional(),
  customer: customerSchema.optional(),
  playbook: z.string().min(1).max(100).optional(),
  consent: consentSchema.optional(),
});
export type SessionStartRequest = z.infer<typeof sessionStartRequestSchema>;

export const sessionStartReplySchema = z.object({
  call_id: callIdSchema,
  ws_url: z.url(),
  status: z.literal("started"),
  token: z.string(),
  expires_at: z.iso.datetime(),
  socket: z.object({ path: z.string() }),
});
export type SessionStartReply = z.infer<typeof sessionStartReplySchema>;

export const tokenRequestSchema = z.strictObject({ role: z.literal("observer") });
export const tokenReplySchema = z.object({
  token: z.string(),
  expires_at: z.iso.datetime(),
  ws_url: z.url(),
});

export const callListQuerySchema = z.strictObject({
  q: z.string().max(200).optional(),
  from: z.iso.datetime({ offset: true }).or(z.iso.date()).optional(),
  to: z.iso.datetime({ offset: true }).or(z.iso.date()).optional(),
  objection: objectionTypeSchema.optional(),
  status: callStateSchema.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(200).optional(),
});
export type CallListQuery = z.infer<typeof callListQuerySchema>;

export const callListItemSchema = z.object({
  call_id: callIdSchema,
  title: z.string(),
  customer: customerSchema,
  started_at: z.iso.datetime(),
  ended_at: z.iso.datetime().nullable(),
  duration_ms: z.int().nonnegative(),
  status: callStateSchema,
  language: languageSchema,
  transcriber: transcriberSchema,
  segments: z.int().nonnegative(),
  objections: z.partialRecord(objectionTypeSchema, z.int().positive()),
  /** Who started it, on a server where people sign in. */
  owner: z.object({ name: z.string() }).optional(),
});
export type CallListItem = z.infer<typeof callListItemSchema>;

export const callListReplySchema = z.object({
  calls: z.array(callListItemSchema),
  next_cursor: z.string().nullable(),
});
export type CallListReply = z.infer<typeof callListReplySchema>;

export const callPatchSchema = z.strictObject({
  title: z.string().max(200).optional(),
  customer: customerSchema.optional(),
  notes: z.string().max(20_000).optional(),
});
export type CallPatch = z.infer<typeof callPatchSchema>;

export const lostAudioSchema = z.object({
  first_sample: z.int().nonnegative(),
  samples: z.int().positive(),
  ts_ms: z.int().nonnegative(),
  end_ms: z.int().nonnegative(),
  reason: z.string(),
});
export type LostAudio = z.infer<typeof lostAudioSchema>;

export const audioMarkSchema = z.object({ sample: z.int().nonnegative(), wall_clock: z.iso.datetime() });
export type AudioMark = z.infer<typeof audioMarkSchema>;

const callMetadataSchema = z.object({
  call_id: callIdSchema,
  start_time: z.iso.datetime(),
  end_time: z.iso.datetime().nullable(),
  duration_ms: z.int().nonnegative(),
  exported_at: z.iso.datetime(),
  title: z.string(),
  customer: customerSchema,
  language: languageSchema,
  transcriber: transcriberSchema,
  audio_mode: audioModeSchema,
  stereo_layout: stereoLayoutSchema,
  sample_rate: sampleRateSchema,
  completion_reason: completionReasonSchema.nullable(),
  consent: recordedConsentSchema.nullable(),
  lost_audio: z.array(lostAudioSchema),
  audio_marks: z.array(audioMarkSchema),
  /** What its suggestions were taken from; the version is null for calls that did not note it. */
  playbook: z.object({ name: z.string(), version: z.int().positive().nullable() }).nullable(),
});

export const exportedSegmentSchema = z.object({
  segment_id: z.string(),
  revision: z.int().positive(),
  speaker: speakerSchema,
  speaker_name: z.string(),
  /** The engine's own number of the voice, where it tells voices apart in mono. */
  voice: z.int().optional(),
  ts_ms: z.int().nonnegative(),
  end_ms: z.int().nonnegative(),
  text: z.string(),
  confidence: z.number().nullable(),
  is_final: z.boolean(),
  /** `mm:ss` from the start of the call (`h:mm:ss` from one hour on). */
  timestamp: z.string(),
  words: z.array(wordSchema),
  objection_type: objectionTypeSchema.nullable(),
  suggestion_text: z.string().nullable(),
});
export type ExportedSegment = z.infer<typeof exportedSegmentSchema>;

export const exportedObjectionSchema = z.object({
  objection_id: z.string(),
  segment_id: z.string(),
  speaker: speakerSchema,
  ts_ms: z.int().nonnegative(),
  type: objectionTypeSchema,
  text: z.string(),
  evidence: z.array(evidenceSchema),
  confidence: z.number(),
  source: detectionSourceSchema,
  status: objectionStatusSchema,
  repeat_of: z.string().nullable(),
  latency_ms: z.number().nonnegative(),
});
export type ExportedObjection = z.infer<typeof exportedObjectionSchema>;

export const exportedSuggestionSchema = z.object({
  suggestion_id: z.string(),
  objection_id: z.string(),
  ts_ms: z.int().nonnegative(),
  type: objectionTypeSchema,
  text: z.string(),
  source: z.enum(["playbook", "llm"]),
  playbook_entry: z.string().nullable(),
  status: z.enum(["partial", "final", "withdrawn"]),
  latency_ms: z.number().nonnegative(),
  feedback: feedbackVerdictSchema.nullable(),
  /** The segment in which the rep was heard saying it, and how alike it was, 0 to 1. */
  said: z.object({ segment_id: z.string(), similarity: z.number().min(0).max(1) }).nullable(),
});
export type ExportedSuggestion = z.infer<typeof exportedSuggestionSchema>;

/** A signal of the call as its last event told it. */
export const exportedSignalSchema = z.object({
  insight_id: z.string(),
  kind: z.enum(signalKinds),
  segment_id: z.string(),
  speaker: speakerSchema,
  ts_ms: z.int().nonnegative(),
  text: z.string(),
  evidence: z.array(evidenceSchema),
  status: z.enum(["noted", "open", "answered"]),
  term: z.string().nullable(),
  when: z.string().nullable(),
  answered_by: z.string().nullable(),
});
export type ExportedSignal = z.infer<typeof exportedSignalSchema>;

/** `transcript.json`. */
export const transcriptDocumentSchema = z.object({
  call_metadata: callMetadataSchema,
  segments: z.array(exportedSegmentSchema),
  objections: z.array(exportedObjectionSchema),
  suggestions: z.array(exportedSuggestionSchema),
  /** Buying signals, commitments, questions left unanswered, mentions; in order of `ts_ms`. */
  insights: z.array(exportedSignalSchema),
  /** Null: the sides of the call are not known, or it was not coached. */
  conduct: conductSchema.nullable(),
  summary: summarySchema,
});
export type TranscriptDocument = z.infer<typeof transcriptDocumentSchema>;

const modelUsageSchema = z.object({
  requests: z.int().nonnegative(),
  /** As the server counts them. */
  prompt_tokens: z.int().nonnegative(),
  completion_tokens: z.int().nonnegative(),
  /** Requests of which no tokens were told: left early, or to a server that does not count. */
  unmetered: z.int().nonnegative(),
});

/** `GET /calls/{id}`: what `transcript.json` holds, and the state of the call. */
export const callReplySchema = transcriptDocumentSchema.extend({
  status: callStateSchema,
  next_sample: z.int().nonnegative(),
  notes: z.string(),
  coach_enabled: z.boolean(),
  consent: recordedConsentSchema.nullable(),
  /** Seconds of audio times channels that a transcription service bills; 0 for what this machine does. */
  billed_seconds: z.number().nonnegative(),
  /** What asking a language model about the call has cost, counted; null where none was asked. */
  language_model: modelUsageSchema.nullable(),
});
export type CallReply = z.infer<typeof callReplySchema>;

/** Body of `POST /sign-in`; a page sends the same as a form. */
export const signInRequestSchema = z.strictObject({
  name: z.string().max(200),
  password: z.string().max(1000),
});
export const signInReplySchema = z.object({ name: z.string(), role: z.enum(["rep", "manager"]) });
export type SignInReply = z.infer<typeof signInReplySchema>;

export const auditQuerySchema = z.strictObject({
  call_id: callIdSchema.optional(),
  since: z.iso.datetime({ offset: true }).or(z.iso.date()).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
});
export type AuditListQuery = z.infer<typeof auditQuerySchema>;

/** Entries newest first; those of a call stay when the call is gone. */
export const auditListReplySchema = z.object({
  entries: z.array(
    z.object({
      id: z.int().positive(),
      at: z.iso.datetime(),
      /** `bearer`: came with a call token issued to `id`. `system`: the product itself. */
      by: z.object({
        id: z.string(),
        name: z.string(),
        role: z.enum(["rep", "manager", "bearer", "system"]),
      }),
      action: auditActionSchema,
      call_id: callIdSchema.nullable(),
      detail: z.record(z.string(), z.string()),
    }),
  ),
  next_cursor: z.string().nullable(),
});
export type AuditListReply = z.infer<typeof auditListReplySchema>;

export const coachToggleReplySchema = z.object({ coach_enabled: z.boolean() });

export const healthReplySchema = z.object({
  ok: z.boolean(),
  version: z.string(),
  sessions_active: z.int().nonnegative(),
});
export const readinessReplySchema = z.object({ ok: z.boolean(), missing: z.array(z.string()) });

/** RFC 9457. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: errorCodeSchema,
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;
