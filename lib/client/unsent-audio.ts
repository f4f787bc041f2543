interface Chunk {
  readonly firstSample: number;
  readonly samples: number;
  readonly pcm: Uint8Array;
}

export interface UnsentAudioOptions {
  /** 2 in mono, 4 in stereo. */
  readonly bytesPerSample: number;
  /** Samples it holds at most; beyond it the oldest are given up. */
  readonly maxSamples: number;
}

/**
 * Everything captured that is not yet durable on the server, addressed by sample on the call's axis:
 * the half-open span [firstSample, endSample). When it is full the oldest audio is given up, so
 * `firstSample` runs ahead of what the server has; the difference has to be declared with `audio_lost`.
 */
export class UnsentAudio {
  readonly #bytesPerSample: number;
  readonly #maxSamples: number;
  #chunks: Chunk[] = [];
  /** Chunks before it are gone; the array is compacted now and then. */
  #head = 0;
  #firstSample = 0;
  #endSample = 0;
  #givenUpSamples = 0;

  constructor({ bytesPerSample, maxSamples }: UnsentAudioOptions) {
    this.#bytesPerSample = bytesPerSample;
    this.#maxSamples = maxSamples;
  }

  /** The oldest sample still held. */
  get firstSample(): number {
    return this.#firstSample;
  }

  /** The sample after the newest one. */
  get endSample(): number {
    return this.#endSample;
  }

  get heldSamples(): number {
    return this.#endSample - this.#firstSample;
  }

  /** Samples given up since the start because the buffer was full. */
  get givenUpSamples(): number {
    return this.#givenUpSamples;
  }

  /** Takes the next whole samples; the bytes must not change afterwards. */
  append(pcm: Uint8Array): void {
    const samples = pcm.byteLength / this.#bytesPerSample;
    if (!Number.isInteger(samples)) throw new RangeError("audio must be whole samples");
    if (samples === 0) return;
    this.#chunks.push({ firstSample: this.#endSample, samples, pcm });
    this.#endSample += samples;
    const surplus = this.heldSamples - this.#maxSamples;
    if (surplus > 0) {
      this.#givenUpSamples += surplus;
      this.#dropTo(this.#firstSample + surplus);
    }
  }

  /** Every sample before `sample` is durable and can go. A position never heard of moves the axis on. */
  dropBefore(sample: number): void {
    if (sample <= this.#firstSample) return;
    if (sample > this.#endSample) this.#endSample = sample;
    this.#dropTo(sample);
  }

  /** Takes up what an earlier life of the page left behind; nothing may have been taken before. */
  restore(firstSample: number, pcm: readonly Uint8Array[]): void {
    if (this.#endSample !== 0 || this.#firstSample !== 0) throw new RangeError("audio is held already");
    this.#firstSample = firstSample;
    this.#endSample = firstSample;
    for (const part of pcm) this.append(part);
  }

  /**
   * Moves everything from `sample` on by `shift` samples: where the call stands was not known when it was
   * captured. What lies before `sample` becomes part of what the server has.
   */
  moveTail(sample: number, shift: number): void {
    if (shift === 0) return;
    this.dropBefore(sample);
    this.#chunks = this.#chunks
      .slice(this.#head)
      .map((chunk) => ({ ...chunk, firstSample: chunk.firstSample + shift }));
    this.#head = 0;
    this.#firstSample += shift;
    this.#endSample += shift;
  }

  /**
   * At most `maxSamples` from `fromSample` on, in one piece of memory of its own; empty where nothing is
   * held there.
   */
  read(fromSample: number, maxSamples: number): Uint8Array<ArrayBuffer> {
    const from = Math.max(fromSample, this.#firstSample);
    const end = Math.min(this.#endSample, fromSample + maxSamples);
    if (from !== fromSample || end <= from) return new Uint8Array(0);
    const out = new Uint8Array((end - from) * this.#bytesPerSample);
    for (let index = this.#indexOf(from); index < this.#chunks.length; index += 1) {
      const chunk = this.#chunks[index];
      if (chunk === undefined || chunk.firstSample >= end) break;
      const start = Math.max(from, chunk.firstSample);
      const stop = Math.min(end, chunk.firstSample + chunk.samples);
      if (stop <= start) continue;
      out.set(
        chunk.pcm.subarray(
          (start - chunk.firstSample) * this.#bytesPerSample,
          (stop - chunk.firstSample) * this.#bytesPerSample,
        ),
        (start - from) * this.#bytesPerSample,
      );
    }
    return out;
  }

  /** The chunk that holds `sample`, by bisection. */
  #indexOf(sample: number): number {
    let low = this.#head;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const chunk = this.#chunks[middle];
      if (chunk !== undefined && chunk.firstSample + chunk.samples <= sample) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #dropTo(sample: number): void {
    this.#firstSample = sample;
    for (;;) {
      const chunk = this.#chunks[this.#head];
      if (chunk === undefined || chunk.firstSample + chunk.samples > sample) break;
      this.#head += 1;
    }
    if (this.#head > 256 && this.#head * 2 > this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#head);
      this.#head = 0;
    }
  }
}
