import { join } from "node:path";
import type { Clock, Logger, Telemetry } from "./call/ports.ts";
import type { TranscriptionEngine } from "./call/transcription-ports.ts";
import type { TranscriberName } from "./contract/vocabulary.ts";
import type { AppConfig } from "./platform/config.ts";
import { workerEntry } from "./platform/worker-entry.ts";
import { createDeepgramEngine } from "./transcription/deepgram-engine.ts";
import type { DeepgramSettings } from "./transcription/deepgram/listen-parameters.ts";
import { createEmbeddedEngine } from "./transcription/embedded-engine.ts";
import { createFallbackEngine } from "./transcription/fallback-engine.ts";

export interface EngineParts {
  readonly config: AppConfig;
  readonly appRoot: string;
  /** `import.meta.url` of the running entry: decides between sources and bundle. */
  readonly entryUrl: string;
  readonly voiceThreshold: number | null;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
}

/** Adding an engine is a file in `lib/transcription` and a line here. The first one is that of calls that name none. */
export function composeEngines(parts: EngineParts): ReadonlyMap<TranscriberName, TranscriptionEngine> {
  const { appRoot, clock, config, entryUrl, logger, telemetry, voiceThreshold } = parts;
  const speechWav = (name: string): string => join(appRoot, "data", "calls", name, "call.wav");
  const embedded = createEmbeddedEngine({
    logger,
    telemetry,
    clock,
    recognizerUrl: workerEntry("recognizer", entryUrl),
    warmLanguages: config.language === "en" ? ["en", "es"] : ["es", "en"],
    speechWavs: { es: speechWav("es-short"), en: speechWav("en-short") },
    ...(voiceThreshold === null ? {} : { voiceThreshold }),
  });
  const deepgram = composeDeepgram(parts);
  const engines =
    deepgram === null
      ? [embedded]
      : [createFallbackEngine({ primary: deepgram, fallback: embedded, clock, logger, telemetry }), embedded];
  const ordered = config.transcriber === "embedded" ? engines.reverse() : engines;
  return new Map(ordered.map((engine) => [engine.name, engine]));
}

/** Null without a key. */
function composeDeepgram({
  clock,
  config,
  logger,
  telemetry,
  voiceThreshold,
}: EngineParts): TranscriptionEngine | null {
  const apiKey = config.deepgramApiKey;
  if (apiKey === null) return null;
  return createDeepgramEngine({
    settings: deepgramSettingsOf(config, apiKey),
    voiceThreshold,
    clock,
    logger,
    telemetry,
  });
}

export function deepgramSettingsOf(config: AppConfig, apiKey: string): DeepgramSettings {
  return {
    apiKey,
    baseUrl: config.deepgramBaseUrl,
    model: config.deepgramModel,
    language: config.deepgramLanguage,
    endpointingMs: config.deepgramEndpointingMs,
    utteranceEndMs: config.deepgramUtteranceEndMs,
    interimResults: config.deepgramInterimResults,
    smartFormat: config.deepgramSmartFormat,
    numerals: config.deepgramNumerals,
    vadEvents: config.deepgramVadEvents,
    profanityFilter: config.deepgramProfanityFilter,
    noDelay: config.deepgramNoDelay,
    redact: config.deepgramRedact,
    fallbackAfterSec: config.deepgramFallbackAfterSec,
  };
}
