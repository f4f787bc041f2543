import { frameBytes } from "./audio-axis.ts";
import type { Clock, Logger, Recording } from "./ports.ts";
import type { TranscriptionStream } from "./transcription-ports.ts";

/** Audio read back from the recording in one go. */
const readSeconds = 1;
const readRetryMs = 500;
const behindSeconds = 5;
const caughtUpSeconds = 2;

export interface EngineFeedOptions {
  readonly recording: Pick<Recording, "format" | "durableSamples" | "read">;
  readonly stream: TranscriptionStream;
  /** Where the stream begins. */
  readonly firstSample: number;
  readonly maxAheadSeconds: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The transcript has fallen more than 5 s behind, or has caught up. */
  readonly onBacklog: (behind: boolean, seconds: number) => void;
}

/**
 * Brings durable audio to the engine: straight from memory while the engine keeps up, from the
 * recording when it does not, so that no more than `maxAheadSeconds` ever wait in the stream.
 */
export class EngineFeed {
  readonly #options: EngineFeedOptions;
  readonly #maxAheadSamples: number;
  readonly #sampleRateHz: number;
  #written: number;
  #consumed: number;
  #reached: number;
  #durable: number;
  #reading = false;
  #behind = false;
  #closed = false;
  #caughtUp: (() => void)[] = [];

  constructor(options: EngineFeedOptions) {
    this.#options = options;
    this.#sampleRateHz = options.recording.format.sampleRateHz;
    this.#maxAheadSamples = Math.floor(options.maxAheadSeconds * this.#sampleRateHz);
    this.#written = options.firstSample;
    this.#consumed = options.firstSample;
    this.#reached = options.firstSample;
    this.#durable = options.recording.durableSamples;
    void this.#readBack();
  }

  /** Durable audio has come in; `pcm` null stands for recorded silence. */
  offer(firstSample: number, samples: number, pcm: Uint8Array | null): void {
    this.#durable = firstSample + samples;
    if (this.#closed) return;
    const inStep = !this.#reading && this.#written === firstSample && this.#room() >= samples;
    if (inStep && pcm !== null) {
      this.#options.stream.write(pcm);
      this.#written += samples;
    } else {
      void this.#readBack();
    }
    this.#watchBacklog();
  }

  /** The engine has listened to everything before `sample`, and decoded what was said before `reached`. */
  consumed(sample: number, reached: number = sample): void {
    this.#consumed = Math.max(this.#consumed, sample);
    this.#reached = Math.max(this.#reached, reached);
    this.#watchBacklog();
    void this.#readBack();
  }

  /** Audio that is durable and whose words are not known yet. */
  backlogSeconds(): number {
    return (this.#durable - this.#reached) / this.#sampleRateHz;
  }

  /** Resolves when everything durable has been written to the stream, or the feed was closed. */
  async allWritten(): Promise<void> {
    if (this.#closed || this.#written >= this.#durable) return;
    await new Promise<void>((resolve) => this.#caughtUp.push(resolve));
  }

  close(): void {
    this.#closed = true;
    this.#letGo();
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  #room(): number {
    return this.#maxAheadSamples - (this.#written - this.#consumed);
  }

  #letGo(): void {
    const waiting = this.#caughtUp;
    this.#caughtUp = [];
    for (const resolve of waiting) resolve();
  }

  async #readBack(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    const chunk = Math.floor(readSeconds * this.#sampleRateHz);
    try {
      while (
        !this.#closed &&
        this.#written < this.#durable &&
        this.#room() >= Math.min(chunk, this.#maxAheadSamples)
      ) {
        const wanted = Math.min(chunk, this.#durable - this.#written);
        const pcm = await this.#options.recording.read(this.#written, wanted);
        const samples = pcm.byteLength / frameBytes(this.#options.recording.format);
        if (samples === 0 || this.#isClosed()) break;
        this.#options.stream.write(pcm);
        this.#written += samples;
      }
    } catch (error) {
      this.#options.logger.error({ err: error }, "reading the recording back failed; it is tried again");
      this.#options.clock.after(readRetryMs, () => void this.#readBack());
    } finally {
      this.#reading = false;
    }
    if (this.#written >= this.#durable) this.#letGo();
  }

  #watchBacklog(): void {
    const seconds = this.backlogSeconds();
    if (!this.#behind && seconds > behindSeconds) this.#behind = true;
    else if (this.#behind && seconds < caughtUpSeconds) this.#behind = false;
    else return;
    this.#options.onBacklog(this.#behind, seconds);
  }
}
