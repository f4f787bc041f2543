import { z } from "zod";

const seconds = z.number();
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
const channelIndex = z.array(z.int().nonnegative()).min(1);

const wordSchema = z.object({
  word: z.string(),
  start: seconds,
  end: seconds,
  confidence: z.number().nullish(),
  punctuated_word: z.string().nullish(),
  speaker: z.int().nonnegative().nullish(),
  language: z.string().nullish(),
});
export type ServiceWord = z.infer<typeof wordSchema>;

const alternativeSchema = z.object({
  transcript: z.string(),
  confidence: z.number().nullish(),
  words: z
    .array(wordSchema)
    .nullish()
    .transform((words) => words ?? []),
});

/**
 * What the service sends that matters here; the rest of a message, and every other message, is left alone. What may
 * be absent may be null as well: a message that is not understood is words that are lost.
 */
const listenMessageSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("Results"),
    channel_index: channelIndex,
    start: seconds,
    duration: seconds,
    is_final: flag,
    speech_final: flag,
    from_finalize: flag,
    channel: z.object({ alternatives: z.array(alternativeSchema) }),
  }),
  z.object({ type: z.literal("UtteranceEnd"), channel: channelIndex, last_word_end: seconds }),
  z.object({ type: z.literal("Metadata"), request_id: z.string().nullish() }),
  z.object({
    type: z.literal("Error"),
    description: z.string().nullish(),
    message: z.string().nullish(),
    variant: z.string().nullish(),
  }),
]);
export type ListenMessage = z.infer<typeof listenMessageSchema>;
export type ListenResults = Extract<ListenMessage, { type: "Results" }>;

/** Null for what is not one of the messages above. */
export function parseListenMessage(message: unknown): ListenMessage | null {
  return listenMessageSchema.safeParse(message).data ?? null;
}

const recordedSchema = z.object({
  results: z.object({ channels: z.array(z.object({ alternatives: z.array(alternativeSchema) })) }),
});

/** The words of recorded audio, by channel. Throws when the reply is not one. */
export function parseRecordedWords(reply: unknown): readonly (readonly ServiceWord[])[] {
  const { results } = recordedSchema.parse(reply);
  return results.channels.map(({ alternatives }) => alternatives[0]?.words ?? []);
}
