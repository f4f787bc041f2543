import { afterAll, beforeAll } from "vitest";
import { recognisedWords } from "../../test/stand-ins/deepgram/recognised-words.ts";
import { startDeepgramStandIn, type DeepgramStandIn } from "../../test/stand-ins/deepgram/stand-in.ts";
import type { TranscriptionEngine } from "../call/transcription-ports.ts";
import { describeEngineConformance } from "./conformance.ts";
import { engineAt, KeptTelemetry, realClock } from "./deepgram/testing/spoken-call.ts";
import { createEmbeddedEngine, type EmbeddedEngine } from "./embedded-engine.ts";
import { recordedSpeech } from "./recorded-speech.ts";

const kept = new KeptTelemetry();
let recogniser: EmbeddedEngine;
let service: DeepgramStandIn;
let engine: TranscriptionEngine;
beforeAll(async () => {
  recogniser = createEmbeddedEngine({
    logger: kept.logger,
    telemetry: kept,
    clock: realClock,
    recognizerUrl: new URL("../../workers/recognizer.ts", import.meta.url),
    recognizerExecArgv: ["--import", "tsx"],
    warmLanguages: ["es"],
  });
  await recogniser.start();
  service = await startDeepgramStandIn({
    words: recognisedWords({ engine: recogniser, multiLanguage: "es" }),
  });
  engine = engineAt(service.url, kept);
}, 120_000);
afterAll(async () => {
  await engine.close();
  await service.close();
  await recogniser.close();
});

// The service stands in for Deepgram and hears with the embedded recogniser what it is really sent.
describeEngineConformance({
  name: "Deepgram",
  hears: true,
  fixture: await recordedSpeech("es", 2),
  engineFor: () => Promise.resolve(engine),
});
