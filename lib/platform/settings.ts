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

const notThere = "No effect in this version: it has no Deepgram engine.";

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
    "Engine of new calls: auto or embedded. deepgram is refused: that engine is not in this version.",
  ),
  language: setting(
    "LANGUAGE",
    "es",
    oneOf("es", "en", "multi"),
    "Language of new calls: es or en. multi is refused: it needs the Deepgram engine.",
  ),

  deepgramApiKey: setting("DEEPGRAM_API_KEY", "", optional(words), `Key of Deepgram. ${notThere}`),
  deepgramModel: setting("DEEPGRAM_MODEL", "nova-3", words, `Model of Deepgram. ${notThere}`),
  deepgramLanguage: setting(
    "DEEPGRAM_LANGUAGE",
    "",
    optional(words),
    `Language asked of Deepgram; unset: the call's. ${notThere}`,
  ),
  deepgramBaseUrl: setting(
    "DEEPGRAM_BASE_URL",
    "",
    optional(webAddress({ path: true })),
    `Another address of Deepgram, such as https://api.eu.deepgram.com. ${notThere}`,
  ),
  deepgramEndpointingMs: setting(
    "DEEPGRAM_ENDPOINTING",
    "",
    optional(whole(0, 10_000)),
    `Milliseconds of silence that end an utterance; unset: 300, 100 for multi. ${notThere}`,
  ),
  deepgramUtteranceEndMs: setting(
    "DEEPGRAM_UTTERANCE_END_MS",
    "1000",
    whole(1000, 5000),
    `Milliseconds without a word that end an utterance, 1000 to 5000. ${notThere}`,
  ),
  deepgramInterimResults: setting(
    "DEEPGRAM_INTERIM_RESULTS",
    "true",
    truth,
    `Text while it is spoken. ${notThere}`,
  ),
  deepgramSmartFormat: setting(
    "DEEPGRAM_SMART_FORMAT",
    "true",
    truth,
    `Punctuation, dates and amounts as people write them. ${notThere}`,
  ),
  deepgramNumerals: setting("DEEPGRAM_NUMERALS", "true", truth, `Numbers in digits. ${notThere}`),
  deepgramVadEvents: setting("DEEPGRAM_VAD_EVENTS", "true", truth, `Notices that speech began. ${notThere}`),
  deepgramDiarize: setting(
    "DEEPGRAM_DIARIZE",
    "",
    optional(truth),
    `Tell voices apart; unset: in mono only. ${notThere}`,
  ),
  deepgramProfanityFilter: setting(
    "DEEPGRAM_PROFANITY_FILTER",
    "false",
    truth,
    `Mask swear words. ${notThere}`,
  ),
  deepgramNoDelay: setting(
    "DEEPGRAM_NO_DELAY",
    "false",
    truth,
    `Do not wait for an unfinished number or date. ${notThere}`,
  ),
  deepgramRedact: setting(
    "DEEPGRAM_REDACT",
    "",
    list(words),
    `What Deepgram itself takes out, separated by commas, such as numbers. ${notThere}`,
  ),
  deepgramFallbackAfterSec: setting(
    "DEEPGRAM_FALLBACK_AFTER_SEC",
    "10",
    whole(1, 3600),
    `Seconds without Deepgram after which the embedded engine takes over. ${notThere}`,
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
    "true is refused: this version asks no language model.",
  ),
  llmModel: setting(
    "LLM_MODEL",
    "",
    optional(words),
    "Model of the language model server. No effect in this version.",
  ),
  llmTimeoutMs: setting(
    "LLM_TIMEOUT_MS",
    "800",
    whole(1, 60_000),
    "Milliseconds a language model may take. No effect in this version.",
  ),
  openaiApiKey: setting(
    "OPENAI_API_KEY",
    "",
    optional(words),
    "Key of the language model server. No effect in this version.",
  ),
  openaiBaseUrl: setting(
    "OPENAI_BASE_URL",
    "",
    optional(webAddress({ path: true })),
    "Address of any OpenAI-compatible server. No effect in this version.",
  ),

  playbookPath: setting(
    "PLAYBOOK_PATH",
    "",
    optional(words),
    "The playbook to use, a JSON file; unset: the one that is shipped.",
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
