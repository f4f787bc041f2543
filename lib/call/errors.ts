import type { CallState } from "../contract/vocabulary.ts";
import type { ErrorCode } from "../contract/error-codes.ts";

/** Codes after which the same request may succeed when it is made again. */
const retryableCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "too_many_calls",
  "rate_limited",
  "backpressure",
  "audio_gap",
  "draining",
  "storage_failed",
  "engine_failed",
]);

export interface CallErrorDetails {
  readonly cause?: unknown;
  /** For `audio_gap`, `audio_misaligned` and `backpressure`: where the audio has to go on. */
  readonly nextSample?: number;
  /** For `too_many_calls`, `rate_limited` and `draining`. */
  readonly retryAfterSec?: number;
  /** For `storage_failed`: the storage works and will never take this. */
  readonly refused?: boolean;
  /** The faults of a payload, one each, by JSON path. */
  readonly issues?: readonly { readonly path: string; readonly message: string }[];
}

/** The one error type of the product. Adapters translate their vendor's errors into it. */
export class CallError extends Error {
  override readonly name = "CallError";
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly nextSample: number | undefined;
  readonly retryAfterSec: number | undefined;
  readonly refused: boolean;
  readonly issues: CallErrorDetails["issues"];

  constructor(code: ErrorCode, message: string, details: CallErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.refused = details.refused ?? false;
    this.retryable = retryableCodes.has(code) && !this.refused;
    this.nextSample = details.nextSample;
    this.retryAfterSec = details.retryAfterSec;
    this.issues = details.issues;
  }
}

/** The same words for a call that does not exist and for one that is none of the asker's business. */
export function callNotFound(): CallError {
  return new CallError("call_not_found", "there is no call with this id");
}

export function takenOver(): CallError {
  return new CallError("taken_over", "Another connection has taken over this call.");
}

/** What a call that is not live says to audio. */
export function noIntake(state: CallState, nextSample: number): CallError {
  const code = state === "completed" ? "call_completed" : "wrong_state";
  return new CallError(code, `The call is ${state}; it takes no more audio.`, { nextSample });
}
