import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EngineNotice } from "../call/transcription-ports.ts";

export type SpokenLanguage = "es" | "en";
export const spokenLanguages: readonly SpokenLanguage[] = ["es", "en"];

export interface SpeechModel {
  readonly encoder: string;
  readonly decoder: string;
}

const modelFolders: Readonly<Record<SpokenLanguage, string>> = {
  es: "base-es-non-commercial",
  en: "base",
};

/** The weights lie in the packages; both have `exports` that only `import.meta.resolve` follows. */
export function speechModel(language: SpokenLanguage): SpeechModel {
  const distFolder = dirname(fileURLToPath(import.meta.resolve("@usefulsensors/moonshine-js")));
  const folder = join(distFolder, "model", modelFolders[language], "quantized");
  return { encoder: join(folder, "encoder_model.onnx"), decoder: join(folder, "decoder_model_merged.onnx") };
}

export function voiceActivityModel(): string {
  return join(dirname(fileURLToPath(import.meta.resolve("@ricky0123/vad-web"))), "silero_vad_v5.onnx");
}

/** Terms as in the LICENSE file of @usefulsensors/moonshine-js 0.1.17. */
export const speechModelNotices: Readonly<Record<SpokenLanguage, EngineNotice>> = {
  es: {
    engine: "Moonshine base (es), on this machine",
    licence:
      "Moonshine AI Community License: commercial use needs registration and is free below US$1,000,000 yearly revenue",
    attribution: "Powered by Moonshine AI",
    url: "https://moonshine.ai/community-license",
  },
  en: {
    engine: "Moonshine base (en), on this machine",
    licence: "MIT License",
    attribution: "Powered by Moonshine AI",
    url: "https://github.com/moonshine-ai/moonshine-js/blob/main/LICENSE",
  },
};
