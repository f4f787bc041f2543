type Named = readonly [env: string, message: string];

/** Who may be asked, or what is missing for it. */
export function* languageModelFaults(values: {
  readonly useLlmFallback: boolean | undefined;
  readonly openaiApiKey: string | null | undefined;
  readonly openaiBaseUrl: URL | null | undefined;
}): Generator<Named> {
  if (values.useLlmFallback !== true) return;
  if (values.openaiApiKey === null && values.openaiBaseUrl === null) {
    yield [
      "OPENAI_API_KEY",
      "is missing: USE_LLM_FALLBACK needs it, or OPENAI_BASE_URL, the address of a server that wants none",
    ];
  }
}

/** What is accepted and worth a word, one sentence each; a value of a secret is never in it. */
export function* languageModelWarnings(
  values: { readonly useLlmFallback: boolean; readonly openaiBaseUrl: URL | null },
  given: readonly string[],
  isLoopback: (host: string) => boolean,
): Generator<string> {
  if (!values.useLlmFallback) {
    if (given.length > 0) yield `No effect without USE_LLM_FALLBACK=true: ${given.join(", ")}.`;
    return;
  }
  const url = values.openaiBaseUrl;
  if (url?.protocol === "http:" && !isLoopback(url.hostname)) {
    yield "OPENAI_BASE_URL begins with http://: the key and words of calls travel where anybody on the way can read them.";
  }
}
