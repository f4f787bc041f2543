import type { ErrorCode } from "../contract/error-codes.ts";
import type { CloseCode } from "../contract/vocabulary.ts";
import { closeCodes } from "../contract/vocabulary.ts";
import { CallError } from "../call/errors.ts";

/** Why a connection ended, as counted in `connections_closed`. */
export type ClosingReason = keyof typeof closeCodes | "client" | "slow_reader";

/** The error a peer is told before a close; a completed call needs none. */
const errorOfClose: Readonly<Record<Exclude<CloseCode, 1000>, readonly [ErrorCode, string]>> = {
  [closeCodes.draining]: ["draining", "the server is going down; connect again"],
  [closeCodes.tooLarge]: ["too_large", "a frame may have at most 1 MiB"],
  [closeCodes.malformed]: ["malformed", "too many malformed messages in a row"],
  [closeCodes.token]: ["unauthorized", "the token is not valid for this call"],
  [closeCodes.notAllowed]: ["not_allowed", "this connection is not allowed"],
  [closeCodes.noSuchCall]: ["call_not_found", "there is no such call"],
  [closeCodes.silent]: ["silent", "nothing was heard from this connection"],
  [closeCodes.takenOver]: ["taken_over", "another connection of the host has taken over"],
};

export function closingError(code: CloseCode): CallError | null {
  if (code === closeCodes.completed) return null;
  const [errorCode, message] = errorOfClose[code];
  return new CallError(errorCode, message);
}

const closeOfError: Partial<Record<ErrorCode, CloseCode>> = {
  unauthorized: closeCodes.token,
  token_expired: closeCodes.token,
  not_allowed: closeCodes.notAllowed,
  rate_limited: closeCodes.notAllowed,
  consent_required: closeCodes.notAllowed,
  call_not_found: closeCodes.noSuchCall,
  not_found: closeCodes.noSuchCall,
  malformed: closeCodes.malformed,
  too_large: closeCodes.tooLarge,
  taken_over: closeCodes.takenOver,
};

/** The close code of a connection that could not be seated; what may work later is `draining`. */
export function closeCodeOf(error: CallError): CloseCode {
  return closeOfError[error.code] ?? closeCodes.draining;
}

/** For the counter; none where the client went by itself. */
export function codeOfReason(reason: ClosingReason): string | undefined {
  if (reason === "client") return undefined;
  return String(closeCodes[reason === "slow_reader" ? "silent" : reason]);
}

export function closingReasonOf(code: CloseCode): ClosingReason {
  switch (code) {
    case closeCodes.completed:
      return "completed";
    case closeCodes.draining:
      return "draining";
    case closeCodes.tooLarge:
      return "tooLarge";
    case closeCodes.malformed:
      return "malformed";
    case closeCodes.token:
      return "token";
    case closeCodes.notAllowed:
      return "notAllowed";
    case closeCodes.noSuchCall:
      return "noSuchCall";
    case closeCodes.silent:
      return "silent";
    case closeCodes.takenOver:
      return "takenOver";
  }
}

/** What a failed request tells the peer; anything that is not a `CallError` is a fault of ours. */
export function asCallError(error: unknown): CallError {
  if (error instanceof CallError) return error;
  return new CallError("internal", "something went wrong on the server", { cause: error });
}
