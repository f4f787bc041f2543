interface Chunk {
  readonly firstSample: number;
  readonly pcm: Uint8Array;
}

/** The newest audio of a call, at most `maxSamples` of it, by position on the call's axis. */
export class AudioRing {
  readonly #frameBytes: number;
  readonly #maxSamples: number;
  readonly #chunks: Chunk[] = [];
  #endSample: number;

  constructor(options: { channels: number; firstSample: number; maxSamples: number }) {
    this.#frameBytes = 2 * options.channels;
    this.#endSample = options.firstSample;
    this.#maxSamples = options.maxSamples;
  }

  get firstSample(): number {
    return this.#chunks[0]?.firstSample ?? this.#endSample;
  }

  get endSample(): number {
    return this.#endSample;
  }

  /** Keeps the whole samples, not a copy of them, and gives them back. */
  push(pcm: Uint8Array): Uint8Array {
    const samples = Math.floor(pcm.byteLength / this.#frameBytes);
    const kept = pcm.subarray(0, samples * this.#frameBytes);
    if (samples === 0) return kept;
    this.#chunks.push({ firstSample: this.#endSample, pcm: kept });
    this.#endSample += samples;
    this.dropBefore(this.#endSample - this.#maxSamples);
    return kept;
  }

  /** Lets go of chunks that lie wholly before the sample. */
  dropBefore(sample: number): void {
    let gone = 0;
    for (const chunk of this.#chunks) {
      if (this.#endOf(chunk) > sample) break;
      gone += 1;
    }
    if (gone > 0) this.#chunks.splice(0, gone);
  }

  /** [fromSample, toSample), cut to what is held: to be read only, since it may be what is kept. */
  read(fromSample: number, toSample: number): Uint8Array {
    const first = Math.max(fromSample, this.firstSample);
    const last = Math.min(toSample, this.#endSample);
    const newest = this.#chunks.at(-1);
    // Live audio is sent frame by frame, as it came.
    if (newest !== undefined && newest.firstSample <= first && first < last) {
      return this.#part(newest, first, last);
    }
    const pcm = new Uint8Array(Math.max(0, last - first) * this.#frameBytes);
    for (let i = this.#indexOf(first); i < this.#chunks.length; i++) {
      const chunk = this.#chunks[i];
      if (chunk === undefined || chunk.firstSample >= last) break;
      const start = Math.max(first, chunk.firstSample);
      const end = Math.min(last, this.#endOf(chunk));
      pcm.set(this.#part(chunk, start, end), (start - first) * this.#frameBytes);
    }
    return pcm;
  }

  #part({ firstSample, pcm }: Chunk, fromSample: number, toSample: number): Uint8Array {
    return pcm.subarray(
      (fromSample - firstSample) * this.#frameBytes,
      (toSample - firstSample) * this.#frameBytes,
    );
  }

  #endOf(chunk: Chunk): number {
    return chunk.firstSample + chunk.pcm.byteLength / this.#frameBytes;
  }

  #indexOf(sample: number): number {
    // What is read is nearly always the newest.
    let i = this.#chunks.length - 1;
    while (i > 0 && (this.#chunks[i]?.firstSample ?? 0) > sample) i -= 1;
    return Math.max(0, i);
  }
}
