/** What a stream or a file is to be heard as; times in milliseconds. */
export interface ListenRequest {
  readonly model: string;
  readonly language: string;
  /** Null: the audio says itself what it is (WAV). */
  readonly encoding: "linear16" | null;
  readonly sampleRateHz: number;
  /** Interleaved in what is sent. */
  readonly channels: number;
  readonly multichannel: boolean;
  readonly diarize: boolean;
  readonly interimResults: boolean;
  /** Null: no endpointing. */
  readonly endpointingMs: number | null;
  readonly utteranceEndMs: number | null;
  readonly vadEvents: boolean;
  /** Words carry their punctuation. */
  readonly punctuated: boolean;
  readonly utterances: boolean;
  readonly tags: readonly string[];
}

/** An HTTP refusal in the service's own terms. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export const refusals = {
  badRequest: (detail: string): Refusal => ({
    status: 400,
    code: "Bad Request",
    message: `Bad Request: ${detail}`,
  }),
  invalidAuth: { status: 401, code: "INVALID_AUTH", message: "Invalid credentials." },
  paymentRequired: {
    status: 402,
    code: "ASR_PAYMENT_REQUIRED",
    message:
      "Project does not have enough credits for an ASR request and does not have an overage agreement.",
  },
  insufficientPermissions: {
    status: 403,
    code: "INSUFFICIENT_PERMISSIONS",
    message: "User does not have sufficient permissions.",
  },
  tooManyRequests: {
    status: 429,
    code: "TOO_MANY_REQUESTS",
    message: "Too many requests. Please try again later.",
  },
} as const;

const models = /^(nova-3|nova-2|nova|enhanced|base)(-[a-z]+)?$/u;
const nova3Languages = new Set(
  (
    "multi en en-US en-AU en-GB en-IN en-NZ es es-419 fr fr-CA de de-CH it pt pt-BR pt-PT nl nl-BE ja ru hi " +
    "sv sv-SE da da-DK no pl tr uk ko ko-KR cs el fi id ro vi bg ca et hu lv lt ms sk"
  ).split(" "),
);
/** The service counts tokens of its own; four letters are one, as a rule. */
const lettersPerToken = 4;
const limits = {
  keyterms: 100,
  keytermTokens: 500,
  tagLetters: 128,
  extraLetters: 2048,
  replaceTerms: 200,
  searchTerms: 50,
  channels: 20,
  utteranceEndMs: { from: 1000, to: 5000 },
  sampleRateHz: { from: 8000, to: 48_000 },
};
const everyLanguageRedactions = new Set(["numbers", "aggressive_numbers", "true", "false"]);

/** `Authorization: Token KEY` or `Bearer JWT`, or the browsers' way, the subprotocols `token, KEY`. */
export function credentialOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): string | null {
  const { authorization, "sec-websocket-protocol": subprotocols } = headers;
  if (typeof authorization === "string") {
    return /^(?:token|bearer) +(\S+)$/iu.exec(authorization.trim())?.[1] ?? null;
  }
  if (typeof subprotocols === "string") {
    return /^(?:token|bearer) *, *(\S+)$/iu.exec(subprotocols.trim())?.[1] ?? null;
  }
  return null;
}

class BadQuery extends Error {}

function bad(detail: string): never {
  throw new BadQuery(detail);
}

function flag(query: URLSearchParams, name: string, otherwise = false): boolean {
  const value = query.get(name);
  if (value === null) return otherwise;
  if (value === "true" || value === "false") return value === "true";
  return bad(`${name} must be true or false.`);
}

function whole(query: URLSearchParams, name: string, from: number, to: number): number | null {
  const value = query.get(name);
  if (value === null) return null;
  const number = Number(value);
  if (!/^\d+$/u.test(value) || number < from || number > to) {
    return bad(`${name} must be a whole number from ${from} to ${to}.`);
  }
  return number;
}

function endpointingOf(query: URLSearchParams): number | null {
  const value = query.get("endpointing");
  if (value === "false") return null;
  if (value === null || value === "true") return 10;
  return whole(query, "endpointing", 0, 60_000);
}

