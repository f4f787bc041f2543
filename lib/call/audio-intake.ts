import type { AudioAxis } from "./audio-axis.ts";
import { frameBytes } from "./audio-axis.ts";
import { CallError } from "./errors.ts";
import type { Clock, Logger, Recording, Telemetry } from "./ports.ts";
import { maxUndurableSeconds } from "../contract/vocabulary.ts";

type Pending =
  | { readonly kind: "audio"; readonly samples: number; readonly pcm: Uint8Array; readonly atMs: number }
  | { readonly kind: "silence"; readonly samples: number; readonly atMs: number };

interface Waiter {
  readonly sample: number;
  readonly resolve: () => void;
}

const firstRetryMs = 200;
const lastRetryMs = 2000;
/** Bytes joined into one write; more only delays the first of them. */
const maxWriteBytes = 256 * 1024;
/** Frames below it go on together with what was written with them: one message to the engine, not thousands. */
const smallBytes = 1024;

/** Frames that may wait to be written, however short they are: each costs memory of its own. */
const maxWaitingFrames = 8192;

export interface AudioIntakeOptions {
  readonly axis: AudioAxis;
  readonly recording: Recording;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  /** Durable audio, in order and without holes; null stands for silence in place of lost audio. */
  readonly onDurable: (firstSample: number, samples: number, pcm: Uint8Array | null) => void;
  /** Writing fails and is tried again, or works again. */
  readonly onTrouble: (failing: boolean) => void;
}

/**
 * The way of taken audio to the recording: one write at a time, what has queued up meanwhile in the
 * next one; a failed write is tried again until it succeeds or the intake is closed. The queue is
 * bounded by the axis, which refuses audio beyond 10 s that is not durable, and in its number of frames.
 */
export class AudioIntake {
  readonly #options: AudioIntakeOptions;
  readonly #queue: Pending[] = [];
  #waiters: Waiter[] = [];
  #writing = false;
  #failing = false;
  #closed = false;

  constructor(options: AudioIntakeOptions) {
    this.#options = options;
  }

  /** True while writing fails and is tried again. */
  get failing(): boolean {
    return this.#failing;
  }

