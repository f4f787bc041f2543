import { CallError } from "../errors.ts";
import type { AudioFormat, AudioSpan, Recorder, Recording } from "../ports.ts";

class MemoryRecording implements Recording {
  readonly format: AudioFormat;
  readonly #recorder: MemoryRecorder;
  bytes = new Uint8Array(0);
  isOpen = true;

  constructor(format: AudioFormat, recorder: MemoryRecorder) {
    this.format = format;
    this.#recorder = recorder;
  }

  get #frameBytes(): number {
    return 2 * this.format.channels;
  }

  get durableSamples(): number {
    return this.bytes.byteLength / this.#frameBytes;
  }

  async append(pcm: Uint8Array): Promise<void> {
    await this.#recorder.gate();
    const joined = new Uint8Array(this.bytes.byteLength + pcm.byteLength);
    joined.set(this.bytes);
    joined.set(pcm, this.bytes.byteLength);
    this.bytes = joined;
  }

  appendSilence(samples: number): Promise<void> {
    return this.append(new Uint8Array(samples * this.#frameBytes));
  }

  silence(spans: readonly AudioSpan[]): Promise<void> {
    for (const { channel, firstSample, samples } of spans) {
      const end = Math.min(firstSample + samples, this.durableSamples);
      for (let sample = firstSample; sample < end; sample++) {
        const at = sample * this.#frameBytes + channel * 2;
        this.bytes.fill(0, at, at + 2);
      }
    }
    return Promise.resolve();
  }

  read(firstSample: number, samples: number): Promise<Uint8Array> {
    if (!this.isOpen) return Promise.reject(new CallError("storage_failed", "The recording is closed."));
    const from = firstSample * this.#frameBytes;
    return Promise.resolve(this.bytes.slice(from, from + samples * this.#frameBytes));
  }

  close(): Promise<void> {
    this.isOpen = false;
    if (!this.#recorder.flushFails) return Promise.resolve();
    return Promise.reject(new CallError("storage_failed", "The disk does not take the last bytes."));
  }
}

/** Recordings in memory whose writes can be held back or made to fail. */
export class MemoryRecorder implements Recorder {
  readonly recordings = new Map<string, MemoryRecording>();
  readonly unfinishedDeletions = new Set<string>();
  failing = false;
  flushFails = false;
  #held: Promise<void> | null = null;
  #release: () => void = () => undefined;

  async create(callId: string, format: AudioFormat): Promise<Recording> {
    await this.#held;
    const recording = new MemoryRecording(format, this);
    this.recordings.set(callId, recording);
    return recording;
  }

  async open(callId: string): Promise<Recording | null> {
    await this.#held;
    const recording = this.recordings.get(callId) ?? null;
    if (recording !== null) recording.isOpen = true;
    return recording;
  }

  delete(callId: string): Promise<void> {
    this.unfinishedDeletions.add(callId);
    this.recordings.delete(callId);
    return Promise.resolve();
  }

  deleted(callId: string): Promise<void> {
    this.unfinishedDeletions.delete(callId);
    return Promise.resolve();
  }

  deletions(): Promise<readonly string[]> {
    return Promise.resolve([...this.unfinishedDeletions]);
  }

  hold(): void {
    this.#held = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  release(): void {
    this.#held = null;
    this.#release();
  }

  async gate(): Promise<void> {
    await this.#held;
    if (this.failing) throw new CallError("storage_failed", "The disk is full.");
  }
}
