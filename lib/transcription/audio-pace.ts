/** Audio per wall-clock second above which a stream is not a live one: its interims would be stale. */
const fastRate = 1.8;
const rateWindowMs = 1500;
/** What a live call that was held up on its way may bring at once without counting as faster than it was spoken. */
const arrearsSeconds = 5;

/** How a call's audio comes in: as fast as it is spoken, or faster. */
export class AudioPace {
  /** What came in lately, for the rate. */
  #arrivals: { readonly atMs: number; readonly seconds: number }[] = [];
  /** Audio that came beyond the seconds of the clock; negative: less came. */
  #surplusSeconds = 0;
  #lastMs: number | null = null;

  /** `behindSeconds`: what had come before and is not decoded yet. */
  came(seconds: number, nowMs: number, behindSeconds: number): void {
    this.#forget(nowMs);
    this.#arrivals.push({ atMs: nowMs, seconds });
    // What came too fast and was decoded all the same is no surplus any more.
    this.#surplusSeconds = Math.min(behindSeconds, this.surplusSeconds(nowMs)) + seconds;
    this.#lastMs = nowMs;
  }

  /** Whether audio came in just now. */
  isFlowing(nowMs: number): boolean {
    return (this.#lastMs ?? -Infinity) > nowMs - rateWindowMs;
  }

  isFast(nowMs: number): boolean {
    this.#forget(nowMs);
    return this.#arrivals.reduce((sum, { seconds }) => sum + seconds, 0) > (fastRate * rateWindowMs) / 1000;
  }

  surplusSeconds(nowMs: number): number {
    const passedMs = this.#lastMs === null ? 0 : nowMs - this.#lastMs;
    return Math.max(-arrearsSeconds, this.#surplusSeconds - passedMs / 1000);
  }

  #forget(nowMs: number): void {
    this.#arrivals = this.#arrivals.filter(({ atMs }) => atMs > nowMs - rateWindowMs);
  }
}