  push(pcm: Uint8Array): void {
    const samples = pcm.byteLength / frameBytes(this.#options.axis.format);
    this.#queue.push({ kind: "audio", samples, pcm, atMs: this.#options.clock.monotonicMs() });
    void this.#write();
  }

  pushSilence(samples: number): void {
    this.#queue.push({ kind: "silence", samples, atMs: this.#options.clock.monotonicMs() });
    void this.#write();
  }

  /** Resolves when every sample before `sample` is durable, or the intake was closed. */
  async durable(sample: number): Promise<void> {
    if (this.#closed || this.#options.axis.nextSample >= sample) return;
    await new Promise<void>((resolve) => this.#waiters.push({ sample, resolve }));
  }

  /** Seconds that are not durable, or as much of the bound as their number of frames takes up. */
  undurableSeconds(): number {
    const byFrames = (this.#queue.length / maxWaitingFrames) * maxUndurableSeconds;
    return Math.max(this.#options.axis.undurableSeconds(), byFrames);
  }

  /** Throws `backpressure` when no more frames may wait, however short. */
  refuseTooManyFrames(): void {
    if (this.#queue.length < maxWaitingFrames) return;
    throw new CallError("backpressure", "Too many frames wait to be written; send this one again later.", {
      nextSample: this.#options.axis.nextSample,
    });
  }

  /** Resolves when less than half of what may be held is not durable. */
  async drained(): Promise<void> {
    const { axis } = this.#options;
    const half = Math.floor((maxUndurableSeconds / 2) * axis.format.sampleRateHz);
    const newest = this.#queue.slice(-maxWaitingFrames / 2).reduce((sum, { samples }) => sum + samples, 0);
    await this.durable(axis.takenSample - Math.min(half, newest));
  }

  /** Nothing more is written; waiting callers are let go. */
  close(): void {
    this.#closed = true;
    this.#release();
  }

  #release(): void {
    const { nextSample } = this.#options.axis;
    const waiting = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiting) {
      if (this.#closed || waiter.sample <= nextSample) waiter.resolve();
      else this.#waiters.push(waiter);
    }
  }

  async #write(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    let retryMs = firstRetryMs;
    while (!this.#closed && this.#queue.length > 0) {
      const batch = this.#nextBatch();
      try {
        await this.#append(batch);
      } catch (error) {
        await this.#waitOutFailure(error, retryMs);
        retryMs = Math.min(retryMs * 2, lastRetryMs);
        continue;
      }
      retryMs = firstRetryMs;
      this.#queue.splice(0, batch.length);
      this.#recovered();
      this.#committed(batch);
    }
    this.#writing = false;
  }

  #nextBatch(): Pending[] {
    const batch: Pending[] = [];
    let bytes = 0;
    for (const pending of this.#queue) {
      const first = batch[0];
      if (first !== undefined && (first.kind === "silence" || pending.kind === "silence")) break;
      if (pending.kind === "audio") bytes += pending.pcm.byteLength;
      if (first !== undefined && bytes > maxWriteBytes) break;
      batch.push(pending);
    }
    return batch;
  }

  async #append(batch: readonly Pending[]): Promise<void> {
    const { recording } = this.#options;
    const [first] = batch;
    if (first === undefined) return;
    if (first.kind === "silence") await recording.appendSilence(first.samples);
    else if (batch.length === 1) await recording.append(first.pcm);
    else await recording.append(Buffer.concat(batch.flatMap((p) => (p.kind === "audio" ? [p.pcm] : []))));
  }

  #committed(batch: readonly Pending[]): void {
    const { axis, clock, telemetry, onDurable } = this.#options;
    for (const pending of withoutCrumbs(batch)) {
      const firstSample = axis.nextSample;
      axis.madeDurable(pending.samples);
      telemetry.latency("audio_durable", clock.monotonicMs() - pending.atMs);
      telemetry.count("audio_seconds", pending.samples / axis.format.sampleRateHz);
      onDurable(firstSample, pending.samples, pending.kind === "audio" ? pending.pcm : null);
    }
    this.#release();
  }

  async #waitOutFailure(error: unknown, delayMs: number): Promise<void> {
    if (!this.#failing) {
      this.#failing = true;
      this.#options.logger.error({ err: error }, "recording fails; audio is kept in memory and tried again");
      this.#options.onTrouble(true);
    }
    this.#options.telemetry.count("persist_retries", 1, { type: "audio" });
    await new Promise<void>((resolve) => void this.#options.clock.after(delayMs, resolve));
  }

  #recovered(): void {
    if (!this.#failing) return;
    this.#failing = false;
    this.#options.logger.info({}, "recording works again");
    this.#options.onTrouble(false);
  }
}

/** The same audio; small frames that follow each other are one, with the arrival of the first. */
function withoutCrumbs(batch: readonly Pending[]): readonly Pending[] {
  if (!batch.some((pending) => isSmall(pending))) return batch;
  const whole: Pending[] = [];
  let crumbs: (Pending & { readonly kind: "audio" })[] = [];
  const sweep = (): void => {
    const [first] = crumbs;
    if (first !== undefined) {
      const samples = crumbs.reduce((sum, crumb) => sum + crumb.samples, 0);
      whole.push({ ...first, samples, pcm: Buffer.concat(crumbs.map((crumb) => crumb.pcm)) });
    }
    crumbs = [];
  };
  for (const pending of batch) {
    if (isSmall(pending)) crumbs.push(pending);
    else {
      sweep();
      whole.push(pending);
    }
  }
  sweep();
  return whole;
}

function isSmall(pending: Pending): pending is Pending & { readonly kind: "audio" } {
  return pending.kind === "audio" && pending.pcm.byteLength < smallBytes;
}
