import type { AudioLoss } from "./seat.ts";
import { ArrivalLog } from "./arrival-log.ts";
import { AudioAxis, frameBytes } from "./audio-axis.ts";
import { AudioIntake } from "./audio-intake.ts";
import { repeat } from "./call-timers.ts";
import { Hearing } from "./hearing.ts";
import { within } from "./patience.ts";
import type { AudioSpan, Clock, Logger, Recorder, Recording, Telemetry } from "./ports.ts";
import type { EngineEvent, TranscriptionEngine } from "./transcription-ports.ts";
import type { SaidSpans } from "./said-spans.ts";
import type { CallRecord } from "./stored-call.ts";
import { audioFormatOf } from "./records.ts";

/** The recording is given this long to take the last audio before the call completes without it. */
const maxDrainMs = 300_000;
const progressEveryMs = 1000;

export interface PipelineOptions {
  readonly call: CallRecord;
  readonly recorder: Recorder;
  readonly engine: TranscriptionEngine;
  readonly keyterms: readonly string[];
  readonly vadEnabled: boolean;
  readonly diarize: boolean;
  /** Where stored segments lie, in samples. */
  readonly said: SaidSpans;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly onEngineEvent: (event: EngineEvent) => void;
  readonly onBacklog: (behind: boolean, seconds: number) => void;
  readonly onStorageTrouble: (failing: boolean) => void;
}

export interface FinishedPipeline {
  /** Taken, and given up because the disk did not take it for minutes. */
  readonly unwrittenSamples: number;
  /** The transcript is complete up to here. */
  readonly heardUntilSample: number;
}

/** From taken audio to the durable recording and on to the engine, for one call. */
export class CallPipeline {
  readonly #recording: Recording;
  readonly axis: AudioAxis;
  readonly #arrivals = new ArrivalLog();
  readonly #intake: AudioIntake;
  readonly #hearing: Hearing;
  readonly #options: PipelineOptions;
  #ended = false;

  private constructor(options: PipelineOptions, recording: Recording) {
    const { call, clock, logger, telemetry } = options;
    this.#options = options;
    this.#recording = recording;
    this.axis = new AudioAxis(recording.format, recording.durableSamples);
    const firstSample = Math.min(call.settledSample, recording.durableSamples);
    this.#arrivals.note(recording.durableSamples, clock.monotonicMs());
    this.#hearing = new Hearing({
      ...options,
      recording,
      firstSample,
      arrivedAtMs: (endSample) => this.#arrivals.arrivalOf(endSample),
      onEngineEvent: (event) => {
        if (!this.#ended || event.type === "usage") options.onEngineEvent(event);
      },
    });
    this.#intake = new AudioIntake({
      axis: this.axis,
      recording,
      clock,
      logger,
      telemetry,
      onDurable: (first, samples, pcm) => {
        this.#hearing.offer(first, samples, pcm);
      },
      onTrouble: options.onStorageTrouble,
    });
  }

  /** Opens what an earlier process recorded of the call, or begins its recording. */
  static async open(options: PipelineOptions): Promise<CallPipeline> {
    const { call, recorder } = options;
    const recording =
      (await recorder.open(call.callId)) ?? (await recorder.create(call.callId, audioFormatOf(call)));
    try {
      return new CallPipeline(options, recording);
    } catch (error) {
      await recording.close();
      throw error;
    }
  }

  /** Null once it has been closed, or is about to be. */
  get recording(): Recording | null {
    return this.#ended ? null : this.#recording;
  }

  /**
   * Takes a frame. `taken` must be durable before it may be acknowledged; `end` is where the frame ends, which
   * lies before it while audio of an earlier connection is on its way to the disk.
   */
  take(firstSample: number, pcm: Uint8Array): { readonly taken: number; readonly end: number } {
    this.#intake.refuseTooManyFrames();
    const taken = this.axis.take(firstSample, pcm.byteLength);
    if (taken.samples > 0) {
      this.#arrivals.note(this.axis.takenSample, this.#options.clock.monotonicMs());
      this.#intake.push(taken.skipBytes === 0 ? pcm : pcm.subarray(taken.skipBytes));
    }
    return {
      taken: this.axis.takenSample,
      end: firstSample + pcm.byteLength / frameBytes(this.axis.format),
    };
  }

  /** Takes silence in place of lost audio; gives the span that is new, or null. */
  takeLoss(loss: AudioLoss): { firstSample: number; samples: number } | null {
    const taken = this.axis.takeLoss(loss.firstSample, loss.samples);
    if (taken.samples === 0) return null;
    this.#arrivals.note(this.axis.takenSample, this.#options.clock.monotonicMs());
    this.#intake.pushSilence(taken.samples);
    return taken;
  }

  silence(spans: readonly AudioSpan[]): Promise<void> {
    return this.#recording.silence(spans);
  }

  durable(sample: number): Promise<void> {
    return this.#intake.durable(sample);
  }

  undurableSeconds(): number {
    return this.#intake.undurableSeconds();
  }

  drained(): Promise<void> {
    return this.#intake.drained();
  }

  /** Monotonic arrival of the audio before a position of the call. */
  arrivedAtMs(endMs: number): number {
    const endSample = Math.ceil((endMs * this.axis.format.sampleRateHz) / 1000);
    return this.#arrivals.arrivalOf(endSample) ?? this.#options.clock.monotonicMs();
  }

  /** True while what was taken cannot be written. */
  get storageFails(): boolean {
    return this.#intake.failing;
  }

  /**
   * Everything taken is made durable and transcribed to the end, then the recording is closed.
   * `onProgress` gets the seconds of audio that are left, at once and every second; `transcribed` runs behind
   * the last words, while the recording is still open.
   */
  async finish(
    onProgress: (secondsLeft: number) => void,
    transcribed: () => Promise<void>,
  ): Promise<FinishedPipeline> {
    const stopTelling = repeat(this.#options.clock, progressEveryMs, () => {
      onProgress(Math.ceil(this.#hearing.backlogSeconds()));
    });
    await within(this.#options.clock, maxDrainMs, this.#intake.durable(this.axis.takenSample));
    this.#intake.close();
    const unwrittenSamples = this.axis.takenSample - this.axis.nextSample;
    const heardUntilSample = await this.#hearing.finish();
    stopTelling();
    await transcribed();
    await this.#end();
    return { unwrittenSamples, heardUntilSample };
  }

  /** Lets go of engine and recording at once; what is durable stays. */
  async abort(): Promise<void> {
    this.#intake.close();
    await this.#end();
  }

  async #end(): Promise<void> {
    this.#ended = true;
    this.#hearing.end();
    try {
      await this.#recording.close();
    } catch (error) {
      this.#options.logger.error({ err: error }, "the recording's last audio would not survive a power loss");
    }
  }
}
