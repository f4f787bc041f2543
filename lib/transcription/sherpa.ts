import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sherpa from "sherpa-onnx-node";
import { modelRateHz } from "./resampler.ts";
import type { SpeechModel } from "./speech-models.ts";
import { tokenList } from "./token-list.ts";

/** Samples the voice activity model judges at a time: 32 ms. */
export const windowSamples = 512;

export interface Decoded {
  readonly text: string;
  readonly tokens: readonly string[];
}

export interface SpeechDecoder {
  /** Off the event loop; several at a time share the weights. */
  decode(samples: Float32Array): Promise<Decoded>;
}

export async function loadSpeechDecoder(model: SpeechModel): Promise<SpeechDecoder> {
  const folder = await mkdtemp(join(tmpdir(), "speech-tokens-"));
  try {
    const tokens = join(folder, "tokens.txt");
    await writeFile(tokens, tokenList());
    const recognizer = await sherpa.OfflineRecognizer.createAsync({
      featConfig: { sampleRate: modelRateHz, featureDim: 80 },
      modelConfig: {
        moonshine: { encoder: model.encoder, mergedDecoder: model.decoder },
        tokens,
        numThreads: 1,
        provider: "cpu",
      },
    });
    return {
      decode: async (samples) => {
        const stream = recognizer.createStream();
        stream.acceptWaveform({ sampleRate: modelRateHz, samples });
        const { text, tokens } = await recognizer.decodeAsync(stream);
        return { text, tokens };
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface VoiceActivity {
  /** Whether there is voice in the next window of `windowSamples`; about 0.1 ms. */
  hearsVoice(window: Float32Array): boolean;
  reset(): void;
}

/** Takes about 60 ms: keep them for later calls. */
export function createVoiceActivity(model: string, threshold: number): VoiceActivity {
  // Durations near zero make `isDetected` tell of the last windows only: endpointing is our own.
  const vad = new sherpa.Vad(
    {
      sileroVad: {
        model,
        threshold,
        minSilenceDuration: 0.001,
        minSpeechDuration: 0.001,
        maxSpeechDuration: 3600,
        windowSize: windowSamples,
      },
      sampleRate: modelRateHz,
      numThreads: 1,
    },
    30,
  );
  return {
    hearsVoice: (window) => {
      vad.acceptWaveform(window);
      while (!vad.isEmpty()) vad.pop();
      return vad.isDetected();
    },
    reset: () => {
      vad.reset();
      while (!vad.isEmpty()) vad.pop();
    },
  };
}
