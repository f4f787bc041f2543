function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Zeroth-order modified Bessel function of the first kind, by its power series. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; k < 40; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
    if (term < 1e-12 * sum) break;
  }
  return sum;
}

/** Zero crossings of the windowed sinc on each side: 32 keep images below −70 dB with this window. */
const zeroCrossings = 32;
const kaiserBeta = 8;

/**
 * Streaming polyphase resampler by a rational factor (44.1 kHz to 16 kHz is 160/441), one channel.
 * Kaiser-windowed sinc, cut at the lower of the two Nyquist frequencies. Input comes in any portions; the output
 * does not depend on how it was cut up.
 */
export class RationalResampler {
  readonly #up: number;
  readonly #down: number;
  readonly #tapsPerPhase: number;
  /** Filter phases, one after the other. */
  readonly #phases: Float32Array;
  #history: Float32Array;
  /** Position of the next output in units of 1/up input samples, relative to the history's start. */
  #position = 0;

  constructor(fromHz: number, toHz: number) {
    const divisor = greatestCommonDivisor(fromHz, toHz);
    this.#up = toHz / divisor;
    this.#down = fromHz / divisor;
    const cutoff = Math.min(1, toHz / fromHz) * 0.94;
    const halfWidth = Math.ceil(zeroCrossings / cutoff);
    this.#tapsPerPhase = halfWidth * 2;
    this.#phases = new Float32Array(this.#up * this.#tapsPerPhase);
    for (let phase = 0; phase < this.#up; phase += 1) {
      const fraction = phase / this.#up;
      let gain = 0;
      for (let tap = 0; tap < this.#tapsPerPhase; tap += 1) {
        const distance = tap - (halfWidth - 1) - fraction;
        const ratio = distance / halfWidth;
        const window =
          Math.abs(ratio) >= 1
            ? 0
            : besselI0(kaiserBeta * Math.sqrt(1 - ratio * ratio)) / besselI0(kaiserBeta);
        const x = Math.PI * cutoff * distance;
        const value = (x === 0 ? 1 : Math.sin(x) / x) * window;
        this.#phases[phase * this.#tapsPerPhase + tap] = value;
        gain += value;
      }
      for (let tap = 0; tap < this.#tapsPerPhase; tap += 1) {
        const index = phase * this.#tapsPerPhase + tap;
        this.#phases[index] = (this.#phases[index] ?? 0) / gain;
      }
    }
    // The filter is centred: the first output stands on the first input.
    this.#history = new Float32Array(halfWidth - 1);
  }

  process(input: Float32Array): Float32Array {
    const joined = new Float32Array(this.#history.length + input.length);
    joined.set(this.#history);
    joined.set(input, this.#history.length);
    const available = (joined.length - this.#tapsPerPhase + 1) * this.#up - this.#position;
    const out = new Float32Array(Math.max(0, Math.ceil(available / this.#down)));
    for (let index = 0; index < out.length; index += 1) {
      const start = Math.floor(this.#position / this.#up);
      const phaseStart = (this.#position % this.#up) * this.#tapsPerPhase;
      let sum = 0;
      for (let tap = 0; tap < this.#tapsPerPhase; tap += 1) {
        sum += (joined[start + tap] ?? 0) * (this.#phases[phaseStart + tap] ?? 0);
      }
      out[index] = sum;
      this.#position += this.#down;
    }
    const used = Math.min(Math.floor(this.#position / this.#up), joined.length);
    this.#history = joined.slice(used);
    this.#position -= used * this.#up;
    return out;
  }
}
