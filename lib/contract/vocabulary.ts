import { z } from "zod";

/** Ids that may reach disk or database; anything else is unknown before it gets there. */
export const callIdPattern = /^[A-Za-z0-9_-]{8,64}$/;
export const callIdSchema = z.string().regex(callIdPattern);

export const languageSchema = z.enum(["es", "en", "multi"]);
export type Language = z.infer<typeof languageSchema>;

export const audioModeSchema = z.enum(["stereo", "mono"]);
export type AudioMode = z.infer<typeof audioModeSchema>;

/** `LR`: channel 0 is the microphone (rep), channel 1 the loop (prospect). `RL`: the other way round. */
export const stereoLayoutSchema = z.enum(["LR", "RL"]);
export type StereoLayout = z.infer<typeof stereoLayoutSchema>;

/** Samples per second of one channel. */
export const sampleRateSchema = z.int().min(8000).max(48000);

export const objectionTypes = [
  "price",
  "timing",
  "authority",
  "competitor",
  "trust",
  "need",
  "other",
] as const;
export const objectionTypeSchema = z.enum(objectionTypes);
export type ObjectionType = z.infer<typeof objectionTypeSchema>;

/** 0 is the rep, 1 the prospect, null not known, whatever the channel layout. */
export const speakerSchema = z.union([z.literal(0), z.literal(1), z.null()]);
export type Speaker = z.infer<typeof speakerSchema>;

export const speakerRoleSchema = z.enum(["rep", "prospect", "unknown"]);
export type SpeakerRole = z.infer<typeof speakerRoleSchema>;

export function roleOfSpeaker(speaker: Speaker): SpeakerRole {
  return speaker === 0 ? "rep" : speaker === 1 ? "prospect" : "unknown";
}

export const callStateSchema = z.enum(["created", "live", "waiting", "completing", "completed"]);
export type CallState = z.infer<typeof callStateSchema>;

export const completionReasonSchema = z.enum([
  "stopped",
  "abandoned",
  "interrupted",
  "time_limit",
  "shutdown",
]);
export type CompletionReason = z.infer<typeof completionReasonSchema>;

export const connectionRoleSchema = z.enum(["host", "observer"]);
export type ConnectionRole = z.infer<typeof connectionRoleSchema>;

export const transcriberSchema = z.enum(["embedded", "deepgram", "scripted"]);
export type TranscriberName = z.infer<typeof transcriberSchema>;

/** The ways of obtaining consent that have a name in every language; any other text is shown as it is. */
export const consentMethods = ["verbal", "written", "contract", "announcement", "synthetic_voices"] as const;
export type ConsentMethod = (typeof consentMethods)[number];

export function isConsentMethod(method: string): method is ConsentMethod {
  return consentMethods.some((known) => known === method);
}

/** The documents of a call, by the ending of their address. */
export const transcriptFormats = ["txt", "json", "srt", "vtt", "csv", "md"] as const;
export const transcriptFormatSchema = z.enum(transcriptFormats);
export type TranscriptFormat = z.infer<typeof transcriptFormatSchema>;

export const audioChannelViews = ["mix", "mic", "loop"] as const;
export const audioChannelViewSchema = z.enum(audioChannelViews);
export type AudioChannelView = z.infer<typeof audioChannelViewSchema>;

/**
 * What the audit log notes. `listed`: titles, customers and matches of many calls. `hosted`, `observed`: a socket that
 * was sent the words. The rest is what it says.
 */
export const auditActionSchema = z.enum([
  "started",
  "consented",
  "hosted",
  "observed",
  "listed",
  "read",
  "exported",
  "listened",
  "changed",
  "deleted",
  "token_issued",
  "audit_read",
  "playbook_changed",
]);
export type AuditAction = z.infer<typeof auditActionSchema>;

/** WebSocket close codes of the call socket; Socket.IO carries the same in its last `error`. */
export const closeCodes = {
  completed: 1000,
  draining: 1001,
  tooLarge: 1009,
  malformed: 4400,
  token: 4401,
  notAllowed: 4403,
  noSuchCall: 4404,
  silent: 4408,
  takenOver: 4409,
} as const;
export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];

export const protocolVersion = 1;
/** A larger WebSocket frame closes the connection with 1009. */
export const maxFrameBytes = 1024 * 1024;
/** Malformed messages in a row after which the connection is closed with 4400. */
export const maxMalformedInARow = 100;
/** Audio per call that may be held before it is durable. */
export const maxUndurableSeconds = 10;
/** Audio that may be declared lost in one call. */
export const maxLostSeconds = 3600;
