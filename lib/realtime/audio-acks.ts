import type { Clock } from "../call/ports.ts";

/** One acknowledgement for so many frames: one for each costs a quarter more CPU than one in ten. */
const framesPerAck = 10;
const ackEveryMs = 1000;
/** After a burst its last frames are acknowledged as soon as nothing has arrived for so long. */
const idleMs = 150;

export interface AudioAcksOptions {
  readonly clock: Clock;
  readonly ack: () => void;
}

/** Says when `audio_ack` is due: every ten frames, every second, and when a burst has ended. */
export class AudioAcks {
  readonly #options: AudioAcksOptions;
  #frames = 0;
  #lastFrameMs = 0;
  #firstFrameMs = 0;
  #cancel: (() => void) | null = null;

  constructor(options: AudioAcksOptions) {
    this.#options = options;
  }

  /** A frame has become durable. */
  durable(): void {
    const nowMs = this.#options.clock.monotonicMs();
    this.#lastFrameMs = nowMs;
    if (this.#frames === 0) this.#firstFrameMs = nowMs;
    this.#frames += 1;
    if (this.#frames >= framesPerAck || nowMs - this.#firstFrameMs >= ackEveryMs - idleMs) {
      this.#ack();
    } else {
      this.#cancel ??= this.#arm(idleMs);
    }
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #ack(): void {
    this.#frames = 0;
    this.#options.ack();
  }

  #arm(delayMs: number): () => void {
    return this.#options.clock.after(Math.ceil(delayMs), () => {
      this.#cancel = null;
      if (this.#frames === 0) return;
      const nowMs = this.#options.clock.monotonicMs();
      const idleLeftMs = this.#lastFrameMs + idleMs - nowMs;
      const ackLeftMs = this.#firstFrameMs + ackEveryMs - idleMs - nowMs;
      if (idleLeftMs <= 0 || ackLeftMs <= 0) this.#ack();
      else this.#cancel = this.#arm(Math.min(idleLeftMs, ackLeftMs));
    });
  }
}
