/** What the page and the capture worklet say to each other. */
export const captureWorkletName = "call-capture";
export const captureWorkletPath = "/worklets/capture.js";
export const captureRateHz = 16_000;
export const captureFrameMs = 100;

export interface CaptureWorkletOptions {
  readonly channels: 1 | 2;
  readonly toRateHz: number;
  readonly frameSamples: number;
}

/**
 * `flush` hands out the samples that do not fill a frame yet; `hold` does the same and then takes no samples until
 * it is let go: nothing is captured, so nothing goes on the axis. `close` ends the processor.
 */
export type ToCaptureWorklet =
  | { readonly type: "flush" }
  | { readonly type: "hold"; readonly isHeld: boolean }
  | { readonly type: "close" };

export type FromCaptureWorklet =
  /** Interleaved PCM16; the buffer is transferred. */
  { readonly type: "frame"; readonly pcm: ArrayBuffer } | { readonly type: "flushed" };
