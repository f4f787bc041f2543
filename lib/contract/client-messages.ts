import { z } from "zod";

/** Unknown keys in socket messages are ignored, so these are plain objects, not strict ones. */
export const clientMessageSchemas = {
  start_transcription: z.object({ after_seq: z.int().nonnegative().optional() }),
  stop_transcription: z.object({}),
  toggle_coach: z.object({ enabled: z.boolean() }),
  /** Mono with voices told apart: this one is the rep's. */
  choose_voice: z.object({ voice: z.int().nonnegative().max(999) }),
  audio_lost: z.object({
    first_sample: z.int().nonnegative(),
    samples: z.int().positive(),
    reason: z.string().min(1).max(200),
  }),
  suggestion_feedback: z.object({
    suggestion_id: z.string().min(1).max(64),
    verdict: z.enum(["used", "dismissed", "wrong"]),
  }),
  ping: z.object({}),
  pong: z.object({}),
} as const;

export type ClientMessageType = keyof typeof clientMessageSchemas;
export type ClientMessage = {
  [T in ClientMessageType]: { type: T; data: z.infer<(typeof clientMessageSchemas)[T]> };
}[ClientMessageType];

/** Messages whose `data` may be left out. */
export const messagesWithoutRequiredData: ReadonlySet<ClientMessageType> = new Set<ClientMessageType>([
  "start_transcription",
  "stop_transcription",
  "ping",
  "pong",
]);

/** Messages an observer may send; all others are the host's. */
export const observerMessages: ReadonlySet<ClientMessageType> = new Set<ClientMessageType>([
  "start_transcription",
  "ping",
  "pong",
]);

export const feedbackVerdictSchema = clientMessageSchemas.suggestion_feedback.shape.verdict;
export type FeedbackVerdict = z.infer<typeof feedbackVerdictSchema>;

const refusalSchema = z.object({
  ok: z.literal(false),
  error: z.object({
    code: z.string(),
    message: z.string(),
    retryable: z.boolean(),
    next_sample: z.int().nonnegative().optional(),
  }),
});

/** What Socket.IO answers to `emit("audio", first_sample, ArrayBuffer, ack)`. */
export const audioAckSchema = z.union([
  z.object({ ok: z.literal(true), next_sample: z.int().nonnegative() }),
  refusalSchema,
]);
export type AudioAck = z.infer<typeof audioAckSchema>;

/** What Socket.IO answers to any other message that asks for an answer. */
export const messageAckSchema = z.union([z.object({ ok: z.literal(true) }), refusalSchema]);
export type MessageAck = z.infer<typeof messageAckSchema>;
