import type { Timers } from "./timers.ts";
import type { UnsentAudio } from "./unsent-audio.ts";
import type { KeptAudio, KeptCall, UnsentStore } from "./unsent-store.ts";

/** Whether unsent audio would survive the end of this page. */
export type Keeping =
  | { readonly kind: "kept" }
  /** The browser refuses storage, or has no room: everything goes on in memory. */
  | { readonly kind: "memory_only"; readonly reason: "refused" | "full" };

/** One piece at most; what storage had missed is written in several. */
const maxPieceSec = 10;
const retryAfterMs = 3000;
/** A storage that does not answer by then is one that refuses. */
const loadWithinMs = 5000;
const noteWithinMs = 1000;
const writeWithinMs = 10_000;
/** Durable pieces go with the next write, or after so long without one. */
const dropAfterMs = 2000;

export interface UnsentKeeperOptions {
  readonly store: UnsentStore;
  readonly unsent: UnsentAudio;
  readonly callId: string;
  readonly bytesPerSample: number;
  readonly sampleRateHz: number;
  readonly timers: Timers;
  readonly wallClockMs: () => number;
  readonly onKeeping: (keeping: Keeping) => void;
}

/** The last run without a hole, as parts that follow on each other. */
export function lastRunOf(
  audio: readonly KeptAudio[],
  bytesPerSample: number,
): { readonly firstSample: number; readonly parts: readonly Uint8Array[] } | null {
  let run: { firstSample: number; endSample: number; parts: Uint8Array[] } | null = null;
  for (const { firstSample, pcm } of [...audio].sort((a, b) => a.firstSample - b.firstSample)) {
    const endSample = firstSample + pcm.byteLength / bytesPerSample;
    if (run === null || firstSample > run.endSample) run = { firstSample, endSample, parts: [pcm] };
    else if (endSample > run.endSample) {
      run.parts.push(pcm.subarray((run.endSample - firstSample) * bytesPerSample));
      run.endSample = endSample;
    }
  }
  return run;
}

/**
 * Writes unsent audio behind its back into the browser's storage: each frame when the next one comes,
 * unless it is durable by then, so that with a good connection nothing is written at all, and a tab that
 * is killed loses two frames at most. It reads from `UnsentAudio`, so nothing queues up here.
 */
export class UnsentKeeper {
  readonly #options: UnsentKeeperOptions;
  #seat: unknown = null;
  #isStopAsked = false;
  #uncertainFrom: number | null = null;
  /** Samples before it are in the storage, or need not be. */
  #keptTo = 0;
  /** First samples of the pieces in the storage, ascending. */
  #pieces: number[] = [];
  #keptBytes = 0;
  /** Up to there it is to be written: the end before the newest frame. */
  #dueEnd = 0;
  #lastEnd = 0;
  #writes = 0;
  #failedAtMs: number | null = null;
  #droppedAtMs = -Infinity;
  #isOver = false;
  #moving: Promise<void> | null = null;

  constructor(options: UnsentKeeperOptions) {
    this.#options = options;
  }

  get uncertainFrom(): number | null {
    return this.#uncertainFrom;
  }

  get isStopAsked(): boolean {
    return this.#isStopAsked;
  }

  /** A new call: notes how to be its host again. */
  async begin(seat: unknown): Promise<void> {
    this.#seat = seat;
    await this.#write(0, 0);
  }

  /** Takes up what an earlier life of the page has left; true when there was anything. */
  async resume(): Promise<boolean> {
    const { store, unsent, callId, bytesPerSample, timers } = this.#options;
    let kept: Awaited<ReturnType<UnsentStore["load"]>>;
    try {
      kept = await new Promise((resolve, reject) => {
        timers.after(loadWithinMs, () => {
          reject(new Error("the browser's storage does not answer"));
        });
        store.load(callId).then(resolve, reject);
      });
    } catch (error) {
      this.#failed(error, 0);
      return false;
    }
    if (kept === null) return false;
    const { call, audio } = kept;
    this.#seat = call.seat;
    this.#isStopAsked = call.isStopAsked;
    const run = lastRunOf(audio, bytesPerSample);
    unsent.restore(run?.firstSample ?? call.endSample, run?.parts ?? []);
    this.#pieces = audio.map((piece) => piece.firstSample).sort((a, b) => a - b);
    this.#keptBytes = audio.reduce((sum, piece) => sum + piece.pcm.byteLength, 0);
    this.#keptTo = unsent.endSample;
    this.#dueEnd = unsent.endSample;
    this.#lastEnd = unsent.endSample;
    this.#uncertainFrom = call.uncertainFrom ?? unsent.endSample;
    return true;
  }

  /**
   * The server has said where the call stands: every place is certain from here on. Resolves when that is
   * noted, or storage takes too long for it. Before, none of the moved audio may be sent: a next life of the
   * page could not tell whether `next_sample` counts it already.
   */
  settle(nextSample: number): Promise<void> {
    const from = this.#uncertainFrom;
    if (from === null) return Promise.resolve();
    this.#uncertainFrom = null;
    const noted = nextSample > from ? this.#move(from, nextSample - from) : this.#write(0, 0);
    return new Promise((resolve) => {
      const cancel = this.#options.timers.after(noteWithinMs, resolve);
      void noted.then(() => {
        cancel();
        resolve();
      });
    });
  }

