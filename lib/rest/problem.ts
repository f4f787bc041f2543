import { CallError } from "../call/errors.ts";
import { errorCodeSchema, type ErrorCode } from "../contract/error-codes.ts";
import type { Problem } from "../contract/rest.ts";

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** Told in `Retry-After` where the error itself names no time. */
  readonly retryAfterSec?: number;
}

/** The one table of what each code is in HTTP. */
export const problemKinds: Readonly<Record<ErrorCode, ProblemKind>> = {
  malformed: { status: 400, title: "Malformed request" },
  unknown_message: { status: 400, title: "Unknown message" },
  unauthorized: { status: 401, title: "Not authorized" },
  token_expired: { status: 401, title: "Token expired" },
  not_allowed: { status: 403, title: "Not allowed" },
  foreign_origin: { status: 403, title: "Foreign origin" },
  not_found: { status: 404, title: "Not found" },
  call_not_found: { status: 404, title: "No such call" },
  no_such_channel: { status: 404, title: "No such channel" },
  suggestion_not_found: { status: 404, title: "No such suggestion" },
  playbook_not_found: { status: 404, title: "No such playbook" },
  method_not_allowed: { status: 405, title: "Method not allowed" },
  silent: { status: 408, title: "Silent for too long" },
  wrong_state: { status: 409, title: "Not in this state of the call" },
  not_started: { status: 409, title: "Not started" },
  call_not_completed: { status: 409, title: "The call is not completed" },
  call_completed: { status: 409, title: "The call is completed" },
  playbook_exists: { status: 409, title: "There is a playbook of this name" },
  version_conflict: { status: 409, title: "Another version has been saved meanwhile" },
  audio_gap: { status: 409, title: "Gap in the audio" },
  taken_over: { status: 409, title: "Taken over" },
  too_large: { status: 413, title: "Too large" },
  unsupported_type: { status: 415, title: "Unsupported type" },
  range_not_satisfiable: { status: 416, title: "Range not satisfiable" },
  foreign_host: { status: 421, title: "Foreign host" },
  invalid: { status: 422, title: "Not acceptable as it is" },
  language_not_supported: { status: 422, title: "Language not supported" },
  transcriber_not_available: { status: 422, title: "Transcriber not available" },
  consent_required: { status: 422, title: "Consent required" },
  audio_misaligned: { status: 422, title: "Misaligned audio" },
  audio_lost_refused: { status: 422, title: "Audio loss refused" },
  too_many_calls: { status: 429, title: "Too many calls", retryAfterSec: 10 },
  rate_limited: { status: 429, title: "Too many requests", retryAfterSec: 5 },
  backpressure: { status: 429, title: "Too fast", retryAfterSec: 1 },
  internal: { status: 500, title: "Internal error" },
  draining: { status: 503, title: "Shutting down", retryAfterSec: 5 },
  storage_failed: { status: 503, title: "Storage failed", retryAfterSec: 5 },
  engine_failed: { status: 503, title: "Engine failed", retryAfterSec: 5 },
};

/** What goes wrong inside is logged, not told. */
const insideDetails: Partial<Record<ErrorCode, string>> = {
  internal: "Something went wrong on the server.",
  storage_failed: "The server could not read or write its storage.",
  engine_failed: "The transcription engine failed.",
};

const problemContentType = "application/problem+json; charset=utf-8";

export interface ProblemReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly problem: Problem;
}

/**
 * By what it is, not by its class: Next bundles route handlers apart from the server, so the class that a handler
 * sees is not the one the core throws.
 */
function isCallError(error: unknown): error is CallError {
  return (
    error instanceof CallError ||
    (error instanceof Error &&
      error.name === "CallError" &&
      "code" in error &&
      errorCodeSchema.safeParse(error.code).success)
  );
}

/** Any error as RFC 9457: a `CallError` by its code, everything else as `internal` with nothing of it told. */
export function problemOf(error: unknown): ProblemReply {
  const failure = isCallError(error) ? error : new CallError("internal", "");
  const { code, issues } = failure;
  const kind = problemKinds[code];
  const retryAfterSec = failure.retryAfterSec ?? kind.retryAfterSec;
  return {
    status: kind.status,
    headers: {
      "Content-Type": problemContentType,
      "Cache-Control": "no-store",
      ...(retryAfterSec === undefined
        ? {}
        : { "Retry-After": String(Math.max(1, Math.ceil(retryAfterSec))) }),
      ...(kind.status === 401 ? { "WWW-Authenticate": "Bearer" } : {}),
    },
    problem: {
      type: `/docs#problem-${code}`,
      title: kind.title,
      status: kind.status,
      detail: insideDetails[code] ?? failure.message,
      code,
      ...(issues === undefined || issues.length === 0
        ? {}
        : { errors: issues.map((issue) => ({ ...issue })) }),
    },
  };
}
