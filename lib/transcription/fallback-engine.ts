import type { TranscriptionEngine } from "../call/transcription-ports.ts";
import { FallbackStream, type FallbackEngineOptions } from "./fallback-stream.ts";

/** The primary engine, with another one that goes on with a call while the primary is away. */
export function createFallbackEngine(options: FallbackEngineOptions): TranscriptionEngine {
  const { primary, fallback, logger } = options;
  return {
    name: primary.name,
    languages: primary.languages,
    // What waits in a stream must find room in either.
    maxAheadSeconds: Math.min(primary.maxAheadSeconds, fallback.maxAheadSeconds),
    notice: (language) =>
      primary.notice(language) ?? (fallback.languages.includes(language) ? fallback.notice(language) : null),
    refusal: (language) => primary.refusal?.(language) ?? null,
    start: () => {
      // Calls need not wait for it; one that comes to need it does.
      fallback.start().catch((error: unknown) => {
        logger.error({ err: error, engine: fallback.name }, "the engine to fall back on did not start");
      });
      return primary.start();
    },
    maxLiveCalls: () => primary.maxLiveCalls(),
    open: (opened) => new FallbackStream({ ...options, opened }),
    close: () => primary.close(),
  };
}
