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
    queueMicrotask(() => {
      this.emit({ type: "progress", consumedSample: this.writtenSample, settledSample: 0 });
    });
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
    } = {},
  ): void {
    const { id = "u1", final = true, fromMs = 0, toMs = 1000 } = options;
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
