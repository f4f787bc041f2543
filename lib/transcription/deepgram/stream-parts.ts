import type { Clock, Logger, Telemetry } from "../../call/ports.ts";
import type { EngineEvent, OpenTranscription } from "../../call/transcription-ports.ts";
import { AudioRing } from "./audio-ring.ts";
import { AwayWatch } from "./away-watch.ts";
import { BackOff } from "./back-off.ts";
import { GapRepair } from "./gap-repair.ts";
import { recordedParameters, type DeepgramSettings } from "./listen-parameters.ts";
import { transcribeRecorded } from "./recorded-audio.ts";
import { ResultAssembler, type Utterance } from "./result-assembler.ts";
import { StreamReport } from "./stream-report.ts";
import { VoiceGate } from "./voice-gate.ts";

/** In memory: enough to go on where a connection was lost; what is older is in the recording. */
const ringSeconds = 16;
const leastHoldMs = 3000;

export interface DeepgramStreamOptions {
  readonly settings: DeepgramSettings;
  readonly opened: OpenTranscription;
  readonly voiceThreshold: number | null;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly onClosed: () => void;
}

export interface StreamParts {
  readonly ring: AudioRing;
  readonly gate: VoiceGate;
  readonly report: StreamReport;
  readonly assembler: ResultAssembler;
  readonly repair: GapRepair;
  readonly backOff: BackOff;
  readonly watch: AwayWatch;
}

/** What a stream is made of, with ids of utterances that are its own. */
export function streamParts(
  options: DeepgramStreamOptions,
  tell: { readonly event: (event: EngineEvent) => void; readonly repaired: () => void },
): StreamParts {
  const { clock, logger, opened, random, settings, telemetry } = options;
  const { channels, firstSample, sampleRateHz } = opened;
  const pauseMs = settings.utteranceEndMs;
  const backOff = new BackOff(random);
  let utterances = 0;
  const nextUtteranceId = (channel: number): string => `${channel}-${(utterances += 1)}`;
  const emit = (utterance: Utterance): void => {
    tell.event(utterance);
  };
  const report = new StreamReport({ firstSample, sampleRateHz, clock, telemetry, onEvent: tell.event });
  return {
    report,
    backOff,
    ring: new AudioRing({ channels, firstSample, maxSamples: ringSeconds * sampleRateHz }),
    gate: new VoiceGate({
      channels,
      sampleRateHz,
      firstSample,
      holdMs: Math.max(leastHoldMs, settings.utteranceEndMs + 1000),
      threshold: options.voiceThreshold,
    }),
    assembler: new ResultAssembler({
      channels,
      sampleRateHz,
      startSamples: Array.from({ length: channels }, () => firstSample),
      pauseMs,
      nextUtteranceId,
      emit,
    }),
    repair: new GapRepair({
      sampleRateHz,
      channels,
      pauseMs,
      clock,
      logger,
      backOff: new BackOff(random),
      readRecording: opened.readRecording,
      transcribe: (wav, abortSignal) =>
        transcribeRecorded({
          apiKey: settings.apiKey,
          baseUrl: settings.baseUrl,
          parameters: recordedParameters(settings, opened),
          wav,
          abortSignal,
        }),
      nextUtteranceId,
      onUtterance: emit,
      onRepaired: (samples) => {
        report.bill(samples * channels, "repaired");
        tell.repaired();
      },
    }),
    watch: new AwayWatch({
      clock,
      awayAfterMs: settings.fallbackAfterSec * 1000,
      onTrouble: (trouble) => {
        tell.event({ type: "trouble", ...trouble });
      },
      onBack: () => {
        backOff.succeeded();
      },
    }),
  };
}
