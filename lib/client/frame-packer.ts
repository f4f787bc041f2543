/** Rounds to the nearest PCM16 value; beyond full scale it clips. */
function toPcm16(sample: number): number {
  const scaled = Math.round(sample * 32768);
  return scaled > 32767 ? 32767 : scaled < -32768 ? -32768 : scaled;
}

/** Interleaves planes of floats into PCM16 frames of a fixed length. */
export class FramePacker {
  readonly #channels: number;
  readonly #frameSamples: number;
  readonly #onFrame: (pcm: Int16Array<ArrayBuffer>) => void;
  #frame: Int16Array<ArrayBuffer>;
  #filled = 0;

  constructor(options: {
    readonly channels: number;
    readonly frameSamples: number;
    /** Owns the array it gets. */
    readonly onFrame: (pcm: Int16Array<ArrayBuffer>) => void;
  }) {
    this.#channels = options.channels;
    this.#frameSamples = options.frameSamples;
    this.#onFrame = options.onFrame;
    this.#frame = new Int16Array(options.frameSamples * options.channels);
  }

  /** One plane per channel, all of the same length; a missing plane is silence. */
  push(planes: readonly Float32Array[], samples: number): void {
    for (let index = 0; index < samples; index += 1) {
      for (let channel = 0; channel < this.#channels; channel += 1) {
        this.#frame[this.#filled * this.#channels + channel] = toPcm16(planes[channel]?.[index] ?? 0);
      }
      this.#filled += 1;
      if (this.#filled === this.#frameSamples) this.flush();
    }
  }

  /** Hands out what is there, if anything, as a shorter frame. */
  flush(): void {
    if (this.#filled === 0) return;
    const frame = this.#frame;
    const filled = this.#filled;
    this.#frame = new Int16Array(this.#frameSamples * this.#channels);
    this.#filled = 0;
    this.#onFrame(filled === this.#frameSamples ? frame : frame.slice(0, filled * this.#channels));
  }
}
