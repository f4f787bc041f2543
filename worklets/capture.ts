import {
  captureWorkletName,
  type CaptureWorkletOptions,
  type FromCaptureWorklet,
  type ToCaptureWorklet,
} from "../lib/client/capture-protocol.ts";
import { FramePacker } from "../lib/client/frame-packer.ts";
import { RationalResampler } from "../lib/client/rational-resampler.ts";

/** Length of a render quantum where the input is not connected and so does not tell. */
const quantumSamples = 128;

/** Only moves samples: from the audio graph, through the resampler where rates differ, into frames. */
class CaptureProcessor extends AudioWorkletProcessor {
  readonly #channels: number;
  readonly #resamplers: readonly RationalResampler[] | null;
  readonly #packer: FramePacker;
  readonly #silence = new Float32Array(quantumSamples);
  #isHeld = false;
  #isClosed = false;

  constructor(options: { readonly processorOptions: unknown }) {
    super();
    const { channels, toRateHz, frameSamples } = options.processorOptions as CaptureWorkletOptions;
    this.#channels = channels;
    this.#resamplers =
      toRateHz === sampleRate
        ? null
        : Array.from({ length: channels }, () => new RationalResampler(sampleRate, toRateHz));
    this.#packer = new FramePacker({
      channels,
      frameSamples,
      onFrame: (pcm) => {
        this.#post({ type: "frame", pcm: pcm.buffer }, [pcm.buffer]);
      },
    });
    this.port.onmessage = (event: MessageEvent<ToCaptureWorklet>) => {
      switch (event.data.type) {
        case "close":
          this.#isClosed = true;
          return;
        case "hold":
          this.#isHeld = event.data.isHeld;
          this.#packer.flush();
          return;
        case "flush":
          this.#packer.flush();
          this.#post({ type: "flushed" }, []);
          return;
      }
    };
  }

  process(inputs: readonly (readonly Float32Array[])[]): boolean {
    if (this.#isClosed) return false;
    if (this.#isHeld) return true;
    const input = inputs[0] ?? [];
    // An input that is not connected is silence: the axis goes on.
    const planes = Array.from({ length: this.#channels }, (_, channel) => input[channel] ?? this.#silence);
    const resampled =
      this.#resamplers === null
        ? planes
        : this.#resamplers.map((resampler, channel) => resampler.process(planes[channel] ?? this.#silence));
    this.#packer.push(resampled, resampled[0]?.length ?? 0);
    return true;
  }

  #post(message: FromCaptureWorklet, transfer: Transferable[]): void {
    this.port.postMessage(message, transfer);
  }
}

registerProcessor(captureWorkletName, CaptureProcessor);
