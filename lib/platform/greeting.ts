import type { AddressInfo } from "node:net";
import type { AppConfig } from "./config.ts";
import type { AppContainer } from "./container.ts";

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Where people open the product, in the terminal. */
export function printAddress(address: AddressInfo | string | null, config: AppConfig): void {
  if (address === null || typeof address === "string") return;
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  say(`\nSales Coach Live is at ${config.publicUrl?.href ?? `http://${host}:${address.port}/`}`);
}

/** With accounts and nobody in them the sign-in page is a dead end. */
export function printFirstSteps(options: { readonly hasNoUsers: boolean }): void {
  if (!options.hasNoUsers) return;
  say("Nobody may sign in yet. Add a person from another terminal:");
  say("  npm run user -- add NAME --role manager");
}

/** Which engine is in use, and under what licence; licences ask for this to be seen. */
export function printNotices({ config, engines }: AppContainer): void {
  if (engines[0]?.name === "deepgram") {
    say("Speech engine: Deepgram. The audio of calls is sent there; without it they go on with the next.");
  }
  if (config.useLlmFallback) {
    const host = config.openaiBaseUrl?.host ?? "api.openai.com";
    say(`Language model: ${config.llmModel} at ${host}. Some sentences of calls are sent there.`);
  }
  for (const engine of engines) {
    // It has the notices of the engine that stands in for it, which come by themselves.
    if (engine.name === "deepgram") continue;
    const notice = engine.notices[config.language];
    if (notice === undefined) continue;
    say(`Speech engine: ${notice.engine} (${config.language}). ${notice.attribution}`);
    say(`Licence: ${notice.licence} ${notice.url}\n`);
  }
}
