import { createHash } from "node:crypto";
import { CallError } from "../../../lib/call/errors.ts";
import { readWav } from "../../../lib/recording/wav-reader.ts";
import { alternativeOf, metadataOf } from "./listen-messages.ts";
import { refusals, type ListenRequest, type Refusal } from "./listen-query.ts";
import { outputChannels, type HeardWord, type WordSources } from "./word-source.ts";

export interface RecordedListen {
  readonly request: ListenRequest;
  readonly requestId: string;
  /** WAV, or raw samples where the query says how they are encoded. */
  readonly body: Buffer;
  readonly words: WordSources;
}

/** What is written to the source at a time: the recogniser's supervisor holds no whole files. */
const chunkBytes = 64_000;
/** Without this much of a pause, words are one utterance. */
const utterancePauseMs = 800;

/** `POST /v1/listen`: the answer, or why there is none. */
export async function transcribeRecorded(
  listen: RecordedListen,
): Promise<Refusal | Readonly<Record<string, unknown>>> {
  const audio = audioOf(listen);
  if (audio === null) {
    return refusals.badRequest("failed to process audio: corrupt or unsupported data");
  }
  const { pcm, request } = audio;
  const createdMs = Date.now();
  const source = listen.words.open(request, () => undefined);
  try {
    for (let at = 0; at < pcm.byteLength; at += chunkBytes) source.write(pcm.subarray(at, at + chunkBytes));
    await source.flush();
    const channels = Array.from({ length: outputChannels(request) }, (_, channel) =>
      source.words(channel, 0),
    );
    const durationMs = (pcm.byteLength / (2 * request.channels * request.sampleRateHz)) * 1000;
    const sha256 = createHash("sha256").update(listen.body).digest("hex");
    return {
      metadata: metadataOf({ request, requestId: listen.requestId, sha256, durationMs, createdMs }),
      results: {
        channels: channels.map((words) => ({ alternatives: [alternativeOf(words, 0, request, "file")] })),
        ...(request.utterances
          ? { utterances: channels.flatMap((words, channel) => utterancesOf(words, channel, request)) }
          : {}),
      },
    };
  } finally {
    source.close();
  }
}

function audioOf({ body, request }: RecordedListen): { pcm: Uint8Array; request: ListenRequest } | null {
  if (request.encoding !== null) {
    const frameBytes = 2 * request.channels;
    return { pcm: body.subarray(0, body.byteLength - (body.byteLength % frameBytes)), request };
  }
  try {
    const { format, pcm } = readWav(body);
    return { pcm, request: { ...request, sampleRateHz: format.sampleRateHz, channels: format.channels } };
  } catch (error) {
    if (error instanceof CallError) return null;
    throw error;
  }
}

function utterancesOf(
  words: readonly HeardWord[],
  channel: number,
  request: ListenRequest,
): Readonly<Record<string, unknown>>[] {
  const utterances: HeardWord[][] = [];
  for (const word of words) {
    const last = utterances.at(-1);
    const before = last?.at(-1);
    if (last === undefined || before === undefined || word.startMs - before.endMs >= utterancePauseMs) {
      utterances.push([word]);
    } else last.push(word);
  }
  return utterances.map((said, index) => ({
    start: (said[0]?.startMs ?? 0) / 1000,
    end: (said.at(-1)?.endMs ?? 0) / 1000,
    channel,
    id: `${channel}-${index}`,
    ...alternativeOf(said, 0, request, "file"),
  }));
}
