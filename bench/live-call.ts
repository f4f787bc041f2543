import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { frameBytes } from "../lib/call/audio-axis.ts";
import type { ServerMessage } from "../lib/contract/events.ts";
import { sessionStartReplySchema, type SessionStartRequest } from "../lib/contract/rest.ts";
import { readWav } from "../lib/recording/wav-reader.ts";

export interface HeardEvent {
  readonly message: ServerMessage;
  /** Milliseconds after the first sample was spoken, on the client's clock. */
  readonly atMs: number;
}

const frameMs = 100;

/**
 * Plays a recorded call over `/ws` in real time, as a browser would: a frame leaves when its last sample has been
 * spoken. Resolves with every event and when it came, in milliseconds of call time.
 */
export async function playLive(
  serverUrl: string,
  callFolder: string,
  request: SessionStartRequest,
): Promise<{ callId: string; events: HeardEvent[] }> {
  const wav = readWav(await readFile(join(callFolder, "call.wav")));
  const reply = await fetch(`${serverUrl}/session/start`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...request, sample_rate: wav.format.sampleRateHz }),
  });
  if (!reply.ok) throw new Error(`POST /session/start: ${reply.status} ${await reply.text()}`);
  const session = sessionStartReplySchema.parse(await reply.json());
  const socket = new WebSocket(session.ws_url, { perMessageDeflate: false });
  const events: HeardEvent[] = [];
  let startedMs = 0;
  let onCompleted = (): void => undefined;
  const completed = new Promise<void>((resolve, reject) => {
    onCompleted = resolve;
    socket.once("close", (code) => {
      reject(new Error(`the socket closed with ${code} before the call was completed`));
    });
  });
  socket.on("message", (frame: Buffer) => {
    const message = JSON.parse(frame.toString("utf8")) as ServerMessage;
    events.push({ message, atMs: performance.now() - startedMs });
    if (message.type === "call_completed") onCompleted();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => {
      resolve();
    });
    socket.once("error", reject);
  });
  socket.send(JSON.stringify({ type: "start_transcription" }));
  const bytes = Math.round((wav.format.sampleRateHz * frameMs) / 1000) * frameBytes(wav.format);
  startedMs = performance.now();
  for (let at = 0, frames = 1; at < wav.pcm.byteLength; at += bytes, frames += 1) {
    await sleep(Math.max(0, startedMs + frames * frameMs - performance.now()));
    socket.send(wav.pcm.subarray(at, at + bytes));
  }
  socket.send(JSON.stringify({ type: "stop_transcription" }));
  await completed;
  socket.close();
  return { callId: session.call_id, events };
}
