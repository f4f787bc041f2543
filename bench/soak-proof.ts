import { WebSocket } from "ws";
import type { ServerMessage } from "../lib/contract/events.ts";
import { readWav } from "../lib/recording/wav-reader.ts";
import { soundAt, type SoakCaller } from "./soak-caller.ts";

const replayWithinMs = 30_000;
const downloadWithinMs = 60_000;
const sampleRateHz = 16_000;

export interface SoakProof {
  readonly audioSeconds: number;
  /** Acknowledged and not there, or not what was sent. */
  readonly lostSamples: number;
  readonly checkedEvents: number;
  readonly lostEvents: number;
  readonly problems: readonly string[];
}

/** What the server has of a completed call against what its caller sent and was told. */
export async function proveCall(url: string, caller: SoakCaller): Promise<SoakProof> {
  const problems = caller.faults.map((fault) => `${caller.callId}: ${fault}`);
  if (!caller.ended) problems.push(`${caller.callId} was not completed: ${caller.story()}`);
  const stored = await replay(url, caller.callId);
  if (!stored.closed) problems.push(`${caller.callId}: its replay did not end`);
  const lasting = caller.lasting();
  const lostEvents = lasting.filter(
    (event) => stored.events.get(event.data.seq) !== JSON.stringify(event),
  ).length;
  let audioSeconds = 0;
  let lostSamples = 0;
  for (const [view, channel] of [
    ["mic", 0],
    ["loop", 1],
  ] as const) {
    const reply = await download(`${url}/calls/${caller.callId}/audio/${view}.wav`);
    if (reply.status !== 200) {
      problems.push(`${caller.callId}: ${view}.wav is ${reply.status} ${(await reply.text()).slice(0, 200)}`);
      // A call without audio is deleted when it ends.
      if (reply.status !== 404 || caller.durable > 0) lostSamples += caller.durable;
      continue;
    }
    const { pcm } = readWav(new Uint8Array(await reply.arrayBuffer()));
    const samples = pcm.byteLength / 2;
    const missing = Math.max(0, caller.durable - samples);
    const wrong = differing(pcm, caller.seed, channel);
    if (missing + wrong.samples > 0) {
      problems.push(
        `${caller.callId}: ${view}.wav lacks ${missing} of ${caller.durable} samples, ${wrong.samples} are wrong, the first at ${wrong.first}; refused: ${caller.refusals.join(", ")}`,
      );
    }
    lostSamples += missing + wrong.samples;
    if (channel === 0) audioSeconds += samples / sampleRateHz;
  }
  return { audioSeconds, lostSamples, checkedEvents: lasting.length, lostEvents, problems };
}

/** Comparing takes seconds, in which the server may close a connection that `fetch` meant to use again. */
async function download(url: string): Promise<Response> {
  const ask = (): Promise<Response> => fetch(url, { signal: AbortSignal.timeout(downloadWithinMs) });
  return await ask().catch(() =>
    ask().catch((error: unknown) => new Response(String(error), { status: 599 })),
  );
}

function differing(
  pcm: Uint8Array,
  seed: number,
  channel: 0 | 1,
): { readonly samples: number; readonly first: number } {
  const samples = pcm.byteLength / 2;
  const got = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  let wrong = 0;
  let firstWrong = -1;
  // Piece by piece: a call of hours is not made again as a whole.
  for (let first = 0; first < samples; first += sampleRateHz) {
    const count = Math.min(sampleRateHz, samples - first);
    const sent = soundAt(seed, first, count);
    for (let index = 0; index < count; index += 1) {
      const at = (first + index) * 2;
      if (got.getInt16(at, true) === sent.readInt16LE(index * 4 + channel * 2)) continue;
      if (wrong === 0) firstWrong = first + index;
      wrong += 1;
    }
  }
  return { samples: wrong, first: firstWrong };
}

/** Every numbered event that the server says of a call; it closes a completed one itself. */
async function replay(
  url: string,
  callId: string,
): Promise<{ readonly events: ReadonlyMap<number, string>; readonly closed: boolean }> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws/${callId}`, { perMessageDeflate: false });
  const events = new Map<number, string>();
  const closed = await new Promise<boolean>((resolve) => {
    const patience = setTimeout(() => {
      resolve(false);
      socket.terminate();
    }, replayWithinMs);
    socket.on("open", () => {
      socket.send('{"type":"start_transcription","data":{"after_seq":0}}');
    });
    socket.on("message", (bytes: Buffer) => {
      const message = JSON.parse(bytes.toString("utf8")) as ServerMessage;
      if ("seq" in message.data) events.set(message.data.seq, JSON.stringify(message));
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(patience);
      resolve(true);
    });
  });
  return { events, closed };
}
