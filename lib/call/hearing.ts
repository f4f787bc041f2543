import { repeat } from "./call-timers.ts";
import { EngineFeed } from "./engine-feed.ts";
import type { Clock, Logger, Recording } from "./ports.ts";
import type { SaidSpans } from "./said-spans.ts";
import type { EngineEvent, TranscriptionEngine, TranscriptionStream } from "./transcription-ports.ts";
import type { CallRecord } from "./stored-call.ts";

const lookEveryMs = 1000;
/**
 * Looks without any progress after which an engine that should finish counts as dead. An engine that is
 * stuck is restarted within 20 s and loads its weights within a minute and a half on a loaded machine.
 */
const maxSilentLooks = 120;
/** A stream that fell silent is given up, and another one opened where it stood, this often. */
const maxStreams = 2;

export interface HearingOptions {
  readonly call: CallRecord;
  readonly engine: TranscriptionEngine;
  readonly recording: Recording;
  readonly keyterms: readonly string[];
  readonly vadEnabled: boolean;
  readonly diarize: boolean;
  /** Where decoding begins, and what has had its final already. */
  readonly firstSample: number;
  readonly said: SaidSpans;
  /** Monotonic; when the audio before a position of the call came from its client. */
  readonly arrivedAtMs: (endSample: number) => number | null;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onEngineEvent: (event: EngineEvent) => void;
  readonly onBacklog: (behind: boolean, seconds: number) => void;
}

/** A call's recording being listened to by an engine (SPEC F1 to F4). */
export class Hearing {
  readonly #options: HearingOptions;
  readonly #said: SaidSpans;
  #settledSample: number;
  #consumedSample: number;
  #silentLooks = 0;
  #stream: TranscriptionStream;
  #feed: EngineFeed;
  #ended = false;

  constructor(options: HearingOptions) {
    this.#options = options;
    this.#said = options.said.copy();
    this.#settledSample = options.firstSample;
    this.#consumedSample = options.firstSample;
    [this.#stream, this.#feed] = this.#open();
  }

  /** Durable audio has come in; `pcm` null stands for recorded silence. */
  offer(firstSample: number, samples: number, pcm: Uint8Array | null): void {
    this.#feed.offer(firstSample, samples, pcm);
  }

  backlogSeconds(): number {
    return this.#feed.backlogSeconds();
  }

  /** Everything durable is transcribed to its end; gives the sample up to which it was. */
  async finish(): Promise<number> {
    for (let streams = 1; !this.#ended; streams += 1) {
      const heard = await this.#finishStream();
      // A stream that was let go of ends too.
      if (this.#isEnded()) break;
      if (heard) return this.#options.recording.durableSamples;
      if (streams >= maxStreams) break;
      this.#options.logger.warn({ settled: this.#settledSample }, "the engine is asked again from there");
      this.#stream.abort();
      this.#feed.close();
      this.#consumedSample = this.#settledSample;
      [this.#stream, this.#feed] = this.#open();
    }
    return this.#settledSample;
  }

  /** Lets go of the engine at once. */
  end(): void {
    // What the engine says while it gives up, such as what it billed, still counts.
    this.#stream.abort();
    this.#ended = true;
    this.#feed.close();
  }

  #isEnded(): boolean {
    return this.#ended;
  }

  #open(): [TranscriptionStream, EngineFeed] {
    const { arrivedAtMs, call, clock, diarize, engine, keyterms, logger, recording, vadEnabled, onBacklog } =
      this.#options;
    const firstSample = this.#settledSample;
    // What is read back from here on is what has not had its final.
    const said = this.#said.copy();
    const unsaid = {
      format: recording.format,
      durableSamples: recording.durableSamples,
      read: async (sample: number, samples: number): Promise<Uint8Array> =>
        said.silenced(await recording.read(sample, samples), sample, recording.format.channels),
    };
    const stream: TranscriptionStream = engine.open({
      callId: call.callId,
      language: call.language,
      sampleRateHz: call.sampleRateHz,
      channels: recording.format.channels,
      firstSample,
      vadEnabled,
      keyterms,
      diarize: diarize && recording.format.channels === 1,
      readRecording: unsaid.read,
      arrivedAtMs,
      onEvent: (event) => {
        if (!this.#ended && stream === this.#stream) this.#take(event);
      },
    });
    const feed = new EngineFeed({
      recording: unsaid,
      stream,
      firstSample,
      maxAheadSeconds: engine.maxAheadSeconds,
      clock,
      logger,
      onBacklog,
    });
    return [stream, feed];
  }

  #take(event: EngineEvent): void {
    if (event.type === "progress") {
      if (event.consumedSample > this.#consumedSample || event.settledSample > this.#settledSample) {
        this.#silentLooks = 0;
      }
      this.#consumedSample = Math.max(this.#consumedSample, event.consumedSample);
      this.#settledSample = Math.max(this.#settledSample, event.settledSample);
      this.#said.forgetBefore(this.#settledSample);
      this.#feed.consumed(event.consumedSample, event.reachedSample);
    } else if (event.type === "utterance") {
      this.#silentLooks = 0;
      if (event.isFinal && event.text.trim() !== "") {
        this.#said.add(event.channel, event.startSample, event.endSample);
      }
    }
    this.#options.onEngineEvent(event);
  }

  /** False when the engine failed or came no further. */
  async #finishStream(): Promise<boolean> {
    const { clock, logger } = this.#options;
    this.#silentLooks = 0;
    let stopLooking = (): void => undefined;
    const silent = new Promise<boolean>((resolve) => {
      // Counted, not measured: a machine that sleeps does not make its engine silent.
      stopLooking = repeat(clock, lookEveryMs, () => {
        this.#silentLooks += 1;
        if (this.#silentLooks > maxSilentLooks) resolve(false);
      });
    });
    const stream = this.#stream;
    const finished = this.#feed
      .allWritten()
      .then(() => stream.finish())
      .then(() => true);
    try {
      const heard = await Promise.race([finished, silent]);
      if (!heard) logger.error({}, "the engine has come no further for two minutes");
      return heard;
    } catch (error) {
      logger.error({ err: error }, "the engine could not finish the call");
      return false;
    } finally {
      stopLooking();
    }
  }
}
