import { between, list, oneOf, optional, read, setting, truth, webAddress, whole, words } from "./setting.ts";

/** Origin as browsers write it: scheme, host and a port that is not the scheme's own. */
const origin = read((text) => {
  if (text === "*") throw new Error("is never allowed: name the origins");
  const url = webAddress({ path: false }).safeParse(text);
  if (!url.success || text.endsWith("/") || !/^https?:\/\/[^/]+$/i.test(text)) {
    throw new Error("must be an origin such as https://crm.example.com");
  }
  return url.data.origin;
});

const authSecret = read((text) => {
  if (text.length < 16) throw new Error("must have at least 16 characters");
  return text;
});

const databaseUrl = read((text) => {
  if (/^postgres(ql)?:/i.test(text))
    throw new Error("names PostgreSQL, which is not in this version: use file:PATH");
  if (!/^file:.+/i.test(text)) throw new Error("must be file:PATH, the path of an SQLite database");
  return text;
});

/** It travels in a header. */
const apiKey = read((text) => {
  if (!/^[\x21-\x7e]+$/.test(text)) throw new Error("must be printable characters without blanks");
  return text;
});

/** Of what Nova-3 hears, the languages in which calls are coached. */
const deepgramLanguage = oneOf("multi", "es", "es-419", "en", "en-US", "en-GB", "en-AU", "en-IN", "en-NZ");

const deepgramRedaction = read((text) => {
  if (!/^[a-z][a-z0-9_]*$/.test(text)) throw new Error("is not a kind such as numbers or pci");
  return text;
});

