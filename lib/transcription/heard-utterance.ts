import type { Span } from "./utterance-segmenter.ts";

/** In order of urgency. `early`: silence began, so this may become the final. */
export const decodeKinds = ["final", "early", "interim"] as const;
export type DecodeKind = (typeof decodeKinds)[number];

export interface InterimPace {
  /** Speech after which the first interim is worth its cost. */
  readonly firstAfterSamples: number;
  /** New audio without which another interim is not worth its cost. */
  readonly stepSamples: number;
  readonly intervalMs: number;
}

interface Reading {
  readonly endSample: number;
  readonly text: string;
}

/**
 * What is known of one utterance and what should be decoded next. Positions in samples at the
 * models' rate.
 */
export class HeardUtterance {
  readonly id: string;
  readonly startSample: number;
  readonly #pace: InterimPace;
  /** Set while silence lasts and when it is over. */
  #pausedEndSample: number | null = null;
  #endSample: number | null = null;
  #voiced: readonly Span[] = [];
  #reading: Reading | null = null;
  readonly #inFlight = new Set<number>();
  #interimDueMs: number;
  /** Text of the last event, null before the first. */
  shownText: string | null = null;

  constructor(id: string, startSample: number, nowMs: number, pace: InterimPace) {
    this.id = id;
    this.startSample = startSample;
    this.#pace = pace;
    this.#interimDueMs = nowMs;
  }

  get endSample(): number | null {
    return this.#endSample;
  }

  get voiced(): readonly Span[] {
    return this.#voiced;
  }

  pause(endSample: number): void {
    this.#pausedEndSample = endSample;
  }

  resume(): void {
    this.#pausedEndSample = null;
  }

  end(endSample: number, voiced: readonly Span[]): void {
    this.#endSample = endSample;
    this.#voiced = voiced;
  }

  /** The text of the whole utterance, once it is known. */
  finalText(): string | null {
    return this.#reading !== null && this.#reading.endSample === this.#endSample ? this.#reading.text : null;
  }

  /** What to decode now, given that there is audio up to `untilSample`; null: nothing. */
  wanted(
    nowMs: number,
    untilSample: number,
    interimsAllowed: boolean,
  ): { readonly kind: DecodeKind; readonly endSample: number; readonly overdueMs: number } | null {
    if (this.#endSample !== null) {
      if (this.finalText() !== null || this.#inFlight.has(this.#endSample)) return null;
      return { kind: "final", endSample: this.#endSample, overdueMs: 0 };
    }
    if (!interimsAllowed) return null;
    const paused = this.#pausedEndSample;
    if (paused !== null) {
      if (this.#reading?.endSample === paused || this.#inFlight.has(paused)) return null;
      return { kind: "early", endSample: paused, overdueMs: 0 };
    }
    const heardUntil = Math.max(this.#reading?.endSample ?? 0, ...this.#inFlight);
    const worthIt =
      heardUntil === 0
        ? untilSample - this.startSample >= this.#pace.firstAfterSamples
        : untilSample - heardUntil >= this.#pace.stepSamples;
    if (!worthIt || this.#inFlight.size > 0 || nowMs < this.#interimDueMs) return null;
    return { kind: "interim", endSample: untilSample, overdueMs: nowMs - this.#interimDueMs };
  }

  /** Returns how many interims at the steady pace were given up before this decode. */
  began(endSample: number, nowMs: number): number {
    this.#inFlight.add(endSample);
    const late = nowMs - this.#interimDueMs;
    const first = this.#reading === null && this.#inFlight.size === 1;
    this.#interimDueMs = nowMs + this.#pace.intervalMs;
    return first ? 0 : Math.max(0, Math.floor(late / this.#pace.intervalMs));
  }

  /** Takes what was decoded up to `endSample`. False: something newer is known. */
  read(endSample: number, text: string): boolean {
    this.#inFlight.delete(endSample);
    if (this.#reading !== null && this.#reading.endSample > endSample && endSample !== this.#endSample)
      return false;
    this.#reading = { endSample, text };
    return true;
  }

  failed(endSample: number): void {
    this.#inFlight.delete(endSample);
  }
}
