import { samplesOf } from "./channel-audio.ts";

const blockMs = 20;
/** Of a block and channel: plenty for its loudness, cheap enough for hundreds of calls on one thread. */
const measuredSamples = 64;
/** What comes before a voice is heard of: the first consonants are fainter than any threshold. */
const preRollMs = 500;
/** 16-bit steps. Below it is nothing that a recogniser would make words of. */
const faintestVoice = 40;
/** Above it everything counts as voice: a place too loud for a threshold is sent whole. */
const loudestNoise = 330;
/** By block: the floor doubles in half a minute, so that no stretch of speech passes for noise. */
const floorRise = 1.0005;
const floorFall = 0.3;
const defaultThreshold = 0.5;

export interface VoiceGateOptions {
  readonly channels: number;
  readonly sampleRateHz: number;
  readonly firstSample: number;
  /** Silence behind a voice that is still sent: enough for the service to end every utterance by itself. */
  readonly holdMs: number;
  /** 0 to 1: how far above the noise a voice must be; null: 0.5. */
  readonly threshold: number | null;
}

interface VoicedSpan {
  /** Pre-roll included. */
  readonly from: number;
  voicedUntil: number;
}

export interface AudibleSpan {
  readonly from: number;
  readonly until: number;
}

/**
 * Tells audio that may hold a voice on any channel from long silence, by loudness above each channel's own noise.
 * In doubt it is a voice: silence that is sent costs a little, a word that is not sent is lost.
 */
export class VoiceGate {
  readonly #options: VoiceGateOptions;
  readonly #blockSamples: number;
  readonly #stride: number;
  readonly #holdSamples: number;
  readonly #preRollSamples: number;
  readonly #ratio: number;
  readonly #floors: number[];
  readonly #squares: number[];
  #measured = 0;
  #blockFill = 0;
  #position: number;
  #voicedBlocks = 0;
  readonly #spans: VoicedSpan[] = [];

  constructor(options: VoiceGateOptions) {
    const { channels, firstSample, holdMs, sampleRateHz, threshold } = options;
    const samples = (ms: number): number => Math.round((ms * sampleRateHz) / 1000);
    this.#options = options;
    this.#blockSamples = samples(blockMs);
    this.#stride = Math.max(1, Math.floor(this.#blockSamples / measuredSamples));
    this.#holdSamples = samples(holdMs);
    this.#preRollSamples = samples(preRollMs);
    this.#ratio = 1 + 3 * (threshold ?? defaultThreshold);
    this.#floors = Array.from({ length: channels }, () => faintestVoice);
    this.#squares = Array.from({ length: channels }, () => 0);
    this.#position = firstSample;
    // A call begins with what comes first, voice or not: the connection needs audio to live.
    this.#spans.push({ from: firstSample, voicedUntil: firstSample });
  }

  /** The next samples of the call. */
  listen(pcm: Uint8Array): void {
    const samples = samplesOf(pcm);
    const { channels } = this.#options;
    const length = Math.floor(samples.length / channels);
    let at = 0;
    while (at < length) {
      const take = Math.min(length - at, this.#blockSamples - this.#blockFill);
      // Phase goes on over frames of any size, a single sample included.
      const skip = (this.#stride - (this.#blockFill % this.#stride)) % this.#stride;
      for (let i = at + skip; i < at + take; i += this.#stride) {
        for (let channel = 0; channel < channels; channel++) {
          const value = samples[i * channels + channel] ?? 0;
          this.#squares[channel] = (this.#squares[channel] ?? 0) + value * value;
        }
        this.#measured += 1;
      }
      at += take;
      this.#blockFill += take;
      this.#position += take;
      if (this.#blockFill === this.#blockSamples) this.#endBlock();
    }
  }

  /** What of the audio from `sample` on is to be sent next; its end may lie ahead of what was listened to. */
  spanFrom(sample: number): AudibleSpan | null {
    for (const { from, voicedUntil } of this.#spans) {
      const until = voicedUntil + this.#holdSamples;
      if (until > sample) return { from: Math.max(from, sample), until };
    }
    return null;
  }

  /** Whether a voice was heard of between the two. */
  hasVoice(fromSample: number, untilSample: number): boolean {
    return this.#spans.some(
      ({ from, voicedUntil }) => voicedUntil > fromSample && from + this.#preRollSamples < untilSample,
    );
  }

  /** Where a voice that begins with the next sample would be sent from. */
  get quietUntil(): number {
    return this.#position - this.#blockSamples * 3 - this.#preRollSamples;
  }

  dropBefore(sample: number): void {
    while (this.#spans.length > 1 && (this.#spans[0]?.voicedUntil ?? 0) + this.#holdSamples <= sample) {
      this.#spans.shift();
    }
  }

  #endBlock(): void {
    const loud = this.#squares.map((sum, channel) => {
      const loudness = Math.sqrt(sum / Math.max(1, this.#measured));
      const floor = this.#floors[channel] ?? faintestVoice;
      this.#floors[channel] =
        loudness < floor
          ? floor + (loudness - floor) * floorFall
          : Math.min(loudestNoise, floor * floorRise + 0.01);
      return loudness > Math.max(faintestVoice, Math.min(loudestNoise, floor * this.#ratio));
    });
    this.#squares.fill(0);
    this.#measured = 0;
    this.#blockFill = 0;
    this.#voicedBlocks = loud.includes(true) ? this.#voicedBlocks + 1 : 0;
    // One block alone is a click.
    if (this.#voicedBlocks >= 2) this.#voiceUntil(this.#position);
  }

  #voiceUntil(sample: number): void {
    const last = this.#spans.at(-1);
    const from = Math.max(this.#options.firstSample, sample - 2 * this.#blockSamples - this.#preRollSamples);
    if (last !== undefined && from <= last.voicedUntil + this.#holdSamples) last.voicedUntil = sample;
    else this.#spans.push({ from, voicedUntil: sample });
  }
}

/**
 * Where to cut a channel between `fromSample` and the end of `pcm`: the middle of the newest quiet 200 ms, or of the
 * quietest there are. Gives a position on the call's axis.
 */
export function quietCut(
  pcm: Uint8Array,
  options: { fromSample: number; channels: number; channel: number; sampleRateHz: number },
): number {
  const { channel, channels, fromSample, sampleRateHz } = options;
  const samples = samplesOf(pcm);
  const length = Math.floor(samples.length / channels);
  const window = Math.max(1, Math.round(sampleRateHz / 5));
  const step = Math.max(1, Math.round(window / 8));
  const stride = Math.max(1, Math.round(window / 200));
  let best = { loudness: Infinity, at: length };
  for (let end = length; end - window >= 0; end -= step) {
    let sum = 0;
    let count = 0;
    for (let i = end - window; i < end; i += stride) {
      const value = samples[i * channels + channel] ?? 0;
      sum += value * value;
      count += 1;
    }
    const loudness = Math.sqrt(sum / Math.max(1, count));
    if (loudness < best.loudness) best = { loudness, at: end - Math.round(window / 2) };
    if (loudness <= faintestVoice) break;
  }
  return fromSample + best.at;
}
