import { availableParallelism } from "node:os";
import { CallError } from "../call/errors.ts";
import type { Clock, Logger, Telemetry } from "../call/ports.ts";
import type { TranscriptionEngine } from "../call/transcription-ports.ts";
import { EmbeddedStream } from "./embedded-stream.ts";
import type { FromRecognizer } from "./recognizer-messages.ts";
import { RecognizerSupervisor } from "./recognizer-supervisor.ts";
import { speechModelNotices, spokenLanguages, type SpokenLanguage } from "./speech-models.ts";

export interface EmbeddedEngineOptions {
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  /** `workers/recognizer`, source or built. */
  readonly recognizerUrl: URL;
  /** `["--import", "tsx"]` for the source. */
  readonly recognizerExecArgv?: readonly string[];
  /** Utterances decoded at the same time; by default one for each core, at most 4. */
  readonly decodes?: number;
  /** `start` waits for the first; the others follow when the start is over, or with the first call in them. Default: es, en. */
  readonly warmLanguages?: readonly SpokenLanguage[];
  /** PCM16 WAV files of speech, to warm up and to measure the machine with. */
  readonly speechWavs?: Readonly<Partial<Record<SpokenLanguage, string>>>;
  /** 0 to 1: how sure the voice activity model must be. */
  readonly voiceThreshold?: number;
}

export interface EmbeddedEngine extends TranscriptionEngine {
  /** Null while there is none: before `start`, after `close`, between a death and the restart. */
  recognizerProcessId(): number | null;
}

/** With voice activity detection "off" an utterance begins at the least sign of a voice. */
const threshold = { enabled: 0.5, disabled: 0.25 };
const maxStartDeaths = 3;
const recoveryCheckMs = 1000;
/** A start is when calls come back and the processor has most to do: weights that nobody needs yet can wait. */
const laterLanguagesAfterMs = 30_000;

/**
 * What a live call costs when only finals are decoded: `decodeMsPerSecond` as measured at start, times
 * the seconds of speech in a second of call, times what is decoded more than once because a pause was
 * not the end; and the price of listening to two channels. Decoders are planned to be busy for
 * `busyShare` of the time, so that finals are on time when several people stop speaking at once.
 */
const callCost = { speechShare: 0.9, decodesPerFinal: 1.4, listeningMsPerSecond: 25, busyShare: 0.5 };

export function liveCallsFor(decodeMsPerSecond: number, decodes: number): number {
  const msPerSecond =
    decodeMsPerSecond * callCost.speechShare * callCost.decodesPerFinal + callCost.listeningMsPerSecond;
  return Math.max(1, Math.floor((decodes * 1000 * callCost.busyShare) / msPerSecond));
}

/**
 * Recognition on this machine, without a key or a network: one process with one set of weights for all
 * calls. It does not tell voices apart, gives no confidence and takes no key terms; word times are
 * estimates. `vadEnabled: false` lowers the threshold of voice activity, since utterances are found by it.
 */
