import { join } from "node:path";
import type { Clock, Logger, Telemetry } from "./call/ports.ts";
import type { TranscriptionEngine } from "./call/transcription-ports.ts";
import type { TranscriberName } from "./contract/vocabulary.ts";
import type { AppConfig } from "./platform/config.ts";
import { workerEntry } from "./platform/worker-entry.ts";
import { createEmbeddedEngine } from "./transcription/embedded-engine.ts";
import type { SpokenLanguage } from "./transcription/speech-models.ts";

export interface EngineParts {
  readonly config: AppConfig;
  readonly appRoot: string;
  /** `import.meta.url` of the running entry: decides between sources and bundle. */
  readonly entryUrl: string;
  readonly language: SpokenLanguage;
  readonly voiceThreshold: number | null;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
}

/** Adding an engine is a file in `lib/transcription` and a line here. */
export function composeEngines(parts: EngineParts): ReadonlyMap<TranscriberName, TranscriptionEngine> {
  const { appRoot, clock, entryUrl, language, logger, telemetry, voiceThreshold } = parts;
  const speechWav = (name: string): string => join(appRoot, "data", "calls", name, "call.wav");
  const embedded = createEmbeddedEngine({
    logger,
    telemetry,
    clock,
    recognizerUrl: workerEntry("recognizer", entryUrl),
    warmLanguages: language === "es" ? ["es", "en"] : ["en", "es"],
    speechWavs: { es: speechWav("es-short"), en: speechWav("en-short") },
    ...(voiceThreshold === null ? {} : { voiceThreshold }),
  });
  return new Map([["embedded", embedded]]);
}
