import { setTimeout as sleep } from "node:timers/promises";
import { frameBytes } from "../lib/call/audio-axis.ts";
import type { CallRegistry } from "../lib/call/call-registry.ts";
import type { ServerMessage } from "../lib/contract/events.ts";
import type { SessionStartRequest } from "../lib/contract/rest.ts";
import type { WavAudio } from "../lib/recording/wav-reader.ts";

const frameMs = 100;

/** Plays audio through a call of its own, as a host would; resolves with its id when it is completed. */
export async function playCall(
  registry: CallRegistry,
  audio: WavAudio,
  options: {
    readonly request: SessionStartRequest;
    /** 1 is real time; null: as fast as it is taken. */
    readonly speed: number | null;
    readonly onMessage?: (message: ServerMessage) => void;
  },
): Promise<string> {
  const { format, pcm } = audio;
  const { callId } = await registry.start({
    ...options.request,
    audio_mode: format.channels === 2 ? "stereo" : "mono",
    sample_rate: format.sampleRateHz,
  });
  const seat = await registry.join({
    callId,
    role: "host",
    outlet: { send: (message) => options.onMessage?.(message), caughtUp: () => null, close: () => undefined },
  });
  await seat.start(undefined);
  const bytes = Math.round((format.sampleRateHz * frameMs) / 1000) * frameBytes(format);
  const startedMs = performance.now();
  for (let at = 0, frames = 1; at < pcm.byteLength; at += bytes, frames += 1) {
    await seat.audio(null, pcm.subarray(at, at + bytes));
    if (options.speed === null) continue;
    const waitMs = startedMs + (frames * frameMs) / options.speed - performance.now();
    if (waitMs > 0) await sleep(waitMs);
  }
  await seat.stop();
  return callId;
}