function checkModel(query: URLSearchParams): { model: string; language: string } {
  const model = query.get("model") ?? "base";
  const language = query.get("language") ?? "en";
  if (!models.test(model)) bad("No such model/language/tier combination found.");
  if (!/^[a-z]{2,5}(-[A-Za-z0-9]+)*$/u.test(language)) bad(`Invalid language: ${language}.`);
  if (model.startsWith("nova-3") && !nova3Languages.has(language)) {
    bad("No such model/language/tier combination found.");
  }
  return { model, language };
}

function checkTerms(query: URLSearchParams, model: string): void {
  const keyterms = query.getAll("keyterm");
  const isNova3 = model.startsWith("nova-3");
  if (isNova3 && query.has("keywords")) bad("Keywords are not supported for Nova-3. Use keyterm.");
  if (!isNova3 && keyterms.length > 0) bad("Keyterm is only supported for Nova-3.");
  if (keyterms.length > limits.keyterms) bad(`At most ${limits.keyterms} keyterms can be given.`);
  const tokens = keyterms
    .flatMap((term) => term.split(/\s+/u))
    .reduce((sum, word) => sum + Math.ceil(word.length / lettersPerToken), 0);
  if (tokens > limits.keytermTokens) bad("Keyterm limit exceeded. The maximum number of tokens is 500.");
  if (query.getAll("replace").length > limits.replaceTerms) bad("Too many replace terms.");
  if (query.getAll("search").length > limits.searchTerms) bad("Too many search terms.");
}

function checkMarks(query: URLSearchParams, language: string): void {
  for (const redact of query.getAll("redact")) {
    if (everyLanguageRedactions.has(redact)) continue;
    if (language !== "en" && !language.startsWith("en-")) {
      bad(`redact=${redact} is not supported for language ${language}.`);
    }
  }
  for (const tag of query.getAll("tag")) {
    if (tag.length > limits.tagLetters) bad(`A tag has at most ${limits.tagLetters} characters.`);
  }
  for (const extra of query.getAll("extra")) {
    if (!extra.includes(":")) bad("extra must be key:value.");
    if (extra.length > limits.extraLetters) bad(`extra has at most ${limits.extraLetters} characters.`);
  }
}

/** Checks what the service checks before it takes a stream (`"live"`) or a file. */
export function readListenQuery(query: URLSearchParams, kind: "live" | "file"): ListenRequest | Refusal {
  try {
    const { model, language } = checkModel(query);
    checkTerms(query, model);
    checkMarks(query, language);
    const { from, to } = limits.utteranceEndMs;
    const utteranceEndMs = whole(query, "utterance_end_ms", from, to);
    const interimResults = flag(query, "interim_results");
    if (kind === "live" && utteranceEndMs !== null && !interimResults) {
      bad("utterance_end_ms requires interim_results=true.");
    }
    const encoding = query.get("encoding");
    if (encoding !== null && encoding !== "linear16") bad(`This stand-in takes no encoding ${encoding}.`);
    const rates = limits.sampleRateHz;
    const sampleRateHz = whole(query, "sample_rate", rates.from, rates.to);
    if (encoding !== null && sampleRateHz === null) bad("sample_rate is required with encoding.");
    const multichannel = flag(query, "multichannel");
    const channels = whole(query, "channels", 1, limits.channels) ?? 1;
    for (const name of ["numerals", "profanity_filter", "mip_opt_out", "no_delay", "dictation"]) {
      flag(query, name);
    }
    return {
      model,
      language,
      encoding,
      sampleRateHz: sampleRateHz ?? 16_000,
      channels,
      multichannel,
      diarize: flag(query, "diarize"),
      interimResults,
      endpointingMs: endpointingOf(query),
      utteranceEndMs,
      vadEvents: flag(query, "vad_events"),
      punctuated: [flag(query, "punctuate"), flag(query, "smart_format")].includes(true),
      utterances: flag(query, "utterances"),
      tags: query.getAll("tag"),
    };
  } catch (error) {
    if (error instanceof BadQuery) return refusals.badRequest(error.message);
    throw error;
  }
}
