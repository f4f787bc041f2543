import type { Clock } from "../../call/ports.ts";
import type { AudioRing } from "./audio-ring.ts";
import { muteOutside } from "./channel-audio.ts";
import type { ListenConnection } from "./listen-connection.ts";
import { Pacer } from "./pacer.ts";
import { SentAxis } from "./sent-axis.ts";
import type { VoiceGate } from "./voice-gate.ts";

/** A frame of audio: shorter ones wait for more, longer ones are sent in parts. */
const minFrameMs = 20;
const maxFrameMs = 100;
/** After the last audio is made final the service may take this long; then what it has not said is not there. */
const flushedMs = 2000;

export interface LiveSenderOptions {
  readonly connection: ListenConnection;
  readonly ring: AudioRing;
  readonly gate: VoiceGate;
  /** Long silence is left out. */
  readonly sparesSilence: boolean;
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly fromSample: number;
  /** By channel: where it is to be heard from; silent before. */
  readonly heardFrom: readonly number[];
  readonly clock: Clock;
  /** Samples of single channels that were left out, or will be. */
  readonly onSpared: (samples: number) => void;
  /** A frame was sent: it ends at this sample of the call. */
  readonly onSent: (endSample: number, samples: number) => void;
}

/** Brings the audio of a call to one open connection, in frames and at a rate that the service takes. */
export class LiveSender {
  readonly axis: SentAxis;
  readonly #options: LiveSenderOptions;
  readonly #pacer: Pacer;
  readonly #minFrame: number;
  readonly #maxFrame: number;
  readonly #mutedUntil: number;
  #cursor: number;
  #cancelTimer: (() => void) | null = null;
  #finalizedAtMs: number | null = null;
  #isEnding = false;
  #closed = false;

  constructor(options: LiveSenderOptions) {
    const { clock, sampleRateHz } = options;
    this.#options = options;
    this.axis = new SentAxis(sampleRateHz);
    this.#pacer = new Pacer(clock.monotonicMs());
    this.#minFrame = Math.round((minFrameMs * sampleRateHz) / 1000);
    this.#maxFrame = Math.round((maxFrameMs * sampleRateHz) / 1000);
    this.#mutedUntil = Math.max(...options.heardFrom);
    this.#cursor = options.fromSample;
  }

  /** Everything before it was sent, or is silence that will not be. */
  get takenSample(): number {
    return this.#next() === null ? this.#options.ring.endSample : this.#cursor;
  }

  /** Everything before it was sent or lies in a silence that was left out. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Silence goes on that is not sent, and what came before it has been answered. */
  get isAtRest(): boolean {
    return (
      this.#finalizedAtMs !== null && this.#options.clock.monotonicMs() - this.#finalizedAtMs >= flushedMs
    );
  }

  /** Audio has come in, or time has passed. */
  pump(): void {
    if (this.#closed) return;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    for (let next = this.#next(); next !== null; next = this.#next()) {
      if (!this.#send(next)) return;
    }
    if (!this.#options.connection.isOpen) return;
    if (this.#isEnding) {
      this.#spare(this.#options.ring.endSample);
      this.#options.connection.finalize();
      this.#options.connection.closeStream();
    } else if (this.#options.sparesSilence && this.#finalizedAtMs === null && this.#isSilent()) {
      this.#options.connection.finalize();
      this.#finalizedAtMs = this.#options.clock.monotonicMs();
    }
  }

  /** No more audio will come: the rest is sent, then the stream is closed. */
  end(): void {
    this.#isEnding = true;
    this.pump();
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
  }

  #spare(untilSample: number): void {
    const samples = untilSample - this.#cursor;
    if (samples > 0 && this.axis.sentSamples > 0) this.#options.onSpared(samples * this.#options.channels);
    this.#cursor = Math.max(this.#cursor, untilSample);
  }

  #isSilent(): boolean {
    const { gate, ring } = this.#options;
    return this.axis.sentSamples > 0 && gate.spanFrom(this.#cursor) === null && this.#cursor < ring.endSample;
  }

  /** The next frame, or null while there is none. */
  #next(): { readonly from: number; readonly until: number } | null {
    const { gate, ring, sparesSilence } = this.#options;
    const span = sparesSilence
      ? gate.spanFrom(this.#cursor)
      : { from: this.#cursor, until: Number.MAX_SAFE_INTEGER };
    if (span === null) return null;
    const from = Math.max(span.from, ring.firstSample);
    const until = Math.min(span.until, ring.endSample, from + this.#maxFrame);
    // The end of a span is sent whatever its length.
    const isWhole = this.#isEnding || span.until <= ring.endSample || until - from >= this.#minFrame;
    return until > from && isWhole ? { from, until } : null;
  }

  /** False: not now. */
  #send({ from, until }: { readonly from: number; readonly until: number }): boolean {
    const { channels, clock, connection, gate, heardFrom, onSent, ring, sampleRateHz } = this.#options;
    const nowMs = clock.monotonicMs();
    const samples = until - from;
    const waitMs = this.#pacer.take(samples / sampleRateHz, nowMs);
    if (waitMs > 0 || !connection.isOpen) {
      this.#cancelTimer = clock.after(Math.ceil(Math.max(waitMs, 1)), () => {
        this.pump();
      });
      return false;
    }
    this.#spare(from);
    let pcm = ring.read(from, until);
    if (from < this.#mutedUntil) {
      pcm = Uint8Array.from(pcm);
      muteOutside(
        pcm,
        from,
        heardFrom.map((sample) => ({ from: sample, until: Number.MAX_SAFE_INTEGER })),
      );
    }
    connection.sendAudio(pcm, gate.hasVoice(from, until));
    this.axis.sent(from, samples);
    this.#cursor = until;
    this.#finalizedAtMs = null;
    onSent(until, samples * channels);
    return true;
  }
}
