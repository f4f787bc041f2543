import type { ListenerSettings } from "./channel-listener.ts";
import { RecognitionPool } from "./recognition-pool.ts";
import type { FromRecognizer, ToRecognizer } from "./recognizer-messages.ts";
import { modelRateHz } from "./resampler.ts";
import { createVoiceActivity, loadSpeechDecoder, windowSamples, type SpeechDecoder } from "./sherpa.ts";
import { speechModel, voiceActivityModel, type SpokenLanguage } from "./speech-models.ts";
import { warmUp } from "./warm-up.ts";

const samplesOf = (ms: number): number => Math.round((ms * modelRateHz) / 1000);

/** Measured on recorded two-party calls: see the decision record on embedded speech. */
export const listenerSettings: ListenerSettings = {
  segmenter: {
    windowSamples,
    openingWindows: 2,
    paddingSamples: samplesOf(320),
    pauseSamples: 5 * windowSamples,
    endpointSamples: 17 * windowSamples,
    longSamples: samplesOf(7000),
    longEndpointSamples: 7 * windowSamples,
    limitSamples: samplesOf(11_000),
    cutReachSamples: samplesOf(4000),
  },
  pace: { firstAfterSamples: samplesOf(600), stepSamples: samplesOf(200), intervalMs: 400 },
};

/** The other end of the recogniser: a child process or worker thread gives its own. */
export interface RecognizerPort {
  send(message: FromRecognizer): void;
  onMessage(take: (message: ToRecognizer) => void): void;
}

/** Voice activity models made ready at start: two calls in stereo. */
const preparedChannels = 4;
const defaultVoiceThreshold = 0.5;

/** Runs the recogniser until its process ends. */
export function runRecognizer(port: RecognizerPort, decodes: number): void {
  const decoders = new Map<SpokenLanguage, Promise<SpeechDecoder>>();
  const decoder = (language: SpokenLanguage): Promise<SpeechDecoder> => {
    const loading = decoders.get(language) ?? loadSpeechDecoder(speechModel(language));
    decoders.set(language, loading);
    return loading;
  };
  const load = async (language: SpokenLanguage, speechWav: string | null): Promise<void> => {
    const begunMs = performance.now();
    try {
      const decodeMsPerSecond = await warmUp(await decoder(language), speechWav);
      port.send({ type: "loaded", language, loadMs: performance.now() - begunMs, decodeMsPerSecond });
    } catch (cause) {
      decoders.delete(language);
      const message = cause instanceof Error ? cause.message : String(cause);
      port.send({ type: "load_failed", language, message });
    }
  };

  const model = voiceActivityModel();
  const pool = new RecognitionPool({
    decodes,
    settings: listenerSettings,
    decoder,
    createVoiceActivity: (threshold) => createVoiceActivity(model, threshold),
    nowMs: () => performance.now(),
    send: (message) => {
      port.send(message);
    },
  });
  port.onMessage((message) => {
    switch (message.type) {
      case "load":
        void load(message.language, message.speechWav);
        break;
      case "open":
        pool.open(message);
        break;
      case "audio":
        pool.audio(message.streamId, message.pcm);
        break;
      case "finish":
        pool.finish(message.streamId);
        break;
      case "abort":
        pool.close(message.streamId);
        break;
      case "ping":
        port.send({ type: "pong" });
    }
  });
  pool.prepareVoices(defaultVoiceThreshold, preparedChannels);
  port.send({ type: "started" });
}
