/** What the models hear. */
export const modelRateHz = 16_000;

/** Zero crossings of the sinc on each side: transition band about 10 % of the lower rate's band. */
const zeroCrossings = 24;
const phasesPerCrossing = 256;
/** Cut-off as part of the lower rate's half: leaves the transition band below the fold. */
const cutoffShare = 0.92;
const kaiserBeta = 8;

/** Modified Bessel function of the first kind, order 0, by its power series. */
function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/** One side of the Kaiser-windowed sinc, in steps of 1 / phasesPerCrossing of a crossing. */
const kernel = ((): Float64Array => {
  const length = zeroCrossings * phasesPerCrossing;
  const values = new Float64Array(length + 2);
  for (let i = 0; i <= length; i++) {
    const x = i / phasesPerCrossing;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    values[i] = (sinc * besselI0(kaiserBeta * Math.sqrt(1 - (i / length) ** 2))) / besselI0(kaiserBeta);
  }
  return values;
})();

/**
 * Converts one channel from any rate to `modelRateHz`, piece by piece: output sample n stands for the
 * instant n / modelRateHz of the input, so nothing is delayed, and pieces join without a click.
 * Before the first sample and after the last one there is silence.
 *
 * Band-limited interpolation with a windowed sinc: J. O. Smith, "Digital Audio Resampling".
 */
export class Resampler {
  readonly #rateHz: number;
  /** Input samples per crossing of the kernel: the kernel is stretched when the rate goes down. */
  readonly #stretch: number;
  readonly #reach: number;
  /** Input not yet behind every output to come; `#held[0]` is input sample `#heldFrom`. */
  #held: Float32Array;
  #heldFrom: number;
  #nextOutput = 0;
  #taken = 0;

  constructor(rateHz: number) {
    this.#rateHz = rateHz;
    this.#stretch = Math.max(1, rateHz / modelRateHz) / cutoffShare;
    this.#reach = Math.ceil(zeroCrossings * this.#stretch);
    this.#held = new Float32Array(this.#reach);
    this.#heldFrom = -this.#reach;
  }

  /** Takes the next samples and gives what can be told already. */
  push(samples: Float32Array): Float32Array {
    this.#taken += samples.length;
    if (this.#rateHz === modelRateHz) return samples;
    return this.#convert(samples, this.#taken - this.#reach);
  }

  /** The rest, with silence after the last sample. */
  flush(): Float32Array {
    if (this.#rateHz === modelRateHz) return new Float32Array(0);
    return this.#convert(new Float32Array(this.#reach), this.#taken);
  }

  /** Gives every output whose instant lies before input sample `endInput`. */
  #convert(samples: Float32Array, endInput: number): Float32Array {
    const held = new Float32Array(this.#held.length + samples.length);
    held.set(this.#held);
    held.set(samples, this.#held.length);

    // Outputs n with n * rate / modelRate < endInput.
    const endOutput = Math.max(this.#nextOutput, Math.ceil((endInput * modelRateHz) / this.#rateHz));
    const output = new Float32Array(endOutput - this.#nextOutput);
    const stepsPerInput = phasesPerCrossing / this.#stretch;
    for (let i = 0; i < output.length; i++) {
      const instant = ((this.#nextOutput + i) * this.#rateHz) / modelRateHz;
      const first = Math.ceil(instant - zeroCrossings * this.#stretch);
      const last = Math.floor(instant + zeroCrossings * this.#stretch);
      let sum = 0;
      for (let input = first; input <= last; input++) {
        const position = Math.abs(input - instant) * stepsPerInput;
        const step = Math.floor(position);
        const before = kernel[step] ?? 0;
        const weight = before + (position - step) * ((kernel[step + 1] ?? 0) - before);
        sum += weight * (held[input - this.#heldFrom] ?? 0);
      }
      output[i] = sum / this.#stretch;
    }
    this.#nextOutput = endOutput;

    const keepFrom = Math.max(
      this.#heldFrom,
      Math.floor((endOutput * this.#rateHz) / modelRateHz) - this.#reach - 1,
    );
    this.#held = held.slice(keepFrom - this.#heldFrom);
    this.#heldFrom = keepFrom;
    return output;
  }
}

/** Channels of interleaved PCM16 little endian as samples from -1 to 1. */
export function channelsOf(pcm: Uint8Array, channels: number): Float32Array[] {
  const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const samples = Math.floor(pcm.byteLength / (2 * channels));
  return Array.from({ length: channels }, (_, channel) => {
    const values = new Float32Array(samples);
    for (let i = 0; i < samples; i++) values[i] = view.getInt16((i * channels + channel) * 2, true) / 32768;
    return values;
  });
}
