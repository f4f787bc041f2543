import type { ChannelMessage } from "./channel-segmenter.ts";
import type { ListenRequest } from "./listen-query.ts";
import { outputChannels, type HeardWord } from "./word-source.ts";

const nova3Id = "40bd3654-e622-47c4-a111-63a61b23bfe8";

/** As the service gives them: the shortest digits of a 32-bit float. */
export function float32(value: number): number {
  const nearest = Math.fround(value);
  for (const digits of [6, 7, 8]) {
    const short = Number(nearest.toPrecision(digits));
    if (Math.fround(short) === nearest) return short;
  }
  return Number(nearest.toPrecision(9));
}

/** Times are summed up in 32 bits, so that 0.4 is now and then 0.39999998. */
function secondsAfter(startMs: number, ms: number): number {
  return float32(Math.fround(startMs / 1000) + Math.fround((ms - startMs) / 1000));
}

function plain(text: string): string {
  const letters = text.toLowerCase().replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}%]+$/gu, "");
  return letters === "" ? text : letters;
}

function modelInfo(model: string): Readonly<Record<string, string>> {
  const [family = model, kind = "general"] = model.split(/-(?=[a-z]+$)/u);
  return { name: `${kind}-${family}`, version: "2025-04-17.21547", arch: family };
}

/** `file`: with what only recorded audio has. */
export function alternativeOf(
  words: readonly HeardWord[],
  startMs: number,
  request: ListenRequest,
  kind: "live" | "file",
): Readonly<Record<string, unknown>> {
  const written = words.map((word) => ({
    word: plain(word.text),
    start: secondsAfter(startMs, word.startMs),
    end: secondsAfter(startMs, word.endMs),
    confidence: float32(word.confidence),
    ...(request.language === "multi" ? { language: word.language } : {}),
    ...(request.punctuated ? { punctuated_word: word.text } : {}),
    ...(request.diarize ? { speaker: word.voice } : {}),
    ...(request.diarize && kind === "file" ? { speaker_confidence: 0.8 } : {}),
  }));
  const sum = words.reduce((total, word) => total + word.confidence, 0);
  return {
    transcript: written.map((word) => word.punctuated_word ?? word.word).join(" "),
    confidence: words.length === 0 ? 0 : float32(sum / words.length),
    ...(request.language === "multi" && words.length > 0 ? { languages: languagesOf(words) } : {}),
    words: written,
  };
}

/** Most spoken first. */
function languagesOf(words: readonly HeardWord[]): string[] {
  const counts = new Map<string, number>();
  for (const { language } of words) counts.set(language, (counts.get(language) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([language]) => language);
}

export function resultFrame(
  message: Extract<ChannelMessage, { type: "result" }>,
  channel: number,
  request: ListenRequest,
  requestId: string,
): string {
  return JSON.stringify({
    type: "Results",
    channel_index: [channel, outputChannels(request)],
    duration: float32((message.endMs - message.startMs) / 1000),
    start: float32(message.startMs / 1000),
    is_final: message.isFinal,
    speech_final: message.speechFinal,
    from_finalize: message.fromFinalize,
    channel: { alternatives: [alternativeOf(message.words, message.startMs, request, "live")] },
    metadata: { request_id: requestId, model_info: modelInfo(request.model), model_uuid: nova3Id },
  });
}

export function utteranceEndFrame(lastWordEndMs: number | null, channel: number, channels: number): string {
  const lastWordEnd = lastWordEndMs === null ? -1 : float32(lastWordEndMs / 1000);
  return JSON.stringify({ type: "UtteranceEnd", channel: [channel, channels], last_word_end: lastWordEnd });
}

export function speechStartedFrame(atMs: number, channel: number, channels: number): string {
  return JSON.stringify({
    type: "SpeechStarted",
    channel: [channel, channels],
    timestamp: float32(atMs / 1000),
  });
}

export function errorFrame(variant: string, description: string): string {
  return JSON.stringify({ type: "Error", variant, description, message: description });
}

export interface ListenSummary {
  readonly request: ListenRequest;
  readonly requestId: string;
  readonly sha256: string;
  readonly durationMs: number;
  readonly createdMs: number;
}

export function metadataOf(summary: ListenSummary): Readonly<Record<string, unknown>> {
  const { request } = summary;
  return {
    transaction_key: "deprecated",
    request_id: summary.requestId,
    sha256: summary.sha256,
    created: new Date(summary.createdMs).toISOString(),
    duration: float32(summary.durationMs / 1000),
    channels: outputChannels(request),
    models: [nova3Id],
    model_info: { [nova3Id]: modelInfo(request.model) },
    ...(request.tags.length === 0 ? {} : { tags: request.tags }),
  };
}

export function metadataFrame(summary: ListenSummary): string {
  return JSON.stringify({ type: "Metadata", ...metadataOf(summary) });
}