  /** A frame was appended; the one before it is written if it still has to be. */
  appended(): void {
    this.#dueEnd = this.#lastEnd;
    this.#lastEnd = this.#options.unsent.endSample;
    if (this.#writes === 0) void this.#writeTo(() => this.#dueEnd);
  }

  /** Something has become durable: what is no longer needed goes. */
  released(): void {
    const { unsent, timers } = this.#options;
    if (this.#pieces.length === 0 || this.#writes > 0 || this.#isOver) return;
    const isAll = unsent.firstSample >= this.#keptTo;
    if (!isAll && timers.nowMs() - this.#droppedAtMs < dropAfterMs) return;
    void this.#write(unsent.endSample, unsent.endSample);
  }

  /** Writes everything at once: the page may be gone in a moment. */
  async flush(): Promise<void> {
    await this.#moving;
    await this.#writeTo(() => this.#options.unsent.endSample);
  }

  /** As `flush`, but sent off before it returns. */
  flushNow(): void {
    void this.#writeTo(() => this.#options.unsent.endSample);
  }

  /** The person has ended the call: kept until it has been delivered. */
  async stopAsked(): Promise<void> {
    this.#isStopAsked = true;
    const { unsent } = this.#options;
    await this.#writeTo(() => unsent.endSample);
    await this.#write(unsent.endSample, unsent.endSample);
  }

  /** The call is over, or is somebody else's: nothing is written any more. */
  release(): void {
    this.#isOver = true;
  }

  /** The call is over: nothing of it stays in the browser. */
  async forget(): Promise<void> {
    this.#isOver = true;
    await this.#moving;
    await this.#options.store.forget(this.#options.callId).catch(() => undefined);
  }

  async #move(from: number, shift: number): Promise<void> {
    const nextSample = from + shift;
    this.#options.unsent.moveTail(from, shift);
    this.#keptTo = Math.max(nextSample, this.#keptTo + shift);
    this.#dueEnd = Math.max(nextSample, this.#dueEnd + shift);
    this.#lastEnd = this.#options.unsent.endSample;
    this.#pieces = this.#pieces.filter((first) => first >= from).map((first) => first + shift);
    // Nothing is written meanwhile: what is at its new place already must not be moved again.
    this.#moving = this.#options.store
      .move(this.#call(), from, shift)
      .catch((error: unknown) => {
        // Memory has it all at its new place: written anew.
        this.#failed(error, this.#options.unsent.firstSample);
      })
      .finally(() => {
        this.#moving = null;
      });
    await this.#moving;
  }

  /** Asked again after each piece: meanwhile more may have come due. */
  async #writeTo(end: () => number): Promise<void> {
    const { unsent, sampleRateHz, timers } = this.#options;
    if (this.#isOver) return;
    if (this.#failedAtMs !== null && timers.nowMs() - this.#failedAtMs < retryAfterMs) return;
    for (;;) {
      const from = Math.max(this.#keptTo, unsent.firstSample);
      const to = Math.min(end(), from + maxPieceSec * sampleRateHz);
      if (to <= from || !(await this.#write(from, to))) return;
    }
  }

  /** One transaction: the piece from `from` to `to`, if any, and away with what is durable. */
  async #write(from: number, to: number): Promise<boolean> {
    if (this.#isOver || this.#moving !== null) return false;
    const { store, unsent, timers } = this.#options;
    const pcm = to > from ? unsent.read(from, to - from) : null;
    const add = pcm === null || pcm.byteLength === 0 ? null : { firstSample: from, pcm };
    const isAllDurable = unsent.firstSample >= this.#keptTo;
    // The piece in which the first sample lies stays whole.
    const kept = this.#pieces.filter((first) => first <= unsent.firstSample);
    const dropBefore = isAllDurable ? unsent.firstSample : (kept.at(-1) ?? 0);
    this.#pieces = this.#pieces.filter((first) => first >= dropBefore);
    if (this.#pieces.length === 0) this.#keptBytes = 0;
    if (add !== null) {
      this.#pieces.push(from);
      this.#keptBytes += add.pcm.byteLength;
      this.#keptTo = to;
    }
    this.#droppedAtMs = timers.nowMs();
    this.#writes += 1;
    const givenUp = timers.after(writeWithinMs, () => {
      this.#failed(new Error("the browser's storage does not answer"), from);
    });
    try {
      await store.write({ call: this.#call(), dropBefore, add });
    } catch (error) {
      this.#failed(error, from);
      return false;
    } finally {
      givenUp();
      this.#writes -= 1;
    }
    if (this.#failedAtMs !== null) {
      this.#failedAtMs = null;
      this.#options.onKeeping({ kind: "kept" });
    }
    return true;
  }

  #failed(error: unknown, from: number): void {
    this.#keptTo = Math.min(this.#keptTo, from);
    this.#failedAtMs = this.#options.timers.nowMs();
    const isFull = error instanceof DOMException && error.name === "QuotaExceededError";
    this.#options.onKeeping({ kind: "memory_only", reason: isFull ? "full" : "refused" });
  }

  #call(): KeptCall {
    return {
      callId: this.#options.callId,
      seat: this.#seat,
      uncertainFrom: this.#uncertainFrom,
      isStopAsked: this.#isStopAsked,
      endSample: this.#options.unsent.endSample,
      audioBytes: this.#keptBytes,
      touchedAtMs: this.#options.wallClockMs(),
    };
  }
}
