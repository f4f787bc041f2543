/**
 * Audio that carries its own position: in the two lowest bits of every sample, which nobody hears. Bit 1 is
 * set on the first sample of each block; bit 0 spells the block's number over its samples, highest bit
 * first. Whoever gets a piece of it, late, twice or with a hole, knows which piece it is.
 */
const blockSamples = 32;

/** PCM16, interleaved; `firstSample` is the position of the first sample (of each channel). */
export function markAudio(pcm: Uint8Array, channels: number, firstSample = 0): Uint8Array {
  const marked = Uint8Array.from(pcm);
  const samples = Math.floor(marked.byteLength / (2 * channels));
  for (let i = 0; i < samples; i += 1) {
    const position = firstSample + i;
    const within = position % blockSamples;
    const number = Math.floor(position / blockSamples);
    const bit = (number >>> (blockSamples - 1 - within)) & 1;
    const marks = (within === 0 ? 2 : 0) | bit;
    for (let channel = 0; channel < channels; channel += 1) {
      const at = 2 * (i * channels + channel);
      marked[at] = ((marked[at] ?? 0) & ~3) | marks;
    }
  }
  return marked;
}

/** A piece of marked audio as it lies in what was received; in samples. */
export interface MarkedRun {
  readonly receivedFrom: number;
  readonly positionFrom: number;
  readonly length: number;
}

/** Finds the runs in what is received; a run's borders are known to a block, where others follow. */
export class MarkReader {
  /** Known borders are wrong by less than this. */
  static readonly toleranceSamples = blockSamples;

  readonly #runs: MarkedRun[] = [];
  readonly #channels: number;
  readonly #channel: number;
  #received = 0;
  /** Received sample of the current block's first sample; null where there is none. */
  #blockAt: number | null = null;
  #number = 0;

  /** Reads the marks of one of the channels: another one may be silent where this one is not. */
  constructor(channels: number, channel = 0) {
    this.#channels = channels;
    this.#channel = channel;
  }

  get receivedSamples(): number {
    return this.#received;
  }

  /** Those that are over; the last one may go on. */
  get runs(): readonly MarkedRun[] {
    return this.#runs;
  }

  /** The last run with the samples of a block that is not whole yet. */
  get current(): MarkedRun | undefined {
    const run = this.#runs.at(-1);
    if (run === undefined || run.receivedFrom + run.length !== this.#blockAt) return run;
    return { ...run, length: this.#received - run.receivedFrom };
  }

  write(pcm: Uint8Array): void {
    const step = 2 * this.#channels;
    for (let at = 0; at + step <= pcm.byteLength; at += step) this.#take(pcm[at + 2 * this.#channel] ?? 0);
  }

  #take(low: number): void {
    const at = this.#received;
    this.#received += 1;
    if ((low & 2) !== 0) {
      this.#blockAt = at;
      this.#number = 0;
    }
    if (this.#blockAt === null) return;
    const within = at - this.#blockAt;
    if (within >= blockSamples) {
      this.#blockAt = null;
      return;
    }
    this.#number = ((this.#number << 1) | (low & 1)) >>> 0;
    if (within === blockSamples - 1) this.#place(this.#blockAt, this.#number * blockSamples);
  }

  #place(receivedFrom: number, positionFrom: number): void {
    const run = this.#runs.at(-1);
    const continues =
      run !== undefined &&
      run.receivedFrom + run.length === receivedFrom &&
      run.positionFrom + run.length === positionFrom;
    if (continues) this.#runs[this.#runs.length - 1] = { ...run, length: run.length + blockSamples };
    else this.#runs.push({ receivedFrom, positionFrom, length: blockSamples });
  }
}
