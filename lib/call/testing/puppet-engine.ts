import type {
  EngineEvent,
  OpenTranscription,
  TranscriptionEngine,
  TranscriptionStream,
} from "../transcription-ports.ts";

/** A stream that hears nothing by itself: the test says what it heard. */
export class PuppetStream implements TranscriptionStream {
  readonly opened: OpenTranscription;
  writtenBytes = 0;
  readonly written: Uint8Array[] = [];
  finished = false;
  aborted = false;

  constructor(opened: OpenTranscription) {
    this.opened = opened;
  }

  get writtenSample(): number {
    return this.opened.firstSample + this.writtenBytes / (2 * this.opened.channels);
  }

  write(pcm: Uint8Array): void {
    this.writtenBytes += pcm.byteLength;
    this.written.push(Uint8Array.from(pcm));
    queueMicrotask(() => {
      this.emit({ type: "progress", consumedSample: this.writtenSample, settledSample: 0 });
    });
  }

  /** Milliseconds of call audio in which a channel was not silent, as runs of [from, to). */
  soundMs(channel: number): [number, number][] {
    const { channels, firstSample, sampleRateHz } = this.opened;
    const pcm = Buffer.concat(this.written);
    const runs: [number, number][] = [];
    for (let sample = 0; sample < pcm.byteLength / (2 * channels); sample += 1) {
      if (pcm.readInt16LE((sample * channels + channel) * 2) === 0) continue;
      const ms = ((firstSample + sample) * 1000) / sampleRateHz;
      const last = runs.at(-1);
      if (last !== undefined && ms - last[1] < 1) last[1] = ms + 1000 / sampleRateHz;
      else runs.push([ms, ms + 1000 / sampleRateHz]);
    }
    return runs.map(([from, to]) => [Math.round(from), Math.round(to)]);
  }

  emit(event: EngineEvent): void {
    if (!this.aborted) this.opened.onEvent(event);
  }

  /** One version of an utterance on a channel, its words spread evenly over its time. */
  say(
    channel: number,
    text: string,
    options: {
      readonly id?: string;
      readonly final?: boolean;
      readonly fromMs?: number;
      readonly toMs?: number;
      readonly voice?: number;
      readonly reason?: "repair";
    } = {},
  ): void {
    const { id = "u1", final = true, fromMs = 0, toMs = 1000, voice, reason } = options;
    const sample = (ms: number): number => Math.round((ms * this.opened.sampleRateHz) / 1000);
    const words = text.split(" ").filter((word) => word !== "");
    const stepMs = (toMs - fromMs) / Math.max(1, words.length);
    this.emit({
      type: "utterance",
      channel,
      utteranceId: id,
      isFinal: final,
      startSample: sample(fromMs),
      endSample: sample(toMs),
      text,
      confidence: null,
      ...(voice === undefined ? {} : { voice }),
      ...(reason === undefined ? {} : { reason }),
      words: words.map((word, i) => ({
        text: word,
        startSample: sample(fromMs + i * stepMs),
        endSample: sample(fromMs + (i + 1) * stepMs),
        confidence: null,
        estimated: true,
      })),
    });
  }

  finish(): Promise<void> {
    this.finished = true;
    return Promise.resolve();
  }

  abort(): void {
    this.aborted = true;
  }
}

export class PuppetEngine implements TranscriptionEngine {
  readonly name = "scripted";
  readonly languages = ["es", "en"] as const;
  readonly maxAheadSeconds = 30;
  readonly streams: PuppetStream[] = [];
  mostCalls = 10;

  notice(): null {
    return null;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  maxLiveCalls(): number {
    return this.mostCalls;
  }

  open(options: OpenTranscription): TranscriptionStream {
    const stream = new PuppetStream(options);
    this.streams.push(stream);
    return stream;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
