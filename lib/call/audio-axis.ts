import { maxUndurableSeconds } from "../contract/vocabulary.ts";
import { CallError } from "./errors.ts";
import type { AudioFormat } from "./ports.ts";

const bytesPerValue = 2;

/** Bytes of one sample: one instant on all channels. */
export function frameBytes(format: AudioFormat): number {
  return bytesPerValue * format.channels;
}

export function samplesToMs(samples: number, sampleRateHz: number): number {
  return Math.round((samples * 1000) / sampleRateHz);
}

/** The part of an offered frame that is new. */
export interface TakenAudio {
  readonly firstSample: number;
  readonly samples: number;
  /** Where the new part begins in the offered bytes. */
  readonly skipBytes: number;
}

/**
 * The one sample counter of a call: what has been taken, and what of it is durable. Pure; SPEC rules
 * A1 to A6.
 */
export class AudioAxis {
  readonly format: AudioFormat;
  #taken: number;
  #durable: number;

  constructor(format: AudioFormat, durableSamples: number) {
    this.format = format;
    this.#taken = durableSamples;
    this.#durable = durableSamples;
  }

  /** Every sample before it survives the death of the process. */
  get nextSample(): number {
    return this.#durable;
  }

  /** Every sample before it has been taken, durable or on its way. */
  get takenSample(): number {
    return this.#taken;
  }

  undurableSeconds(): number {
    return (this.#taken - this.#durable) / this.format.sampleRateHz;
  }

  /**
   * Takes what is new of a frame that starts at `firstSample`. Throws `audio_misaligned`, `audio_gap`
   * or `backpressure`, and then nothing was taken.
   */
  take(firstSample: number, byteLength: number): TakenAudio {
    const samples = byteLength / frameBytes(this.format);
    if (samples === 0 || !Number.isInteger(samples)) {
      throw new CallError(
        "audio_misaligned",
        `A frame holds a whole, positive number of samples of ${frameBytes(this.format)} bytes; this one has ${byteLength} bytes.`,
        { nextSample: this.#durable },
      );
    }
    this.#refuseGap(firstSample);
    const end = firstSample + samples;
    const fresh = Math.max(0, end - this.#taken);
    const undurable = this.#taken + fresh - this.#durable;
    if (fresh > 0 && undurable > maxUndurableSeconds * this.format.sampleRateHz) {
      throw new CallError(
        "backpressure",
        `More than ${maxUndurableSeconds} s of audio would wait to be written; send this frame again later.`,
        { nextSample: this.#durable },
      );
    }
    const taken = {
      firstSample: this.#taken,
      samples: fresh,
      skipBytes: (samples - fresh) * frameBytes(this.format),
    };
    this.#taken += fresh;
    return taken;
  }

  /** Takes the part of a declared loss that is new; 0 when all of it is known. Throws `audio_gap`. */
  takeLoss(firstSample: number, samples: number): { firstSample: number; samples: number } {
    this.#refuseGap(firstSample);
    const fresh = Math.max(0, firstSample + samples - this.#taken);
    const taken = { firstSample: this.#taken, samples: fresh };
    this.#taken += fresh;
    return taken;
  }

  /** `samples` more have become durable. */
  madeDurable(samples: number): void {
    if (this.#durable + samples > this.#taken) {
      throw new RangeError("More samples durable than were taken.");
    }
    this.#durable += samples;
  }

  #refuseGap(firstSample: number): void {
    if (firstSample > this.#taken) {
      throw new CallError(
        "audio_gap",
        `Audio goes on at sample ${this.#durable}; this frame starts at ${firstSample}. Send what is between, or declare it with audio_lost.`,
        { nextSample: this.#durable },
      );
    }
  }
}
