/** Voices are told apart by their pitch: enough for a man and a woman, not for two of a kind. */
const pitchHz = { from: 70, to: 350 };
const frameSeconds = 0.04;
const framesLookedAt = 24;
/** Autocorrelation over energy above which a frame is voiced. */
const voicedShare = 0.6;
/** Pitches of one voice are closer than this, as logarithms to base 2. */
const sameVoiceOctaves = 0.3;
/** With fewer voiced frames nobody new is believed in. */
const surePitches = 10;
/** The pitch needs no more. */
const pitchRateHz = 4000;

/** Numbers voices of one channel in the order they are first heard. */
export class VoiceNumbers {
  readonly #step: number;
  readonly #rateHz: number;
  readonly #sampleRateHz: number;
  /** Ring of the channel at about `pitchRateHz`. */
  readonly #kept: Float32Array;
  #received = 0;
  /** By voice. */
  readonly #known: number[] = [];

  constructor(sampleRateHz: number, keptSeconds: number) {
    this.#sampleRateHz = sampleRateHz;
    this.#step = Math.max(1, Math.floor(sampleRateHz / pitchRateHz));
    this.#rateHz = sampleRateHz / this.#step;
    this.#kept = new Float32Array(Math.ceil(keptSeconds * this.#rateHz));
  }

  /** Mono PCM16. */
  take(pcm: Uint8Array): void {
    const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
    for (let at = 0; at + 2 <= pcm.byteLength; at += 2) {
      const slot = Math.floor(this.#received / this.#step) % this.#kept.length;
      const isFirst = this.#received % this.#step === 0;
      // The mean of the step is filter enough for a pitch.
      this.#kept[slot] = (isFirst ? 0 : (this.#kept[slot] ?? 0)) + view.getInt16(at, true) / this.#step;
      this.#received += 1;
    }
  }

  /** The voice that spoke in this part of the channel, of what is kept of it. */
  voiceOf(startSample: number, endSample: number): number {
    const pitches = this.#pitchesOf(startSample, endSample);
    const pitch = pitches[Math.floor(pitches.length / 2)];
    if (pitch === undefined) return 0;
    const distances = this.#known.map((known) => Math.abs(Math.log2(pitch / known)));
    const nearest = Math.min(...distances);
    const isSure = pitches.length >= surePitches;
    if (distances.length === 0 || (isSure && nearest > sameVoiceOctaves)) return this.#known.push(pitch) - 1;
    const voice = distances.indexOf(nearest);
    if (isSure) this.#known[voice] = (this.#known[voice] ?? pitch) * 0.9 + pitch * 0.1;
    return voice;
  }

  /** Of voiced frames, in order of pitch. */
  #pitchesOf(startSample: number, endSample: number): number[] {
    const oldest = Math.max(0, this.#received - (this.#kept.length - 1) * this.#step);
    const from = Math.max(startSample, oldest);
    const to = Math.min(endSample, this.#received);
    const frame = Math.round(frameSeconds * this.#sampleRateHz);
    const hop = Math.max(Math.round(frame / 2), Math.floor((to - from - frame) / framesLookedAt));
    const pitches: number[] = [];
    for (let at = from; at + frame <= to; at += hop) {
      const pitch = this.#framePitch(Math.floor(at / this.#step), Math.floor(frame / this.#step));
      if (pitch !== null) pitches.push(pitch);
    }
    return pitches.sort((a, b) => a - b);
  }

  #framePitch(first: number, length: number): number | null {
    const at = (i: number): number => this.#kept[(first + i) % this.#kept.length] ?? 0;
    const longest = Math.ceil(this.#rateHz / pitchHz.from);
    let best = { share: voicedShare, lag: 0 };
    for (let lag = Math.floor(this.#rateHz / pitchHz.to); lag <= longest; lag += 1) {
      let product = 0;
      let energy = 0;
      for (let i = 0; i + lag < length; i += 1) {
        product += at(i) * at(i + lag);
        energy += (at(i) ** 2 + at(i + lag) ** 2) / 2;
      }
      const share = product / (energy + 1);
      // A period's multiples are as like: the shortest that is nearly the best counts.
      if (share > best.share * (best.lag === 0 ? 1 : 1.08)) best = { share, lag };
    }
    return best.lag === 0 ? null : this.#rateHz / best.lag;
  }
}
