interface SentSpan {
  /** On the connection's axis. */
  readonly sentSample: number;
  /** On the call's. */
  readonly callSample: number;
}

/**
 * Where the audio of one connection lies in the call. The service counts what it was sent, from 0; silence that
 * was not sent is in the call all the same.
 */
export class SentAxis {
  readonly #sampleRateHz: number;
  readonly #spans: SentSpan[] = [];
  #sentSamples = 0;
  #callEnd = 0;

  constructor(sampleRateHz: number) {
    this.#sampleRateHz = sampleRateHz;
  }

  get sentSamples(): number {
    return this.#sentSamples;
  }

  /** Call position behind the last sample that was sent. */
  get callEnd(): number {
    return this.#callEnd;
  }

  sent(callSample: number, samples: number): void {
    if (this.#spans.length === 0 || callSample !== this.#callEnd) {
      this.#spans.push({ sentSample: this.#sentSamples, callSample });
    }
    this.#sentSamples += samples;
    this.#callEnd = callSample + samples;
  }

  /** Call position of something that begins at `seconds` of the connection. */
  startAt(seconds: number): number {
    return this.#callSample(this.#sample(seconds), (span, sample) => span.sentSample <= sample);
  }

  /** Call position of something that ends there: on a border, the end of what came before it. */
  endAt(seconds: number): number {
    return this.#callSample(this.#sample(seconds), (span, sample) => span.sentSample < sample);
  }

  /** The service's times are 32-bit floats: they are rounded to the nearest sample, and never pass what was sent. */
  #sample(seconds: number): number {
    return Math.max(0, Math.min(this.#sentSamples, Math.round(seconds * this.#sampleRateHz)));
  }

  #callSample(sample: number, isBefore: (span: SentSpan, sample: number) => boolean): number {
    let low = 0;
    let high = this.#spans.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const span = this.#spans[middle];
      if (span !== undefined && isBefore(span, sample)) low = middle;
      else high = middle - 1;
    }
    const span = this.#spans[low];
    return span === undefined ? this.#callEnd : span.callSample + (sample - span.sentSample);
  }
}
