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

/** `flush` hands out the samples that do not fill a frame yet; `close` ends the processor. */
export type ToCaptureWorklet = { readonly type: "flush" } | { readonly type: "close" };

export type FromCaptureWorklet =
  /** Interleaved PCM16; the buffer is transferred. */
  { readonly type: "frame"; readonly pcm: ArrayBuffer } | { readonly type: "flushed" };
