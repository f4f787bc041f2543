import type { ReplySuggester } from "./ports.ts";
import type { CallRecord } from "./stored-call.ts";

/** Names worth telling an engine, the call's own first: an engine that takes fewer takes those. */
export function keytermsOf(
  call: Pick<CallRecord, "customer" | "language">,
  suggester: Pick<ReplySuggester, "keyterms">,
): readonly string[] {
  const { company = "", name = "" } = call.customer;
  const terms = [company, name, ...suggester.keyterms(call.language)]
    .map((term) => term.replaceAll(/\s+/gu, " ").trim())
    .filter((term) => term !== "");
  const seen = new Set<string>();
  return terms.filter((term) => {
    const key = term.toLocaleLowerCase();
    return !seen.has(key) && seen.add(key);
  });
}
