import type { useTranslations } from "next-intl";
import { RestError } from "../../lib/client/rest-client.ts";
import type { ErrorCode } from "../../lib/contract/error-codes.ts";

const known = [
  "too_many_calls",
  "rate_limited",
  "language_not_supported",
  "transcriber_not_available",
  "consent_required",
  "draining",
  "unauthorized",
  "not_allowed",
  "invalid",
  "playbook_exists",
  "playbook_not_found",
  "version_conflict",
] as const satisfies readonly ErrorCode[];

/** A refusal in the person's language, or in the server's words where we have none of our own. */
export function problemText(t: ReturnType<typeof useTranslations<"problem">>, error: unknown): string {
  if (!(error instanceof RestError)) return t("unreachable");
  const { problem } = error;
  if (problem === null) return t("unreachable");
  const code = known.find((one) => one === problem.code);
  return code === undefined ? problem.detail : t(code);
}
