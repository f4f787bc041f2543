import type { Language } from "../../contract/vocabulary.ts";

/** What the settings that begin with `DEEPGRAM_` say. */
export interface DeepgramSettings {
  readonly apiKey: string;
  /** Null: the service's own address. */
  readonly baseUrl: URL | null;
  readonly model: string;
  /** Asked for in place of the call's; null: the call's. */
  readonly language: string | null;
  /** Null: what is advised for the language; 0: silence ends no utterance. */
  readonly endpointingMs: number | null;
  readonly utteranceEndMs: number;
  readonly interimResults: boolean;
  readonly smartFormat: boolean;
  readonly numerals: boolean;
  readonly vadEvents: boolean;
  readonly profanityFilter: boolean;
  readonly noDelay: boolean;
  readonly redact: readonly string[];
  readonly fallbackAfterSec: number;
}

export interface ListenCall {
  readonly language: Language;
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  readonly diarize: boolean;
  readonly keyterms: readonly string[];
}

export type ListenParameters = Readonly<Record<string, string | readonly string[]>>;

/** Per request; more of either is answered with 400. */
export const keytermLimits = { terms: 100, tokens: 500 } as const;
/** What Nova-3 takes out in every language; the other kinds are English only. */
const redactedInAnyLanguage: ReadonlySet<string> = new Set(["numbers"]);
const defaultEndpointingMs = { oneLanguage: 300, multi: 100 } as const;

/** The languages of calls that these settings can transcribe. */
export function languagesOf(settings: Pick<DeepgramSettings, "language">): readonly Language[] {
  const asked = settings.language?.toLowerCase() ?? null;
  if (asked === null || asked === "multi") return ["es", "en", "multi"];
  return asked.startsWith("en") ? ["en"] : ["es"];
}

/** Why the service would refuse a call in this language, with the setting to change; null: it would not. */
export function refusalOf(settings: DeepgramSettings, language: Language): string | null {
  const asked = askedLanguage(settings, language);
  const foreign = settings.redact.filter((kind) => !redactedInAnyLanguage.has(kind));
  if (foreign.length > 0 && !isEnglish(asked)) {
    return `DEEPGRAM_REDACT has ${foreign.join(", ")}, which Deepgram takes out of English only; this call is in "${asked}".`;
  }
  if (settings.model === "nova-3-medical" && !isEnglish(asked)) {
    return `DEEPGRAM_MODEL is nova-3-medical, which hears English only; this call is in "${asked}".`;
  }
  return null;
}

/** The query of a live connection. Every value is what the service's documentation allows with Nova-3. */
export function listenParameters(settings: DeepgramSettings, call: ListenCall): ListenParameters {
  const { interimResults, utteranceEndMs } = settings;
  return {
    ...recordedParameters(settings, call),
    encoding: "linear16",
    sample_rate: String(call.sampleRateHz),
    channels: String(call.channels),
    interim_results: String(interimResults),
    endpointing: endpointing(settings, call.language),
    // Found from interims: without them the service refuses it.
    ...(interimResults ? { utterance_end_ms: String(utteranceEndMs) } : {}),
    vad_events: String(settings.vadEvents),
    ...(settings.noDelay ? { no_delay: "true" } : {}),
  };
}

/** The query for recorded audio, which says its format itself. */
export function recordedParameters(settings: DeepgramSettings, call: ListenCall): ListenParameters {
  const { profanityFilter, redact } = settings;
  const keyterms = keptKeyterms(call.keyterms);
  return {
    model: settings.model,
    language: askedLanguage(settings, call.language),
    ...(call.channels > 1 ? { multichannel: "true" } : {}),
    ...(call.diarize ? { diarize: "true" } : {}),
    smart_format: String(settings.smartFormat),
    numerals: String(settings.numerals),
    // Sentences are wanted with and without smart formatting, which implies it.
    ...(settings.smartFormat ? {} : { punctuate: "true" }),
    ...(profanityFilter ? { profanity_filter: "true" } : {}),
    ...(redact.length > 0 ? { redact } : {}),
    ...(keyterms.length > 0 ? { keyterm: keyterms } : {}),
  };
}

/** The first of the terms that fit, each once. */
export function keptKeyterms(keyterms: readonly string[]): readonly string[] {
  const kept = new Map<string, string>();
  let tokens = 0;
  for (const term of keyterms.map((keyterm) => keyterm.replace(/\s+/gu, " ").trim())) {
    const key = term.toLowerCase();
    if (key === "" || kept.has(key)) continue;
    if (kept.size >= keytermLimits.terms) break;
    const price = tokensAtMost(term);
    if (tokens + price > keytermLimits.tokens) continue;
    tokens += price;
    kept.set(key, term);
  }
  return [...kept.values()];
}

/** No tokenizer breaks a term of letters into more than pairs of them; a rare letter may take a token of its own. */
function tokensAtMost(term: string): number {
  const rare = term.replace(/[\x20-\x7e]/g, "").length;
  return Math.ceil((term.length - rare) / 2) + rare;
}

function askedLanguage(settings: Pick<DeepgramSettings, "language">, language: Language): string {
  return settings.language ?? language;
}

function isEnglish(asked: string): boolean {
  return /^en(-|$)/i.test(asked);
}

function endpointing(settings: DeepgramSettings, language: Language): string {
  if (settings.endpointingMs === 0) return "false";
  const isMulti = askedLanguage(settings, language) === "multi";
  const advised = isMulti ? defaultEndpointingMs.multi : defaultEndpointingMs.oneLanguage;
  return String(settings.endpointingMs ?? advised);
}
