import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const bytesPerValue = 2;

export interface Sound {
  readonly sampleRateHz: number;
  readonly channels: number;
  /** Interleaved PCM16. */
  readonly pcm: Buffer;
}

/** Reads a WAV by its chunks, strictly: what stands in the header must be what follows. */
export function parseWav(wav: Buffer): Sound {
  const text = (at: number): string => wav.toString("latin1", at, at + 4);
  if (text(0) !== "RIFF" || text(8) !== "WAVE") throw new Error("this is no WAV");
  if (wav.readUInt32LE(4) !== wav.length - 8) throw new Error("the RIFF size is wrong");
  let format: { channels: number; sampleRateHz: number } | null = null;
  for (let at = 12; at + 8 <= wav.length;) {
    const size = wav.readUInt32LE(at + 4);
    if (text(at) === "fmt ") {
      const [kind, channels, bits] = [at + 8, at + 10, at + 22].map((where) => wav.readUInt16LE(where));
      const sampleRateHz = wav.readUInt32LE(at + 12);
      if (kind !== 1 || bits !== 16) throw new Error("this is no PCM16");
      if (channels === undefined) throw new Error("no channels");
      if (wav.readUInt32LE(at + 16) !== sampleRateHz * channels * 2)
        throw new Error("the byte rate is wrong");
      if (wav.readUInt16LE(at + 20) !== channels * 2) throw new Error("the block size is wrong");
      format = { channels, sampleRateHz };
    }
    if (text(at) === "data") {
      if (format === null) throw new Error("no fmt before data");
      if (at + 8 + size > wav.length) throw new Error("the data is cut");
      return { ...format, pcm: wav.subarray(at + 8, at + 8 + size) };
    }
    at += 8 + size + (size % 2);
  }
  throw new Error("no data chunk");
}

const scriptSchema = z.object({
  lines: z.array(
    z.object({ speaker: z.enum(["rep", "prospect"]), text: z.string(), objection: z.string().nullable() }),
  ),
});
const alignmentSchema = z.object({
  lines: z.array(
    z.object({ speaker: z.string(), text: z.string(), start_ms: z.number(), end_ms: z.number() }),
  ),
});

export interface RecordedCall {
  readonly sound: Sound;
  readonly lines: readonly {
    readonly speaker: 0 | 1;
    readonly text: string;
    readonly objection: string | null;
    readonly startMs: number;
    readonly endMs: number;
  }[];
}

/** A recorded call that is shipped: its first channel is the rep. */
export function recordedCall(name: "en-short" | "es-short"): RecordedCall {
  const read = (file: string): Buffer =>
    readFileSync(fileURLToPath(new URL(`../../data/calls/${name}/${file}`, import.meta.url)));
  const script = scriptSchema.parse(JSON.parse(read("script.json").toString()));
  const alignment = alignmentSchema.parse(JSON.parse(read("alignment.json").toString()));
  return {
    sound: parseWav(read("call.wav")),
    lines: script.lines.map((line, index) => {
      const aligned = alignment.lines[index];
      if (aligned?.text !== line.text) throw new Error("script and alignment do not belong together");
      return {
        speaker: line.speaker === "rep" ? 0 : 1,
        text: line.text,
        objection: line.objection,
        startMs: aligned.start_ms,
        endMs: aligned.end_ms,
      };
    }),
  };
}

export function clip(sound: Sound, fromMs: number, toMs: number): Sound {
  const frameBytes = sound.channels * bytesPerValue;
  const at = (ms: number): number => Math.floor((ms * sound.sampleRateHz) / 1000) * frameBytes;
  return { ...sound, pcm: sound.pcm.subarray(at(fromMs), at(toMs)) };
}

export function samplesOf(sound: Sound): number {
  return sound.pcm.length / (sound.channels * bytesPerValue);
}

/** The values of one channel. */
export function channelOf(sound: Sound, channel: number): Int16Array {
  return Int16Array.from({ length: samplesOf(sound) }, (_, index) =>
    sound.pcm.readInt16LE((index * sound.channels + channel) * bytesPerValue),
  );
}

export function interleave(...channels: readonly Int16Array[]): Buffer {
  const samples = channels[0]?.length ?? 0;
  const pcm = Buffer.alloc(samples * channels.length * bytesPerValue);
  channels.forEach((values, channel) => {
    values.forEach((value, index) => {
      pcm.writeInt16LE(value, (index * channels.length + channel) * bytesPerValue);
    });
  });
  return pcm;
}

export function swapped(sound: Sound): Sound {
  return { ...sound, pcm: interleave(channelOf(sound, 1), channelOf(sound, 0)) };
}

/** Both voices in one channel. */
export function mono(sound: Sound): Sound {
  const [first, second] = [channelOf(sound, 0), channelOf(sound, 1)];
  const both = first.map((value, index) => (value + (second[index] ?? 0)) / 2);
  return { ...sound, channels: 1, pcm: interleave(both) };
}

/** Quiet sound in which every sample tells its place, from `firstSample` on; no speech. */
export function patternPcm(firstSample: number, samples: number, channels = 2): Buffer {
  return interleave(
    ...Array.from({ length: channels }, (_, channel) =>
      Int16Array.from(
        { length: samples },
        (_, index) => (((firstSample + index) * (7 + 6 * channel)) % (211 + 96 * channel)) - 105,
      ),
    ),
  );
}
