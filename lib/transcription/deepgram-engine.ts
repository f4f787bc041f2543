import type { Clock, Logger, Telemetry } from "../call/ports.ts";
import type { TranscriptionEngine } from "../call/transcription-ports.ts";
import { DeepgramStream } from "./deepgram/deepgram-stream.ts";
import { languagesOf, refusalOf, type DeepgramSettings } from "./deepgram/listen-parameters.ts";

export interface DeepgramEngineOptions {
  readonly settings: DeepgramSettings;
  /** 0 to 1: how far above the noise a voice must be to be sent; null: the engine's own. */
  readonly voiceThreshold: number | null;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  /** From 0 to 1; keeps calls from trying again in step. */
  readonly random?: () => number;
}

/** Streams that an account of the usual kind may have at once; more are refused by the service. */
const maxLiveCalls = 150;

/**
 * Deepgram's Nova-3 over its live endpoint, with everything its settings allow. Gives confidence, word times, and
 * voices and languages where asked; takes key terms.
 */
export function createDeepgramEngine(options: DeepgramEngineOptions): TranscriptionEngine {
  const { settings } = options;
  const streams = new Set<DeepgramStream>();
  return {
    name: "deepgram",
    languages: languagesOf(settings),
    maxAheadSeconds: 10,
    notice: () => null,
    refusal: (language) => refusalOf(settings, language),
    start: () => Promise.resolve(),
    maxLiveCalls: () => maxLiveCalls,
    open: (opened) => {
      const stream = new DeepgramStream({
        ...options,
        opened,
        random: options.random ?? Math.random,
        onClosed: () => {
          streams.delete(stream);
        },
      });
      streams.add(stream);
      return stream;
    },
    close: () => {
      for (const stream of [...streams]) stream.abort();
      return Promise.resolve();
    },
  };
}
