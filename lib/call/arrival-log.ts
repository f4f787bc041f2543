interface Arrival {
  endSample: number;
  readonly atMs: number;
}

const maxArrivals = 4096;

/**
 * When audio arrived, by sample, for latencies. Keeps the last 4096 frames (about seven minutes of
 * 100 ms frames); older samples are answered with the oldest arrival that is still known.
 */
export class ArrivalLog {
  readonly #arrivals: Arrival[] = [];

  /** Everything before `endSample` has arrived at `atMs` (monotonic). */
  note(endSample: number, atMs: number): void {
    const last = this.#arrivals.at(-1);
    // Frames of a few samples come by the thousand; what came in the same millisecond is one arrival.
    if (last !== undefined && atMs - last.atMs < 1) last.endSample = endSample;
    else this.#arrivals.push({ endSample, atMs });
    if (this.#arrivals.length > maxArrivals * 2) this.#arrivals.splice(0, maxArrivals);
  }

  /** Monotonic time at which the frame with the last sample before `endSample` arrived. */
  arrivalOf(endSample: number): number | null {
    let low = 0;
    let high = this.#arrivals.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const arrival = this.#arrivals[middle];
      if (arrival !== undefined && arrival.endSample < endSample) low = middle + 1;
      else high = middle;
    }
    return (this.#arrivals[low] ?? this.#arrivals.at(-1))?.atMs ?? null;
  }
}
