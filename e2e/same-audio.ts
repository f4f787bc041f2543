import type { APIRequestContext } from "@playwright/test";
import { io } from "socket.io-client";
import { plainWords } from "../eval/alignment.ts";
import type { RunningServer } from "../bin/running-server.ts";
import { audioAckSchema } from "../lib/contract/client-messages.ts";
import { sessionStartReplySchema, type CallReply } from "../lib/contract/rest.ts";
import { readWav } from "../lib/recording/wav-reader.ts";
import { expect, storedCall } from "./product.ts";

const sampleRateHz = 16_000;
const sampleBytes = 4;

/** Both channels of a call's recording, interleaved as they were captured. */
export async function downloadedAudio(
  request: APIRequestContext,
  server: Pick<RunningServer, "url">,
  callId: string,
): Promise<Buffer> {
  const [mic, loop] = await Promise.all(
    ["mic", "loop"].map(async (channel) => {
      const reply = await request.get(`${server.url}/calls/${callId}/audio/${channel}.wav`);
      expect(reply.status()).toBe(200);
      return readWav(await reply.body()).pcm;
    }),
  );
  if (mic === undefined || loop === undefined) throw new Error("a channel is missing");
  const both = Buffer.alloc(mic.length + loop.length);
  for (let byte = 0; byte < mic.length; byte += 2) {
    both.set(mic.subarray(byte, byte + 2), byte * 2);
    both.set(loop.subarray(byte, byte + 2), byte * 2 + 2);
  }
  return both;
}

/** The same audio as a call of its own over a connection that holds, faster than real time. */
export async function uninterrupted(
  request: APIRequestContext,
  server: RunningServer,
  pcm: Buffer,
): Promise<CallReply> {
  const reply = await request.post(`${server.url}/session/start`, {
    data: { language: "es", audio_mode: "stereo", sample_rate: sampleRateHz },
  });
  const call = sessionStartReplySchema.parse(await reply.json());
  const socket = io(server.url, {
    path: call.socket.path,
    transports: ["websocket"],
    auth: { call_id: call.call_id, token: call.token },
  });
  try {
    await new Promise((resolve) => socket.once("session_started", resolve));
    socket.emit("start_transcription", {});
    const secondBytes = sampleRateHz * sampleBytes;
    for (let from = 0; from < pcm.length; from += secondBytes) {
      const ack: unknown = await socket.emitWithAck(
        "audio",
        from / sampleBytes,
        pcm.subarray(from, from + secondBytes),
      );
      expect(audioAckSchema.parse(ack).ok).toBe(true);
    }
    const completed = new Promise((resolve) => socket.once("call_completed", resolve));
    socket.emit("stop_transcription", {});
    await completed;
  } finally {
    socket.disconnect();
  }
  return storedCall(request, server, call.call_id);
}

/** What a speaker said, in order, as words without case, accents and punctuation. */
export function wordsOf(call: CallReply, speaker: 0 | 1): string[] {
  return call.segments
    .filter((segment) => segment.speaker === speaker)
    .flatMap((segment) => plainWords(segment.text));
}
