import { CaptureError } from "./capture-error.ts";
import { captureRateHz } from "./capture-protocol.ts";
import { heardThresholdDbfs } from "./sound-level.ts";

export interface SoundFile {
  /** One channel, or two that differ. */
  readonly sound: AudioBuffer;
  readonly durationMs: number;
  /** By channel: somebody speaks there. */
  readonly heard: readonly boolean[];
}

/** Two channels that differ by less than this (0.0005 of full scale, RMS) carry the same sound. */
const sameSoundRms = 5e-4;

/** True where both channels carry the same sound, so that they tell nobody apart. */
export function channelsAreAlike(left: Float32Array, right: Float32Array): boolean {
  let sum = 0;
  for (let index = 0; index < left.length; index += 1) {
    sum += ((left[index] ?? 0) - (right[index] ?? 0)) ** 2;
  }
  return Math.sqrt(sum / Math.max(1, left.length)) < sameSoundRms;
}

/** True where at least `seconds` of the channel are as loud as speech. */
export function isHeard(samples: Float32Array, sampleRateHz: number, seconds = 0.5): boolean {
  const blockSamples = Math.round(sampleRateHz / 10);
  const threshold = 10 ** (heardThresholdDbfs / 10);
  let loudBlocks = 0;
  for (let start = 0; start + blockSamples <= samples.length; start += blockSamples) {
    let sum = 0;
    for (let index = start; index < start + blockSamples; index += 1) sum += (samples[index] ?? 0) ** 2;
    if (sum / blockSamples >= threshold) loudBlocks += 1;
    if (loudBlocks * blockSamples >= seconds * sampleRateHz) return true;
  }
  return false;
}

/** Decodes whatever the browser can, at 16 kHz. Rejects with `CaptureError("unreadable_file")`. */
export async function decodeSoundFile(bytes: ArrayBuffer): Promise<SoundFile> {
  const context = new OfflineAudioContext(1, 1, captureRateHz);
  let decoded: AudioBuffer;
  try {
    decoded = await context.decodeAudioData(bytes);
  } catch (error) {
    throw new CaptureError("unreadable_file", error);
  }
  if (decoded.length === 0) throw new CaptureError("unreadable_file");
  const channels = Array.from({ length: Math.min(2, decoded.numberOfChannels) }, (_, channel) =>
    decoded.getChannelData(channel),
  );
  const [left, right] = channels;
  const isMono = left === undefined || right === undefined || channelsAreAlike(left, right);
  const kept = isMono ? channels.slice(0, 1) : channels;
  const sound = new AudioBuffer({
    length: decoded.length,
    numberOfChannels: kept.length,
    sampleRate: decoded.sampleRate,
  });
  kept.forEach((samples, channel) => {
    sound.getChannelData(channel).set(samples);
  });
  return {
    sound,
    durationMs: Math.round(decoded.duration * 1000),
    heard: kept.map((samples) => isHeard(samples, decoded.sampleRate)),
  };
}
