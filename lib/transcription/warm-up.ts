import { readFile } from "node:fs/promises";
import { Resampler, channelsOf, modelRateHz } from "./resampler.ts";
import type { SpeechDecoder } from "./sherpa.ts";

const warmUpSeconds = 4;
/** How much longer speech takes than noise of the same length, which gives no words: measured 3.1. */
const speechToNoise = 3.2;

/**
 * Decodes until the decoder is warm and tells what one second of speech costs, in milliseconds.
 * Without a recording of speech the cost is derived from noise.
 */
export async function warmUp(decoder: SpeechDecoder, speechWav: string | null): Promise<number> {
  const speech = speechWav === null ? null : await readSpeech(speechWav);
  const audio = speech ?? Float32Array.from({ length: warmUpSeconds * modelRateHz }, hiss);
  await decoder.decode(audio);
  // Processor time, since other programs may be busy while the server starts.
  const before = process.cpuUsage();
  await decoder.decode(audio);
  const { user, system } = process.cpuUsage(before);
  const ms = (user + system) / 1000;
  return (ms / (audio.length / modelRateHz)) * (speech === null ? speechToNoise : 1);
}

function hiss(_: unknown, index: number): number {
  return (((index * 16_807) % 65_537) / 65_537 - 0.5) * 0.02;
}

/** The loudest `warmUpSeconds` of the first half minute, all channels together; null when it is no PCM16 WAV. */
async function readSpeech(path: string): Promise<Float32Array | null> {
  const file = await readFile(path).catch(() => null);
  if (file === null || file.length < 44 || file.toString("latin1", 0, 4) !== "RIFF") return null;
  const channels = file.readUInt16LE(22);
  const rateHz = file.readUInt32LE(24);
  if (file.readUInt16LE(20) !== 1 || file.readUInt16LE(34) !== 16 || channels < 1) return null;
  const pcm = file.subarray(44, 44 + 30 * rateHz * channels * 2);
  const mixed = channelsOf(pcm, channels).reduce((sum, channel) =>
    sum.map((value, i) => value + (channel[i] ?? 0)),
  );
  const samples = new Resampler(rateHz).push(mixed);
  const length = warmUpSeconds * modelRateHz;
  let best: Float32Array | null = null;
  let bestEnergy = 0;
  for (let from = 0; from + length <= samples.length; from += modelRateHz / 2) {
    const part = samples.slice(from, from + length);
    const energy = part.reduce((sum, value) => sum + value * value, 0);
    if (energy > bestEnergy) [best, bestEnergy] = [part, energy];
  }
  return best;
}
