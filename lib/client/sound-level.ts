/** A frame this loud is someone speaking rather than the room: dBFS, RMS over 100 ms. */
export const heardThresholdDbfs = -42;
/** Loud frames among the last ten after which a side counts as heard. */
const heardFrames = 3;
const windowFrames = 10;
const silenceDbfs = -90;

/** RMS of one channel of interleaved PCM16, in dBFS, not below −90. */
export function rmsDbfs(pcm: Int16Array, channel: number, channels: number): number {
  let sum = 0;
  let count = 0;
  for (let index = channel; index < pcm.length; index += channels) {
    const sample = (pcm[index] ?? 0) / 32768;
    sum += sample * sample;
    count += 1;
  }
  if (sum === 0 || count === 0) return silenceDbfs;
  return Math.max(silenceDbfs, 10 * Math.log10(sum / count));
}

/** 0 to 1 on a scale on which −60 dBFS is nothing and −6 dBFS is full. */
export function meterFraction(dbfs: number): number {
  return Math.min(1, Math.max(0, (dbfs + 60) / 54));
}

export interface ChannelLevel {
  readonly dbfs: number;
  /** Once somebody was heard here, it stays true. */
  readonly isHeard: boolean;
}

/** Levels of each channel, frame by frame, and whether somebody was heard on it yet. */
export class SoundLevels {
  readonly #channels: number;
  readonly #recentlyLoud: boolean[][];
  #levels: readonly ChannelLevel[];

  constructor(channels: number) {
    this.#channels = channels;
    this.#recentlyLoud = Array.from({ length: channels }, () => []);
    this.#levels = Array.from({ length: channels }, () => ({ dbfs: silenceDbfs, isHeard: false }));
  }

  get levels(): readonly ChannelLevel[] {
    return this.#levels;
  }

  /** Nothing comes any more: the meters show silence. */
  fall(): void {
    this.#levels = this.#levels.map(({ isHeard }) => ({ dbfs: silenceDbfs, isHeard }));
  }

  push(pcm: Int16Array): void {
    this.#levels = this.#levels.map((before, channel) => {
      const dbfs = rmsDbfs(pcm, channel, this.#channels);
      const loud = this.#recentlyLoud[channel] ?? [];
      loud.push(dbfs >= heardThresholdDbfs);
      if (loud.length > windowFrames) loud.shift();
      return { dbfs, isHeard: before.isHeard || loud.filter(Boolean).length >= heardFrames };
    });
  }
}
