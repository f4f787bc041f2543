/** Samples of one channel at the models' rate, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface SegmenterSettings {
  readonly windowSamples: number;
  /** Voiced windows in a row that open an utterance. */
  readonly openingWindows: number;
  /** Audio before the first voice that belongs to the utterance. */
  readonly paddingSamples: number;
  /** Silence after which the utterance may be over, and how much of it belongs to the utterance. */
  readonly pauseSamples: number;
  /** Silence that ends an utterance. */
  readonly endpointSamples: number;
  /** From this length on a shorter silence ends it. */
  readonly longSamples: number;
  readonly longEndpointSamples: number;
  /** At this length it is cut. */
  readonly limitSamples: number;
  /** The cut lies at most this far before the limit. */
  readonly cutReachSamples: number;
}

export type SegmenterEvent =
  | { readonly type: "opened"; readonly startSample: number }
  /** Silence began: `endSample` is where the utterance will end if the silence lasts. */
  | { readonly type: "paused"; readonly endSample: number }
  | { readonly type: "resumed" }
  /** With `cut`, the next utterance begins where this one ends. */
  | {
      readonly type: "ended";
      readonly startSample: number;
      readonly endSample: number;
      readonly voiced: readonly Span[];
      readonly cut: boolean;
    };

interface HeardWindow {
  readonly start: number;
  readonly voiced: boolean;
  readonly energy: number;
}

interface OpenUtterance {
  readonly startSample: number;
  readonly windows: HeardWindow[];
  silenceWindows: number;
  paused: boolean;
}

/**
 * Cuts one channel into utterances by what the voice activity model says of each window.
 * Pure: positions in samples from the first window, no audio, no clock.
 */
export class UtteranceSegmenter {
  readonly #settings: SegmenterSettings;
  #position = 0;
  /** End of the last utterance: the next one may not begin before it. */
  #floor = 0;
  /** Voiced windows in a row while no utterance is open. */
  #candidate: HeardWindow[] = [];
  #open: OpenUtterance | null = null;

  constructor(settings: SegmenterSettings) {
    this.#settings = settings;
  }

  get positionSample(): number {
    return this.#position;
  }

  get openStartSample(): number | null {
    return this.#open?.startSample ?? null;
  }

  /** No utterance that has not been told will begin before it. */
  get quietUntilSample(): number {
    const earliest = (this.#candidate[0]?.start ?? this.#position) - this.#settings.paddingSamples;
    return Math.max(this.#floor, earliest);
  }

  /** Where the voice was in the open utterance. */
  voicedSpans(): Span[] {
    return this.#open === null ? [] : this.#spansOf(this.#open.windows);
  }

  push(voiced: boolean, energy: number): SegmenterEvent[] {
    const window: HeardWindow = { start: this.#position, voiced, energy };
    this.#position += this.#settings.windowSamples;
    return this.#open === null ? this.#listen(window) : this.#follow(this.#open, window);
  }

  /** The audio is over. */
  flush(): SegmenterEvent[] {
    const open = this.#open;
    if (open === null) return [];
    return [this.#end(open, Math.min(this.#position, this.#endAfterPause(open)))];
  }

  #listen(window: HeardWindow): SegmenterEvent[] {
    if (!window.voiced) {
      this.#candidate = [];
      return [];
    }
    this.#candidate.push(window);
    const first = this.#candidate[0];
    if (first === undefined || this.#candidate.length < this.#settings.openingWindows) return [];
    const startSample = Math.max(this.#floor, first.start - this.#settings.paddingSamples, 0);
    this.#open = { startSample, windows: this.#candidate, silenceWindows: 0, paused: false };
    this.#candidate = [];
    return [{ type: "opened", startSample }];
  }

  #follow(open: OpenUtterance, window: HeardWindow): SegmenterEvent[] {
    const { windowSamples, pauseSamples, endpointSamples, longSamples, longEndpointSamples, limitSamples } =
      this.#settings;
    const events: SegmenterEvent[] = [];
    open.windows.push(window);
    if (window.voiced) {
      open.silenceWindows = 0;
      if (open.paused) events.push({ type: "resumed" });
      open.paused = false;
    } else {
      open.silenceWindows += 1;
      const silence = open.silenceWindows * windowSamples;
      const length = this.#position - open.startSample;
      if (!open.paused && silence >= pauseSamples) {
        open.paused = true;
        events.push({ type: "paused", endSample: this.#endAfterPause(open) });
      }
      if (silence >= (length >= longSamples ? longEndpointSamples : endpointSamples)) {
        events.push(this.#end(open, this.#endAfterPause(open)));
        return events;
      }
    }
    if (this.#position - open.startSample >= limitSamples) events.push(...this.#cut(open));
    return events;
  }

  #endAfterPause(open: OpenUtterance): number {
    const voiceEnd = this.#position - open.silenceWindows * this.#settings.windowSamples;
    return Math.min(this.#position, voiceEnd + this.#settings.pauseSamples);
  }

  #end(open: OpenUtterance, endSample: number): SegmenterEvent {
    this.#open = null;
    this.#candidate = [];
    this.#floor = endSample;
    return {
      type: "ended",
      startSample: open.startSample,
      endSample,
      voiced: this.#spansOf(open.windows),
      cut: false,
    };
  }

  #cut(open: OpenUtterance): SegmenterEvent[] {
    const { windowSamples, cutReachSamples } = this.#settings;
    const earliest = this.#position - cutReachSamples;
    const candidates = open.windows.map((window, index) => ({ window, index }));
    let best = open.windows.length - 1;
    let bestEnergy = Infinity;
    for (const { window, index } of candidates) {
      if (window.start < earliest || index === open.windows.length - 1) continue;
      // Neighbours count, so that a pause wins over a closed lip; a silent window over any voiced one.
      const around = [open.windows[index - 1], window, open.windows[index + 1]];
      const energy =
        around.reduce((sum, neighbour) => sum + (neighbour?.energy ?? window.energy), window.energy) *
        (window.voiced ? 1 : 1e-3);
      if (energy < bestEnergy) {
        bestEnergy = energy;
        best = index;
      }
    }
    const quietest = open.windows[best];
    if (quietest === undefined) return [];
    const cutSample = quietest.start + windowSamples / 2;
    const before = open.windows.slice(0, best + 1);
    const after = open.windows.slice(best + 1);
    const ended: SegmenterEvent = {
      type: "ended",
      startSample: open.startSample,
      endSample: cutSample,
      voiced: this.#spansOf(before),
      cut: true,
    };
    this.#floor = cutSample;
    this.#open = {
      startSample: cutSample,
      windows: after,
      silenceWindows: open.silenceWindows,
      paused: open.paused,
    };
    return [ended, { type: "opened", startSample: cutSample }];
  }

  #spansOf(windows: readonly HeardWindow[]): Span[] {
    const spans: { start: number; end: number }[] = [];
    for (const { start, voiced } of windows) {
      if (!voiced) continue;
      const last = spans.at(-1);
      if (last?.end === start) last.end = start + this.#settings.windowSamples;
      else spans.push({ start, end: start + this.#settings.windowSamples });
    }
    return spans;
  }
}
