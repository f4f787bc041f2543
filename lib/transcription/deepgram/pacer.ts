/** The service reads no faster than this; what is sent faster only waits there, where it cannot be taken back. */
const timesRealTime = 1.25;
/** Frames of a live call may come in bunches. */
const burstSeconds = 1;

/** How much audio may be sent by when. */
export class Pacer {
  #allowedSeconds: number;
  #atMs: number;

  /** `allowedSeconds`: to begin with. */
  constructor(nowMs: number, allowedSeconds = burstSeconds / 2) {
    this.#atMs = nowMs;
    this.#allowedSeconds = allowedSeconds;
  }

  /** Takes the audio if it may be sent now: 0. Otherwise the milliseconds until it may. */
  take(seconds: number, nowMs: number): number {
    const passedSeconds = Math.max(0, nowMs - this.#atMs) / 1000;
    this.#atMs = nowMs;
    this.#allowedSeconds = Math.min(burstSeconds, this.#allowedSeconds + passedSeconds * timesRealTime);
    if (seconds > this.#allowedSeconds) return ((seconds - this.#allowedSeconds) / timesRealTime) * 1000;
    this.#allowedSeconds -= seconds;
    return 0;
  }
}