export function createEmbeddedEngine(options: EmbeddedEngineOptions): EmbeddedEngine {
  const { logger, telemetry, clock } = options;
  const decodes = options.decodes ?? Math.min(4, availableParallelism());
  const [firstLanguage = "es", ...laterLanguages] = options.warmLanguages ?? spokenLanguages;
  const streams = new Map<number, EmbeddedStream>();
  let nextStreamId = 1;
  let deaths = 0;
  let decodeMsPerSecond: number | null = null;
  let cancelRecoveryCheck: () => void = () => undefined;
  let starting: { resolve: () => void; reject: (cause: CallError) => void } | null = null;
  let started: Promise<void> | null = null;

  /** Those that the living recogniser was told to load. */
  const loading = new Set<SpokenLanguage>();
  let cancelLaterLanguages: () => void = () => undefined;

  const load = (language: SpokenLanguage): void => {
    if (loading.has(language)) return;
    loading.add(language);
    supervisor.send({ type: "load", language, speechWav: options.speechWavs?.[language] ?? null });
  };

  const take = (message: FromRecognizer): void => {
    switch (message.type) {
      case "loaded":
        logger.info(
          {
            language: message.language,
            loadMs: Math.round(message.loadMs),
            decodeMsPerSecond: Math.round(message.decodeMsPerSecond),
          },
          "speech model warm",
        );
        if (message.language === firstLanguage) {
          decodeMsPerSecond ??= message.decodeMsPerSecond;
          for (const stream of streams.values()) load(stream.language);
          cancelLaterLanguages();
          cancelLaterLanguages = clock.after(laterLanguagesAfterMs, () => {
            for (const language of laterLanguages) load(language);
          });
          starting?.resolve();
        }
        break;
      case "load_failed":
        logger.error({ language: message.language, cause: message.message }, "speech model not loaded");
        if (message.language === firstLanguage)
          starting?.reject(new CallError("engine_failed", `Speech model not loaded: ${message.message}`));
        break;
      case "interims_dropped":
        telemetry.count("interims_dropped", message.count);
        break;
      case "decoded":
        telemetry.latency("engine", message.ms);
        break;
      case "utterance":
      case "progress":
      case "finished":
        streams.get(message.streamId)?.take(message);
        break;
      default:
      // What concerns the process itself is the supervisor's.
    }
  };

  const supervisor = new RecognizerSupervisor({
    url: options.recognizerUrl,
    execArgv: options.recognizerExecArgv ?? [],
    decodes,
    logger,
    clock,
    onMessage: take,
    onDeath: (decoding) => {
      deaths += 1;
      telemetry.count("engine_restarts");
      if (deaths >= maxStartDeaths)
        starting?.reject(new CallError("engine_failed", "The speech recogniser does not start."));
      for (const [streamId, stream] of streams) {
        stream.interrupted(
          decoding.filter((entry) => entry.streamId === streamId).map(({ utteranceId }) => utteranceId),
        );
      }
    },
    onBirth: () => {
      loading.clear();
      cancelLaterLanguages();
      load(firstLanguage);
      for (const stream of streams.values()) stream.begin();
    },
  });

  const checkRecoveries = (): void => {
    for (const stream of streams.values()) stream.checkRecovery();
    cancelRecoveryCheck = clock.after(recoveryCheckMs, checkRecoveries);
  };

  return {
    name: "embedded",
    languages: spokenLanguages,
    maxAheadSeconds: 30,
    recognizerProcessId: () => supervisor.processId,
    notice: (language) => (language === "multi" ? null : speechModelNotices[language]),
    start: () => {
      started ??= new Promise<void>((resolve, reject) => {
        starting = { resolve, reject };
        supervisor.start();
        checkRecoveries();
      });
      return started;
    },
    maxLiveCalls: () => (decodeMsPerSecond === null ? 1 : liveCallsFor(decodeMsPerSecond, decodes)),
    open: (opened) => {
      const { language } = opened;
      if (language === "multi")
        throw new CallError("language_not_supported", "The embedded engine hears one language at a time.");
      const streamId = nextStreamId++;
      const stream = new EmbeddedStream({
        streamId,
        language,
        opened,
        voiceThreshold: opened.vadEnabled
          ? (options.voiceThreshold ?? threshold.enabled)
          : threshold.disabled,
        send: (message) => {
          supervisor.send(message);
        },
        onClosed: () => streams.delete(streamId),
      });
      streams.set(streamId, stream);
      // Before, it would be measured as if it were the first language's work.
      if (decodeMsPerSecond !== null) load(language);
      stream.begin();
      return stream;
    },
    close: async () => {
      cancelRecoveryCheck();
      cancelLaterLanguages();
      for (const stream of [...streams.values()]) stream.abort();
      await supervisor.close();
    },
  };
}
