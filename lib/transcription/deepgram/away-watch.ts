import type { Clock } from "../../call/ports.ts";
import type { EngineEvent } from "../../call/transcription-ports.ts";

export type Trouble = Omit<Extract<EngineEvent, { type: "trouble" }>, "type">;

/** A connection that lives this long is taken for one that works, whether anybody speaks or not. */
const worksAfterMs = 2000;

export interface AwayWatchOptions {
  readonly clock: Clock;
  /** Away for so long, and the call is better off elsewhere. */
  readonly awayAfterMs: number;
  readonly onTrouble: (trouble: Trouble) => void;
  readonly onBack: () => void;
}

/** Tells how a call's connection to the service fares: gone, gone for long, refused for good, back. */
export class AwayWatch {
  readonly #options: AwayWatchOptions;
  #state: "working" | "gone" | "away" | "refused" = "working";
  #goneAtMs: number | null = null;
  #cancelAway: (() => void) | null = null;
  #cancelOpened: (() => void) | null = null;

  constructor(options: AwayWatchOptions) {
    this.#options = options;
  }

  /** Milliseconds since there was a connection that worked. */
  get goneForMs(): number {
    return this.#goneAtMs === null ? 0 : this.#options.clock.monotonicMs() - this.#goneAtMs;
  }

  /** The first attempt is under way: it is not trouble yet, but may become so. */
  connecting(): void {
    this.#goneAtMs ??= this.#options.clock.monotonicMs();
    this.#cancelAway ??= this.#options.clock.after(this.#options.awayAfterMs, () => {
      if (this.#state !== "working" && this.#state !== "gone") return;
      this.#state = "away";
      this.#tell(
        "degraded",
        "engine_away",
        `Deepgram has been away for ${Math.round(this.goneForMs / 1000)} s; it is tried on.`,
      );
    });
  }

  opened(): void {
    this.#cancelOpened?.();
    this.#cancelOpened = this.#options.clock.after(worksAfterMs, () => {
      this.worked();
    });
  }

  /** The service answers. */
  worked(): void {
    this.#cancelOpened?.();
    this.#cancelOpened = null;
    if (this.#goneAtMs === null) return;
    this.#goneAtMs = null;
    this.#cancelAway?.();
    this.#cancelAway = null;
    const wasTold = this.#state !== "working";
    this.#state = "working";
    this.#options.onBack();
    if (wasTold) this.#tell("live", "engine_connection", "Deepgram is connected again.");
  }

  gone(why: string): void {
    this.#cancelOpened?.();
    this.#cancelOpened = null;
    this.connecting();
    if (this.#state !== "working") return;
    this.#state = "gone";
    this.#tell(
      "reconnecting",
      "engine_connection",
      `${why} It is being connected again; nothing that is said meanwhile is lost.`,
    );
  }

  refused(why: string): void {
    this.close();
    if (this.#state === "refused") return;
    this.#state = "refused";
    this.#tell("degraded", "engine_refused", why);
  }

  close(): void {
    this.#cancelAway?.();
    this.#cancelOpened?.();
    this.#cancelAway = null;
    this.#cancelOpened = null;
  }

  #tell(state: Trouble["state"], reason: string, detail: string): void {
    this.#options.onTrouble({ state, reason, detail });
  }
}
