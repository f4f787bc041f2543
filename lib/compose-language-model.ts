import type { LanguageModel } from "./call/language-model-ports.ts";
import type { CallRepository, Clock, Logger, Telemetry } from "./call/ports.ts";
import { SummaryProse } from "./call/summary-prose.ts";
import { createChat } from "./language-model/chat-client.ts";
import { createLanguageModel } from "./language-model/language-model.ts";
import type { AppConfig } from "./platform/config.ts";

/** Both null when nobody is to be asked: nothing said in a call leaves for a language model. */
export function composeLanguageModel({
  clock,
  config,
  logger,
  repository,
  telemetry,
}: {
  readonly clock: Clock;
  readonly config: AppConfig;
  readonly logger: Logger;
  readonly repository: CallRepository;
  readonly telemetry: Telemetry;
}): { readonly model: LanguageModel | null; readonly prose: SummaryProse | null } {
  if (!config.useLlmFallback) return { model: null, prose: null };
  const { llmModel, llmTimeoutMs: timeoutMs, openaiApiKey: apiKey, openaiBaseUrl: baseUrl } = config;
  const chat = createChat({ model: llmModel, apiKey, baseUrl });
  const model = createLanguageModel({ chat, timeoutMs, clock, logger, telemetry });
  return { model, prose: new SummaryProse({ model, repository, logger }) };
}