/** Every setting of the product, in the order of `.env.example`. */
export const settings = {
  host: setting(
    "HOST",
    "127.0.0.1",
    words,
    "Address to listen on. One that is not loopback needs AUTH_SECRET.",
  ),
  port: setting("PORT", "8000", whole(0, 65_535), "Port to listen on; 0 takes any free one."),
  publicUrl: setting(
    "PUBLIC_URL",
    "",
    optional(webAddress({ path: false })),
    "Address people open when it is not the machine's own, such as https://coach.example.com. Needs AUTH_SECRET.",
  ),
  corsOrigins: setting(
    "CORS_ORIGINS",
    "",
    list(origin),
    "Origins of other web applications that may call this server, separated by commas; never *.",
  ),
  authSecret: setting(
    "AUTH_SECRET",
    "",
    optional(authSecret),
    "At least 16 characters, best 32 random ones. With it every route but /healthz, /readyz and signing in needs a session or a key: npm run user and npm run key make them. A new one ends every session and call token.",
  ),

  databaseUrl: setting(
    "DATABASE_URL",
    "",
    optional(databaseUrl),
    "The SQLite database, file:PATH. Unset: coach.db in DATA_DIR, which is file:./data/coach.db.",
  ),
  dataDir: setting("DATA_DIR", "./data", words, "Folder of the recordings. One process owns it."),

  transcriber: setting(
    "TRANSCRIBER",
    "auto",
    oneOf("auto", "embedded", "deepgram"),
    "Engine of new calls: auto (Deepgram when DEEPGRAM_API_KEY is set, else embedded), embedded or deepgram. Whichever it is, the other one can be asked for by call.",
  ),
  language: setting(
    "LANGUAGE",
    "es",
    oneOf("es", "en", "multi"),
    "Language of new calls: es, en, or multi for both in one call, which needs Deepgram.",
  ),

  deepgramApiKey: setting(
    "DEEPGRAM_API_KEY",
    "",
    optional(apiKey),
    "Key of a Deepgram account. With it calls are transcribed by Deepgram, and their audio is sent there.",
  ),
  deepgramModel: setting(
    "DEEPGRAM_MODEL",
    "nova-3",
    oneOf("nova-3", "nova-3-general", "nova-3-medical"),
    "Model of Deepgram: nova-3, nova-3-general, or nova-3-medical, which hears English only.",
  ),
  deepgramLanguage: setting(
    "DEEPGRAM_LANGUAGE",
    "",
    optional(deepgramLanguage),
    "Language asked of Deepgram for every call, such as es-419; unset: the call's. Calls in a language it does not hear are refused.",
  ),
  deepgramBaseUrl: setting(
    "DEEPGRAM_BASE_URL",
    "",
    optional(webAddress({ path: true })),
    "Another address of Deepgram, such as https://api.eu.deepgram.com; for the live endpoint http becomes ws.",
  ),
  deepgramEndpointingMs: setting(
    "DEEPGRAM_ENDPOINTING",
    "",
    optional(whole(0, 10_000)),
    "Milliseconds of silence that end an utterance; unset: 300, and 100 for multi; 0 turns it off.",
  ),
  deepgramUtteranceEndMs: setting(
    "DEEPGRAM_UTTERANCE_END_MS",
    "1000",
    whole(1000, 5000),
    "Milliseconds without a word that end an utterance, 1000 to 5000. Needs DEEPGRAM_INTERIM_RESULTS.",
  ),
  deepgramInterimResults: setting(
    "DEEPGRAM_INTERIM_RESULTS",
    "true",
    truth,
    "Text while it is spoken. Without it nothing is seen of an utterance before its end.",
  ),
  deepgramSmartFormat: setting(
    "DEEPGRAM_SMART_FORMAT",
    "true",
    truth,
    "Dates, amounts and the like as people write them.",
  ),
  deepgramNumerals: setting("DEEPGRAM_NUMERALS", "true", truth, "Numbers in digits."),
  deepgramVadEvents: setting("DEEPGRAM_VAD_EVENTS", "true", truth, "Deepgram also says when speech begins."),
  deepgramDiarize: setting(
    "DEEPGRAM_DIARIZE",
    "",
    optional(truth),
    "Tell voices apart in mono calls; unset: true. In stereo the channels tell them.",
  ),
  deepgramProfanityFilter: setting("DEEPGRAM_PROFANITY_FILTER", "false", truth, "Mask swear words."),
  deepgramNoDelay: setting(
    "DEEPGRAM_NO_DELAY",
    "false",
    truth,
    "Do not wait, for up to 3 s, for the rest of a number or date.",
  ),
  deepgramRedact: setting(
    "DEEPGRAM_REDACT",
    "",
    list(deepgramRedaction),
    "What Deepgram itself takes out, separated by commas: numbers in any language; pci, pii, phi and the rest of its list in English only.",
  ),
  deepgramFallbackAfterSec: setting(
    "DEEPGRAM_FALLBACK_AFTER_SEC",
    "10",
    whole(1, 3600),
    "Seconds without Deepgram after which a call goes on with the embedded engine, until Deepgram is back.",
  ),

  audioMode: setting(
    "AUDIO_MODE",
    "stereo",
    oneOf("stereo", "mono"),
    "Channels of new calls: stereo (rep and prospect apart) or mono.",
  ),
  stereoLayout: setting(
    "STEREO_LAYOUT",
    "LR",
    oneOf("LR", "RL"),
    "LR: the first channel is the rep. RL: the second one is.",
  ),
  vadEnabled: setting(
    "VAD_ENABLED",
    "true",
    truth,
    "With true, long silence is recorded but not sent to the engine.",
  ),
  vadThreshold: setting(
    "VAD_THRESHOLD",
    "",
    optional(between(0, 1)),
    "How sure the voice detector must be, between 0 and 1; unset: the engine's own.",
  ),

  useLlmFallback: setting(
    "USE_LLM_FALLBACK",
    "false",
    truth,
    "With true, a language model is asked where the detector is not sure and where the playbook has no fitting reply: words of calls go to that server.",
  ),
  llmModel: setting("LLM_MODEL", "gpt-4o-mini", words, "Name of the model, as its server knows it."),
  llmTimeoutMs: setting(
    "LLM_TIMEOUT_MS",
    "800",
    whole(1, 60_000),
    "Milliseconds until the first words of a language model, and once more until its last; what is late is not shown.",
  ),
  openaiApiKey: setting(
    "OPENAI_API_KEY",
    "",
    optional(apiKey),
    "Key of the language model server; one of your own may want none.",
  ),
  openaiBaseUrl: setting(
    "OPENAI_BASE_URL",
    "",
    optional(webAddress({ path: true })),
    "Address of any OpenAI-compatible server, such as http://127.0.0.1:11434/v1; unset: OpenAI's own.",
  ),

  playbookPath: setting(
    "PLAYBOOK_PATH",
    "",
    optional(words),
    "The playbook to store at the first start, a JSON file; unset: the one that is shipped.",
  ),

  websocketTimeoutSec: setting(
    "WEBSOCKET_TIMEOUT_SEC",
    "30",
    whole(1, 3600),
    "Seconds of silence after which a socket is pinged; a second silence closes it.",
  ),
  resumeWindowSec: setting(
    "RESUME_WINDOW_SEC",
    "120",
    whole(1, 86_400),
    "Seconds a call waits for its host to come back.",
  ),
  sessionTimeoutSec: setting(
    "SESSION_TIMEOUT_SEC",
    "14400",
    whole(1, 86_400),
    "Seconds the longest call may last.",
  ),
  maxLiveCalls: setting(
    "MAX_LIVE_CALLS",
    "",
    optional(whole(1, 100_000)),
    "Calls that may be under way at once; unset: measured at start, by engine and machine.",
  ),

  consentRequired: setting(
    "CONSENT_REQUIRED",
    "false",
    truth,
    "With true, a call starts only when consent is confirmed; nothing is stored before.",
  ),
  redact: setting(
    "REDACT",
    "none",
    list(oneOf("none", "card", "account", "email", "phone", "id")),
    "What is taken out of transcripts, exports, search and all that is stored: none, or a list of card, account, email, phone, id.",
  ),
  redactAudio: setting(
    "REDACT_AUDIO",
    "false",
    truth,
    "With true, what REDACT takes out is silenced in the recording too, for good.",
  ),
  retentionDays: setting(
    "RETENTION_DAYS",
    "0",
    whole(0, 36_500),
    "Days a call is kept after its end, then audio, rows and search entries are deleted; 0 keeps all.",
  ),
  logLevel: setting(
    "LOG_LEVEL",
    "info",
    oneOf("fatal", "error", "warn", "info", "debug", "trace", "silent"),
    "Least severe log lines to write: fatal, error, warn, info, debug, trace or silent.",
  ),
} as const;
