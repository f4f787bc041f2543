import type { settings } from "./settings.ts";
import type { z } from "zod";

type Settings = typeof settings;
/** As far as the environment could be read: a setting with a fault is undefined. */
type Readings = { readonly [K in keyof Settings]?: z.infer<Settings[K]["schema"]> | undefined };
type Named = readonly [env: string, message: string];

/** Taken out in every language; Deepgram takes the other kinds out of English only. */
const redactedInAnyLanguage = "numbers";

/** What Deepgram would refuse, or what makes no sense with it, found before any call needs it. */
export function* deepgramFaults(values: Readings, isGiven: (env: string) => boolean): Generator<Named> {
  const { deepgramApiKey, language, transcriber } = values;
  if (deepgramApiKey === undefined) return;
  if (deepgramApiKey === null) {
    if (transcriber === "deepgram") yield ["TRANSCRIBER", "is deepgram, which needs DEEPGRAM_API_KEY"];
    if (language === "multi") yield ["LANGUAGE", "is multi, which needs Deepgram: set DEEPGRAM_API_KEY"];
    return;
  }
  if (language === "multi" && transcriber === "embedded") {
    yield ["LANGUAGE", "is multi, which needs Deepgram; TRANSCRIBER is embedded"];
  }
  if (isGiven("DEEPGRAM_UTTERANCE_END_MS") && values.deepgramInterimResults === false) {
    yield ["DEEPGRAM_UTTERANCE_END_MS", "needs DEEPGRAM_INTERIM_RESULTS=true: unset one of them"];
  }
  yield* languageFaults(values);
}

function* languageFaults(values: Readings): Generator<Named> {
  const { deepgramLanguage, deepgramModel, deepgramRedact = [], language, transcriber } = values;
  if (deepgramLanguage === undefined || language === undefined || transcriber === "embedded") return;
  const asked = deepgramLanguage ?? language;
  if (deepgramLanguage !== null && asked !== "multi" && !asked.startsWith(language)) {
    yield ["DEEPGRAM_LANGUAGE", `is ${asked}, which does not hear LANGUAGE ${language}`];
  }
  const isEnglish = asked.startsWith("en");
  if (deepgramModel === "nova-3-medical" && !isEnglish) {
    yield ["DEEPGRAM_MODEL", `is nova-3-medical, which hears English only; calls are in ${asked}`];
  }
  const foreign = deepgramRedact.filter((kind) => kind !== redactedInAnyLanguage);
  if (foreign.length > 0 && !isEnglish) {
    const kinds = foreign.join(", ");
    yield [
      "DEEPGRAM_REDACT",
      `has ${kinds}, which Deepgram takes out of English only; calls are in ${asked}`,
    ];
  }
}

/** What is accepted and worth a word, one sentence each; a value of a secret is never in it. */
export function* deepgramWarnings(
  values: { readonly deepgramApiKey: string | null; readonly deepgramBaseUrl: URL | null },
  given: readonly string[],
  isLoopback: (host: string) => boolean,
): Generator<string> {
  if (values.deepgramApiKey === null) {
    if (given.length > 0) yield `No effect without DEEPGRAM_API_KEY: ${given.join(", ")}.`;
    return;
  }
  const url = values.deepgramBaseUrl;
  if (url?.protocol === "http:" && !isLoopback(url.hostname)) {
    yield "DEEPGRAM_BASE_URL begins with http://: the key and the audio of calls travel where anybody on the way can read them.";
  }
}
