import type { AudioAck, MessageAck } from "../contract/client-messages.ts";
import type { Timers } from "./timers.ts";
import type { UnsentAudio } from "./unsent-audio.ts";

/** Half of what the server may hold undurable, so that two tabs' worth of delay still fit. */
const maxInFlightSec = 5;
/** After an interruption audio is caught up in larger frames: 1 s, far below the 1 MiB limit. */
const maxFrameSec = 1;
/** Audio sent per time of the clock at most: below what the server reads of one client. */
const catchUpTimes = 8;
const backpressureDelayMs = 250;
const retryDelayMs = 1000;
const longestRetryDelayMs = 8000;
/** A declared loss that is refused so often is not declared again on this connection. */
const maxLossAttempts = 4;
/** The server refuses more than an hour of lost audio in one declaration or call. */
const maxLossSec = 3600;

export interface AudioUplinkOptions {
  readonly unsent: UnsentAudio;
  readonly sampleRateHz: number;
  /** Resolves with the server's answer; may never resolve when the connection goes. */
  readonly sendAudio: (firstSample: number, pcm: ArrayBuffer) => Promise<AudioAck>;
  /** As `sendAudio`, for audio that can never be delivered; the answer to a yes need not say more. */
  readonly declareLost: (loss: { firstSample: number; samples: number }) => Promise<MessageAck>;
  /** The server could not start the call: audio waits until it has been asked again. */
  readonly onNotStarted: () => void;
  /** The server will take no more audio of this call, and says why. */
  readonly onRefused: (code: string, message: string) => void;
  readonly timers: Timers;
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
  #lossAttempts = 0;
  /** Refusals in a row that were nobody's haste: the distance to the next attempt grows with them. */
  #failures = 0;
  /** What may be sent at once, and when that was counted. */
  #allowanceSamples = 0;
  #allowedAtMs = 0;
  #cancelAllowance: (() => void) | null = null;
  #cancelWait: (() => void) | null = null;
  /** The server will have no more on this connection: nothing is worth waiting for. */
  #isRefused = false;
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
    this.#isRefused = false;
    this.#cursorSample = nextSample;
    this.#lossAttempts = 0;
    this.#failures = 0;
    this.#allowanceSamples = maxInFlightSec * this.#options.sampleRateHz;
    this.#allowedAtMs = this.#options.timers.nowMs();
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
    if (this.#options.unsent.heldSamples === 0) this.#tellDrained();
  }

  /** Resolves when nothing is left to deliver, or the server will not have it. */
  drained(): Promise<void> {
    if (this.#options.unsent.heldSamples === 0 || this.#isRefused) return Promise.resolve();
    return new Promise((resolve) => this.#drainWaiters.add(resolve));
  }

  #tellDrained(): void {
    for (const done of this.#drainWaiters) done();
    this.#drainWaiters.clear();
  }

  /** The person has to know, and to do something. */
  #refuse(code: string, message: string): void {
    this.suspend();
    this.#isRefused = true;
    this.#options.onRefused(code, message);
    this.#tellDrained();
  }

  #reset(): void {
    this.#epoch += 1;
    this.#inFlightSamples = 0;
    this.#lossEndSample = null;
    this.#cancelWait?.();
    this.#cancelWait = null;
    this.#cancelAllowance?.();
    this.#cancelAllowance = null;
  }

  /** The same again, later each time. */
  #retryFrom(sample: number): void {
    const delayMs = Math.min(longestRetryDelayMs, retryDelayMs * 2 ** Math.min(this.#failures, 6));
    this.#failures += 1;
    this.#restartFrom(sample, delayMs);
  }

  #restartFrom(sample: number, delayMs: number): void {
    this.#reset();
    this.#cursorSample = Math.max(sample, 0);
    this.#cancelWait = this.#options.timers.after(delayMs, () => {
      this.#cancelWait = null;
      this.#pump();
    });
  }

  #pump(): void {
    const { unsent, sampleRateHz } = this.#options;
    while (this.#isOpen && this.#cancelWait === null && this.#lossEndSample === null) {
      if (this.#cursorSample < unsent.firstSample) {
        if (this.#inFlightSamples === 0) this.#declareLost();
        return;
      }
      const room = maxInFlightSec * sampleRateHz - this.#inFlightSamples;
      const wanted = Math.min(room, maxFrameSec * sampleRateHz, unsent.endSample - this.#cursorSample);
      if (wanted <= 0 || !this.#isAllowed(wanted)) return;
      const pcm = unsent.read(this.#cursorSample, wanted);
      if (pcm.byteLength === 0) return;
      this.#send(this.#cursorSample, pcm);
    }
  }

  /** Whether so much may go now; when not, it is tried again when it may. */
  #isAllowed(samples: number): boolean {
    const { sampleRateHz, timers } = this.#options;
    const nowMs = timers.nowMs();
    const samplesPerMs = (catchUpTimes * sampleRateHz) / 1000;
    this.#allowanceSamples = Math.min(
      maxInFlightSec * sampleRateHz,
      this.#allowanceSamples + (nowMs - this.#allowedAtMs) * samplesPerMs,
    );
    this.#allowedAtMs = nowMs;
    if (this.#allowanceSamples >= samples) {
      this.#allowanceSamples -= samples;
      return true;
    }
    this.#cancelAllowance ??= timers.after((samples - this.#allowanceSamples) / samplesPerMs + 1, () => {
      this.#cancelAllowance = null;
      this.#pump();
    });
    return false;
  }

  #declareLost(): void {
    const { unsent, sampleRateHz } = this.#options;
    const firstSample = this.#cursorSample;
    const samples = Math.min(unsent.firstSample - firstSample, maxLossSec * sampleRateHz);
    const epoch = this.#epoch;
    this.#lossEndSample = firstSample + samples;
    this.#lossAttempts += 1;
    const refused = (code: string, message: string, nextSample: number | undefined): void => {
      if (epoch !== this.#epoch) return;
      if (this.#lossAttempts < maxLossAttempts) {
        this.#retryFrom(nextSample ?? firstSample);
        return;
      }
      // What follows has no place without it.
      this.#refuse(code, message);
    };
    this.#options.declareLost({ firstSample, samples }).then(
      (answer) => {
        if (!answer.ok) {
          refused(answer.error.code, answer.error.message, answer.error.next_sample);
        } else if (epoch === this.#epoch) {
          this.#lossAttempts = 0;
          this.#failures = 0;
          this.acknowledge(firstSample + samples);
        }
      },
      () => {
        refused("audio_lost_refused", "the answer was not understood", undefined);
      },
    );
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
        if (epoch === this.#epoch) this.#retryFrom(firstSample);
      },
    );
  }

  #answered(epoch: number, firstSample: number, samples: number, ack: AudioAck): void {
    if (ack.ok) {
      if (epoch === this.#epoch) {
        this.#inFlightSamples -= samples;
        this.#failures = 0;
      }
      this.acknowledge(ack.next_sample);
      if (epoch === this.#epoch) this.#pump();
      return;
    }
    if (epoch !== this.#epoch) return;
    const { code, message, retryable, next_sample: nextSample } = ack.error;
    switch (code) {
      case "not_started":
        this.#retryFrom(firstSample);
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
          this.#retryFrom(nextSample ?? firstSample);
          return;
        }
        this.#refuse(code, message);
    }
  }
}
