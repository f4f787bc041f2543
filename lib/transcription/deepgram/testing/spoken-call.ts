import type { Clock, Logger, Telemetry } from "../../../call/ports.ts";
import type {
  EngineEvent,
  TranscriptionEngine,
  TranscriptionStream,
} from "../../../call/transcription-ports.ts";
import { markAudio } from "../../../../test/stand-ins/deepgram/marked-audio.ts";
import type { ScriptLine } from "../../../../test/stand-ins/deepgram/scripted-words.ts";
import { createDeepgramEngine } from "../../deepgram-engine.ts";
import type { DeepgramSettings } from "../listen-parameters.ts";

export const rateHz = 16_000;
const frameMs = 100;

export const realClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};

/** Keeps what is logged and counted, for tests to look at. */
export class KeptTelemetry implements Telemetry {
  readonly lines: string[] = [];
  readonly counted = new Map<string, number>();
  readonly latencies = new Map<string, number[]>();
  readonly logger: Logger = {
    debug: (fields, message) => this.lines.push(JSON.stringify({ fields, message })),
    info: (fields, message) => this.lines.push(JSON.stringify({ fields, message })),
    warn: (fields, message) => this.lines.push(JSON.stringify({ fields, message })),
    error: (fields, message) => this.lines.push(JSON.stringify({ fields, message })),
    child: () => this.logger,
  };

  count(name: string, by = 1, labels: Readonly<Record<string, string>> = {}): void {
    const key = [name, labels.type ?? labels.reason].filter((part) => part !== undefined).join(" ");
    this.counted.set(key, (this.counted.get(key) ?? 0) + by);
  }

  latency(stage: string, ms: number): void {
    this.latencies.set(stage, [...(this.latencies.get(stage) ?? []), ms]);
  }
}

export const settings: Omit<DeepgramSettings, "baseUrl"> = {
  apiKey: "dg-secret-of-the-test",
  model: "nova-3",
  language: null,
  endpointingMs: null,
  utteranceEndMs: 1000,
  interimResults: true,
  smartFormat: true,
  numerals: true,
  vadEvents: true,
  profanityFilter: false,
  noDelay: false,
  redact: [],
  fallbackAfterSec: 10,
};

export function engineAt(
  url: string,
  kept: KeptTelemetry,
  changes: Partial<DeepgramSettings> = {},
): TranscriptionEngine {
  return createDeepgramEngine({
    settings: { ...settings, baseUrl: new URL(url), ...changes },
    voiceThreshold: null,
    clock: realClock,
    logger: kept.logger,
    telemetry: kept,
  });
}

/** Audio that is loud where the script speaks and silent elsewhere, and that carries its own position. */
export function spokenPcm(lines: readonly ScriptLine[], seconds: number, channels: 1 | 2): Uint8Array {
  const samples = Math.round(seconds * rateHz);
  const pcm = new Int16Array(samples * channels);
  let seed = 1;
  for (const { channel, endMs, startMs } of lines) {
    const until = Math.min(samples, Math.round((endMs * rateHz) / 1000));
    for (let i = Math.round((startMs * rateHz) / 1000); i < until; i++) {
      seed = (seed * 16_807) % 2_147_483_647;
      pcm[i * channels + (channels === 1 ? 0 : channel)] = (seed % 8000) - 4000;
    }
  }
  return markAudio(new Uint8Array(pcm.buffer), channels);
}

export interface CallOptions {
  readonly engine: TranscriptionEngine;
  readonly pcm: Uint8Array;
  readonly channels: 1 | 2;
  readonly language?: "es" | "en" | "multi";
  readonly vadEnabled?: boolean;
  readonly diarize?: boolean;
  readonly keyterms?: readonly string[];
  readonly speed?: number;
  /** The host is away for a while: no audio comes, then it goes on where it was, or the call ends. */
  readonly away?: { readonly fromMs: number; readonly forMs: number };
  readonly onEvent?: (event: EngineEvent, stream: TranscriptionStream) => void;
}

export type Utterance = Extract<EngineEvent, { type: "utterance" }>;

export interface HeardCall {
  /** Everything, with its monotonic time. */
  readonly told: readonly { readonly atMs: number; readonly event: EngineEvent }[];
  readonly begunMs: number;
  readonly finals: readonly Utterance[];
  readonly troubles: readonly Extract<EngineEvent, { type: "trouble" }>[];
  readonly billedSeconds: number;
  /** Finals of the channel in order of time. */
  readonly said: (channel: number) => string;
  readonly failure: unknown;
}

/** Speaks a call into an engine as it would come from a microphone, to its end. */
export async function speak(options: CallOptions): Promise<HeardCall> {
  const { away, channels, engine, pcm, speed = 1 } = options;
  const frameBytes = 2 * channels;
  const told: { readonly atMs: number; readonly event: EngineEvent }[] = [];
  let writtenBytes = 0;
  let consumedSample = 0;
  const stream: TranscriptionStream = engine.open({
    callId: "call_of_the_test",
    language: options.language ?? "es",
    sampleRateHz: rateHz,
    channels,
    firstSample: 0,
    vadEnabled: options.vadEnabled ?? false,
    keyterms: options.keyterms ?? [],
    diarize: options.diarize ?? false,
    readRecording: (first, samples) =>
      Promise.resolve(pcm.slice(first * frameBytes, Math.min(writtenBytes, (first + samples) * frameBytes))),
    onEvent: (event) => {
      told.push({ atMs: performance.now(), event });
      if (event.type === "progress") consumedSample = event.consumedSample;
      options.onEvent?.(event, stream);
    },
  });
  const begunMs = performance.now();
  const step = Math.round((frameMs * rateHz) / 1000) * frameBytes;
  while (writtenBytes < pcm.byteLength) {
    const frame = pcm.subarray(writtenBytes, writtenBytes + step);
    const spokenMs = ((writtenBytes + frame.byteLength) / frameBytes / rateHz) * (1000 / speed);
    const dueMs = spokenMs + (away !== undefined && spokenMs > away.fromMs ? away.forMs : 0);
    await pause(Math.max(0, dueMs - (performance.now() - begunMs)));
    while (writtenBytes / frameBytes - consumedSample > engine.maxAheadSeconds * rateHz) await pause(10);
    stream.write(frame);
    writtenBytes += frame.byteLength;
  }
  const wholeMs = (pcm.byteLength / frameBytes / rateHz) * 1000;
  if (away !== undefined && away.fromMs >= wholeMs) await pause(away.forMs);
  const failure = await stream.finish().then(
    () => null,
    (error: unknown) => error,
  );
  const events = told.map(({ event }) => event);
  const finals = events.filter((event) => event.type === "utterance").filter(({ isFinal }) => isFinal);
  return {
    told,
    begunMs,
    finals,
    troubles: events.filter((event) => event.type === "trouble"),
    billedSeconds: events
      .filter((event) => event.type === "usage")
      .reduce((sum, { billedSeconds }) => sum + billedSeconds, 0),
    said: (channel) =>
      finals
        .filter((final) => final.channel === channel && final.text !== "")
        .sort((a, b) => a.startSample - b.startSample)
        .map(({ text }) => text)
        .join(" "),
    failure,
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
