import type { AudioAck, MessageAck } from "../contract/client-messages.ts";
import { AudioUplink } from "./audio-uplink.ts";
import { captureRateHz } from "./capture-protocol.ts";
import type { HostClaim, HostClaims } from "./host-claim.ts";
import type { Timers } from "./timers.ts";
import { UnsentAudio } from "./unsent-audio.ts";
import { UnsentKeeper, type Keeping } from "./unsent-keeper.ts";
import type { UnsentStore } from "./unsent-store.ts";
import { wavFile } from "./wav-file.ts";

export interface HostAudioOptions {
  readonly callId: string;
  readonly channels: 1 | 2;
  /** Kept in the browser for a call that has just been started; null for one that is taken up again. */
  readonly newSeat: unknown;
  readonly store: UnsentStore;
  readonly claims: HostClaims;
  readonly timers: Timers;
  readonly wallClockMs: () => number;
  readonly unsentBoundSec: number;
  readonly sendAudio: (firstSample: number, pcm: ArrayBuffer) => Promise<AudioAck>;
  readonly declareLost: (loss: { firstSample: number; samples: number }) => Promise<MessageAck>;
  readonly onNotStarted: () => void;
  readonly onRefused: (code: string, message: string) => void;
  readonly onKeeping: (keeping: Keeping) => void;
  /** Another page of this browser becomes the call's host; resolves when this one has let go. */
  readonly onYield: () => Promise<void>;
}

function toMs(samples: number): number {
  return (samples / captureRateHz) * 1000;
}

/**
 * A host's sound from its capture to the server: held in memory, kept in the browser's storage, sent in
 * order. It knows where on the call's axis this page stands.
 */
export class HostAudio {
  readonly #options: HostAudioOptions;
  readonly #unsent: UnsentAudio;
  readonly #keeper: UnsentKeeper;
  readonly #uplink: AudioUplink;
  #claim: HostClaim | null = null;
  #isLetGo = false;
  #isSeated: boolean;
  #settled: Promise<void> = Promise.resolve();
  /** A connection that is gone by the time its audio may flow is not opened any more. */
  #openings = 0;
  #markSeated: () => void = () => undefined;
  /** Resolves when the server has said where the call stands. */
  readonly seated: Promise<void>;
  /** Resolves when what an earlier life of the page left behind has been taken up. */
  readonly ready: Promise<void>;

  constructor(options: HostAudioOptions) {
    this.#options = options;
    const { callId, store, timers, wallClockMs, onKeeping, unsentBoundSec } = options;
    const bytesPerSample = options.channels * 2;
    const unsent = new UnsentAudio({ bytesPerSample, maxSamples: unsentBoundSec * captureRateHz });
    this.#unsent = unsent;
    this.#keeper = new UnsentKeeper({
      store,
      unsent,
      callId,
      bytesPerSample,
      sampleRateHz: captureRateHz,
      timers,
      wallClockMs,
      onKeeping,
    });
    this.#uplink = new AudioUplink({ ...options, unsent, bytesPerSample, sampleRateHz: captureRateHz });
    this.#isSeated = options.newSeat !== null;
    this.seated = this.#isSeated
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#markSeated = resolve;
        });
    this.ready = this.#begin();
  }

  get unsentMs(): number {
    return toMs(this.#unsent.heldSamples);
  }

  /** Length of the call's audio so far. */
  get endMs(): number {
    return toMs(this.#unsent.endSample);
  }

  get givenUpMs(): number {
    return toMs(this.#unsent.givenUpSamples);
  }

  /** What is held here, as a WAV file. */
  heldFile(): Blob {
    const pcm = this.#unsent.read(this.#unsent.firstSample, this.#unsent.heldSamples);
    return wavFile(pcm, this.#options.channels, captureRateHz);
  }

  get isStopAsked(): boolean {
    return this.#keeper.isStopAsked;
  }

  push(pcm: Uint8Array): void {
    this.#uplink.push(pcm);
    this.#keeper.appended();
  }

  /** The server says where the call stands, and takes audio from there on unless the call is ending. */
  open(nextSample: number, takesAudio: boolean): void {
    if (!this.#isSeated) {
      this.#isSeated = true;
      this.#settled = this.#keeper.settle(nextSample);
      this.#markSeated();
    }
    this.#openings += 1;
    const opening = this.#openings;
    void this.#settled.then(() => {
      if (opening !== this.#openings) return;
      if (takesAudio) this.#uplink.open(nextSample);
      this.#keeper.released();
    });
  }

  acknowledge(nextSample: number): void {
    this.#uplink.acknowledge(nextSample);
    this.#keeper.released();
  }

  /** The connection is gone. */
  suspend(): void {
    this.#openings += 1;
    this.#uplink.suspend();
  }

  drained(): Promise<void> {
    return this.#uplink.drained();
  }

  /** Kept with what is left, so that it is delivered by whoever comes next. */
  stopAsked(): void {
    void this.#keeper.stopAsked();
  }

  /** The page may be gone in a moment. */
  flushNow(): void {
    this.#keeper.flushNow();
  }

  /** Somebody else is the host now: what is left stays for them, and nothing is written any more. */
  async surrender(): Promise<void> {
    this.suspend();
    await this.#keeper.flush();
    this.letGo();
  }

  /** The call is over: the browser forgets it. */
  async forget(): Promise<void> {
    this.suspend();
    await this.#keeper.forget();
    this.letGo();
  }

  letGo(): void {
    this.#isLetGo = true;
    this.suspend();
    this.#keeper.release();
    this.#claim?.release();
    this.#claim = null;
  }

  async #begin(): Promise<void> {
    const { claims, callId, newSeat, onYield } = this.#options;
    const claim = await claims.claim(callId, onYield);
    if (this.#isLetGo) {
      claim.release();
      return;
    }
    this.#claim = claim;
    if (newSeat === null) await this.#keeper.resume();
    else void this.#keeper.begin(newSeat);
  }
}
