import { z } from "zod";

/**
 * Every code an error can carry, on REST (`code` of problem+json) and on the sockets (`error.code`).
 * The core throws these; `lib/access/problem.ts` maps them to HTTP statuses in one table.
 */
export const errorCodes = [
  "malformed",
  "unknown_message",
  "unauthorized",
  "token_expired",
  "not_allowed",
  "foreign_host",
  "foreign_origin",
  "not_found",
  "call_not_found",
  "no_such_channel",
  "wrong_state",
  "not_started",
  "call_not_completed",
  "call_completed",
  "too_large",
  "unsupported_type",
  "method_not_allowed",
  "invalid",
  "language_not_supported",
  "transcriber_not_available",
  "consent_required",
  "too_many_calls",
  "rate_limited",
  "range_not_satisfiable",
  "audio_gap",
  "audio_misaligned",
  "audio_lost_refused",
  "backpressure",
  "taken_over",
  "silent",
  "draining",
  "suggestion_not_found",
  "playbook_not_found",
  "playbook_exists",
  "version_conflict",
  "storage_failed",
  "engine_failed",
  "internal",
] as const;

export const errorCodeSchema = z.enum(errorCodes);
export type ErrorCode = z.infer<typeof errorCodeSchema>;
