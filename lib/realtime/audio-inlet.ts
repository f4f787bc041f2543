import { maxUndurableSeconds } from "../contract/vocabulary.ts";
import { CallError } from "../call/errors.ts";
import type { Seat } from "../call/seat.ts";

/** A larger frame without index is taken in pieces, so that reading can stop, and others are served, within it. */
const pieceSeconds = 1;
const valueBytes = 2;

export interface AudioInletOptions {
  /** Waits until so many seconds more may be taken. */
  readonly paced: (seconds: number) => Promise<void> | undefined;
  /** True while frames wait until earlier audio is durable: nothing more should be read. */
  readonly onStalled: (stalled: boolean) => void;
}

export interface AudioOutcome {
  readonly taken: (nextSample: number) => void;
  readonly refused: (error: unknown) => void;
}

/** Puts frames into the call so that one that has no answer of its own is never refused for haste. */
export class AudioInlet {
  readonly #options: AudioInletOptions;
  #sampleBytes = 0;
  #secondBytes = 0;
  #stalled = false;
  #closed = false;

  constructor(options: AudioInletOptions) {
    this.#options = options;
  }

  get stalled(): boolean {
    return this.#stalled;
  }

  setFormat(sampleRateHz: number, channels: number): void {
    this.#sampleBytes = valueBytes * channels;
    this.#secondBytes = this.#sampleBytes * sampleRateHz;
  }

  /** 0 while the format is not known. */
  secondsOf(pcm: Uint8Array): number {
    return this.#secondBytes === 0 ? 0 : pcm.byteLength / this.#secondBytes;
  }

  /** Whether each piece of the frame will wait for its time, so that the frame as a whole need not. */
  pacesPieces(firstSample: number | null, pcm: Uint8Array): boolean {
    return firstSample === null && this.#isWhole(pcm) && pcm.byteLength > pieceSeconds * this.#secondBytes;
  }

  close(): void {
    this.#closed = true;
  }

  /**
   * Takes a frame; `firstSample` null: it follows the last one. Returns a promise when what comes after
   * it has to wait; durable or refused, the outcome is told once.
   */
  take(
    seat: Seat,
    firstSample: number | null,
    pcm: Uint8Array,
    outcome: AudioOutcome,
  ): Promise<void> | undefined {
    if (!this.#isWhole(pcm)) {
      const message = `a frame holds a whole, positive number of samples; this one has ${pcm.byteLength} bytes`;
      outcome.refused(new CallError("audio_misaligned", message, { nextSample: seat.nextSample() }));
      return undefined;
    }
    const seconds = pcm.byteLength / this.#secondBytes;
    // With an index the sender gets an answer, `backpressure` too, except for what could never fit.
    const atOnce =
      firstSample === null
        ? seconds <= pieceSeconds && this.#hasRoom(seat, pcm.byteLength)
        : seconds <= maxUndurableSeconds;
    if (atOnce) {
      seat.audio(firstSample, aligned(pcm)).then(outcome.taken, outcome.refused);
      return undefined;
    }
    return this.#takeInPieces(seat, firstSample, pcm, outcome).catch(outcome.refused);
  }

  /** Resolves when all pieces are taken; the outcome of the frame is that of its pieces, told once. */
  async #takeInPieces(
    seat: Seat,
    firstSample: number | null,
    pcm: Uint8Array,
    outcome: AudioOutcome,
  ): Promise<void> {
    const pieceBytes = pieceSeconds * this.#secondBytes;
    const paced = this.pacesPieces(firstSample, pcm);
    const pieces: Promise<number>[] = [];
    for (let start = 0; start < pcm.byteLength; start += pieceBytes) {
      const piece = pcm.subarray(start, start + pieceBytes);
      if (paced) await this.#options.paced(this.secondsOf(piece));
      await this.#waitForRoom(seat, piece.byteLength);
      if (this.#closed) break;
      const at = firstSample === null ? null : firstSample + start / this.#sampleBytes;
      const taken = seat.audio(at, aligned(piece));
      // A refusal is told below; until then it must not count as unhandled.
      taken.catch(() => undefined);
      pieces.push(taken);
    }
    void Promise.all(pieces).then((ends) => {
      outcome.taken(ends.at(-1) ?? seat.nextSample());
    }, outcome.refused);
  }

  /** Whether it holds a positive number of samples; not while the format is not known. */
  #isWhole(pcm: Uint8Array): boolean {
    return this.#sampleBytes !== 0 && pcm.byteLength !== 0 && pcm.byteLength % this.#sampleBytes === 0;
  }

  async #waitForRoom(seat: Seat, bytes: number): Promise<void> {
    if (this.#closed || this.#hasRoom(seat, bytes)) return;
    this.#stall(true);
    try {
      // Once: a call that was let go is drained too, and then says itself why it takes nothing.
      await seat.drained();
    } finally {
      this.#stall(false);
    }
  }

  #hasRoom(seat: Seat, bytes: number): boolean {
    return seat.undurableSeconds() + bytes / this.#secondBytes <= maxUndurableSeconds;
  }

  #stall(stalled: boolean): void {
    this.#stalled = stalled;
    this.#options.onStalled(stalled);
  }
}

/** Readers view the samples as 16-bit numbers, which must begin at an even address. */
function aligned(pcm: Uint8Array): Uint8Array {
  return pcm.byteOffset % valueBytes === 0 ? pcm : new Uint8Array(pcm);
}
