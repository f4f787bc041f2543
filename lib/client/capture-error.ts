/** Why sound could not be had; each has its own words on the page that tell what to do. */
export type CaptureErrorCode =
  | "permission_denied"
  | "no_device"
  | "device_busy"
  | "one_channel_only"
  | "shared_without_audio"
  | "sharing_cancelled"
  | "unreadable_file"
  /** The recorded call to try it on could not be loaded. */
  | "recording_unavailable"
  | "not_supported"
  | "failed";

export class CaptureError extends Error {
  override readonly name = "CaptureError";
  readonly code: CaptureErrorCode;

  constructor(code: CaptureErrorCode, cause?: unknown) {
    super(`audio capture: ${code}`, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** What `getUserMedia` and `getDisplayMedia` reject with, in our terms. */
export function captureErrorOf(error: unknown, asked: "input" | "sharing"): CaptureError {
  if (error instanceof CaptureError) return error;
  const name = error instanceof Error ? error.name : "";
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return new CaptureError(asked === "sharing" ? "sharing_cancelled" : "permission_denied", error);
    case "NotFoundError":
    case "OverconstrainedError":
      return new CaptureError("no_device", error);
    case "NotReadableError":
    case "AbortError":
      return new CaptureError("device_busy", error);
    case "NotSupportedError":
    case "TypeError":
      return new CaptureError("not_supported", error);
    default:
      return new CaptureError("failed", error);
  }
}
