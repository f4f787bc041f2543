import type { AudioAck } from "../contract/client-messages.ts";
import type { UnsentAudio } from "./unsent-audio.ts";

/** Half of what the server may hold undurable, so that two tabs' worth of delay still fit. */
const maxInFlightSec = 5;
/** After an interruption audio is caught up in larger frames: 1 s, far below the 1 MiB limit. */
const maxFrameSec = 1;
const backpressureDelayMs = 250;
const retryDelayMs = 1000;
/** The server refuses more than an hour of lost audio in one declaration or call. */
const maxLossSec = 3600;

export interface AudioUplinkOptions {
  readonly unsent: UnsentAudio;
  readonly sampleRateHz: number;
  /** Resolves with the server's answer; may never resolve when the connection goes. */
  readonly sendAudio: (firstSample: number, pcm: ArrayBuffer) => Promise<AudioAck>;
  readonly declareLost: (loss: { firstSample: number; samples: number }) => void;
  /** The server could not start the call: audio waits until it has been asked again. */
  readonly onNotStarted: () => void;
  /** The server will take no more audio of this call, and says why. */
  readonly onRefused: (code: string, message: string) => void;
  /** Runs once after the delay; the returned function cancels it. */
  readonly after: (delayMs: number, run: () => void) => () => void;
}

/**
 * Moves unsent audio to the server in order, with a bounded amount on the way, and goes on from where
 * the server is after every interruption. It owns the position; the socket only carries.
 */
export class AudioUplink {
  readonly #options: AudioUplinkOptions;
  readonly #bytesPerSample: number;
  #isOpen = false;
  /** Answers to frames of an earlier epoch no longer steer the position. */
  #epoch = 0;
  #cursorSample = 0;
  #inFlightSamples = 0;
  /** Everything before it is durable or declared lost; set while such a declaration is on its way. */
  #lossEndSample: number | null = null;
  #cancelWait: (() => void) | null = null;
  readonly #drainWaiters = new Set<() => void>();

  constructor(options: AudioUplinkOptions & { readonly bytesPerSample: number }) {
    this.#options = options;
    this.#bytesPerSample = options.bytesPerSample;
  }

  get inFlightSamples(): number {
    return this.#inFlightSamples;
  }

  /** The server takes audio from `nextSample` on. */
  open(nextSample: number): void {
    this.#reset();
    this.#isOpen = true;
    this.#cursorSample = nextSample;
    this.acknowledge(nextSample);
    this.#pump();
  }

  /** The connection is gone, or takes no audio for now. */
  suspend(): void {
    this.#reset();
    this.#isOpen = false;
  }

  push(pcm: Uint8Array): void {
    this.#options.unsent.append(pcm);
    this.#pump();
  }

  /** Everything before `nextSample` is durable. */
  acknowledge(nextSample: number): void {
    this.#options.unsent.dropBefore(nextSample);
    if (this.#cursorSample < nextSample) this.#cursorSample = nextSample;
    if (this.#lossEndSample !== null && nextSample >= this.#lossEndSample) {
      this.#lossEndSample = null;
      this.#pump();
    }
    if (this.#options.unsent.heldSamples === 0) {
      for (const done of this.#drainWaiters) done();
      this.#drainWaiters.clear();
    }
  }

  /** A declaration of lost audio was refused: try it again where the server says it is. */
  lossRefused(nextSample: number | undefined): void {
    if (this.#lossEndSample === null) return;
    this.#restartFrom(nextSample ?? this.#cursorSample, retryDelayMs);
  }

  /** Resolves when nothing is left to deliver. */
  drained(): Promise<void> {
    if (this.#options.unsent.heldSamples === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drainWaiters.add(resolve));
  }

  #reset(): void {
    this.#epoch += 1;
    this.#inFlightSamples = 0;
    this.#lossEndSample = null;
    this.#cancelWait?.();
    this.#cancelWait = null;
  }

  #restartFrom(sample: number, delayMs: number): void {
    this.#reset();
    this.#cursorSample = Math.max(sample, 0);
    this.#cancelWait = this.#options.after(delayMs, () => {
      this.#cancelWait = null;
      this.#pump();
    });
  }

  #pump(): void {
    const { unsent, sampleRateHz } = this.#options;
    while (this.#isOpen && this.#cancelWait === null && this.#lossEndSample === null) {
      if (this.#cursorSample < unsent.firstSample) {
        if (this.#inFlightSamples > 0) return;
        const samples = Math.min(unsent.firstSample - this.#cursorSample, maxLossSec * sampleRateHz);
        this.#lossEndSample = this.#cursorSample + samples;
        this.#options.declareLost({ firstSample: this.#cursorSample, samples });
        return;
      }
      const room = maxInFlightSec * sampleRateHz - this.#inFlightSamples;
      const pcm = unsent.read(this.#cursorSample, Math.min(room, maxFrameSec * sampleRateHz));
      if (pcm.byteLength === 0) return;
      this.#send(this.#cursorSample, pcm);
    }
  }

  #send(firstSample: number, pcm: Uint8Array<ArrayBuffer>): void {
    const samples = pcm.byteLength / this.#bytesPerSample;
    const epoch = this.#epoch;
    this.#cursorSample = firstSample + samples;
    this.#inFlightSamples += samples;
    this.#options.sendAudio(firstSample, pcm.buffer).then(
      (ack) => {
        this.#answered(epoch, firstSample, samples, ack);
      },
      () => {
        if (epoch === this.#epoch) this.#restartFrom(firstSample, retryDelayMs);
      },
    );
  }

  #answered(epoch: number, firstSample: number, samples: number, ack: AudioAck): void {
    if (ack.ok) {
      if (epoch === this.#epoch) this.#inFlightSamples -= samples;
      this.acknowledge(ack.next_sample);
      if (epoch === this.#epoch) this.#pump();
      return;
    }
    if (epoch !== this.#epoch) return;
    const { code, message, retryable, next_sample: nextSample } = ack.error;
    switch (code) {
      case "not_started":
        this.#restartFrom(firstSample, retryDelayMs);
        this.#options.onNotStarted();
        return;
      case "backpressure":
        // The frames before it were taken: go on with this one.
        this.#restartFrom(firstSample, backpressureDelayMs);
        return;
      case "audio_gap":
        this.#restartFrom(nextSample ?? this.#options.unsent.firstSample, backpressureDelayMs);
        return;
      default:
        if (retryable) {
          this.#restartFrom(nextSample ?? firstSample, retryDelayMs);
          return;
        }
        this.suspend();
        this.#options.onRefused(code, message);
    }
  }
}
