import type { Clock, Telemetry } from "../../call/ports.ts";
import type { EngineEvent } from "../../call/transcription-ports.ts";

const progressMs = 250;
const usageSeconds = 60;

export interface StreamReportOptions {
  readonly firstSample: number;
  readonly sampleRateHz: number;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly onEvent: (event: EngineEvent) => void;
}

/** How far a stream has come, which never goes back, and what it costs. */
export class StreamReport {
  readonly #options: StreamReportOptions;
  #consumed: number;
  #settled: number;
  #reached: number;
  #toldAtMs = -Infinity;
  /** Not told yet: each frame of every call adds to them. */
  #unbilledSeconds = 0;
  readonly #uncounted = { sent: 0, repaired: 0, spared: 0 };

  constructor(options: StreamReportOptions) {
    this.#options = options;
    this.#consumed = options.firstSample;
    this.#settled = options.firstSample;
    this.#reached = options.firstSample;
  }

  get consumed(): number {
    return this.#consumed;
  }

  /** Whether it is time to tell how far it is, where nothing else calls for it. */
  get isDue(): boolean {
    return this.#options.clock.monotonicMs() - this.#toldAtMs >= progressMs;
  }

  /** `reached` null: the engine does not show what it has heard before it is final. */
  progress(at: {
    readonly consumed: number;
    readonly settled: number;
    readonly reached: number | null;
  }): void {
    this.#toldAtMs = this.#options.clock.monotonicMs();
    this.#consumed = Math.max(this.#consumed, at.consumed);
    this.#settled = Math.max(this.#settled, Math.min(this.#consumed, at.settled));
    this.#reached = Math.max(this.#reached, at.reached ?? 0);
    this.#options.onEvent({
      type: "progress",
      consumedSample: this.#consumed,
      settledSample: this.#settled,
      ...(at.reached === null ? {} : { reachedSample: this.#reached }),
    });
  }

  /** Samples of single channels that the service was given. */
  bill(samples: number, type: "sent" | "repaired"): void {
    const seconds = samples / this.#options.sampleRateHz;
    this.#uncounted[type] += seconds;
    this.#unbilledSeconds += seconds;
    if (this.#unbilledSeconds >= usageSeconds) this.tellUsage();
  }

  /** Samples of single channels that the service was not given because nobody spoke. */
  spare(samples: number): void {
    this.#uncounted.spared += samples / this.#options.sampleRateHz;
  }

  tellUsage(): void {
    const billedSeconds = this.takeUsage();
    if (billedSeconds > 0) this.#options.onEvent({ type: "usage", billedSeconds });
  }

  /** What has not been told yet, for whoever tells it. */
  takeUsage(): number {
    for (const type of ["sent", "repaired", "spared"] as const) {
      this.#options.telemetry.count("engine_audio_seconds", this.#uncounted[type], {
        engine: "deepgram",
        type,
      });
      this.#uncounted[type] = 0;
    }
    const seconds = this.#unbilledSeconds;
    this.#unbilledSeconds = 0;
    return seconds;
  }
}
