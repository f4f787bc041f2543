import { CallError } from "../call/errors.ts";
import type { AudioFormat } from "../call/ports.ts";

export interface WavAudio {
  readonly format: AudioFormat;
  /** Interleaved PCM16, little endian, whole samples. */
  readonly pcm: Uint8Array;
}

const pcmTag = 1;
const extensibleTag = 0xfffe;
const fmtBytes = 16;

function refuse(what: string): never {
  throw new CallError("invalid", `${what} Convert it first: sox IN.wav -b 16 -e signed OUT.wav`);
}

/**
 * The audio of a RIFF WAVE file: PCM16, one or two channels, 8 to 48 kHz. A data chunk that ends early
 * gives what is there. Throws `CallError("invalid")` saying what is wrong.
 */
export function readWav(file: Uint8Array): WavAudio {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const tag = (at: number): string => String.fromCharCode(...file.subarray(at, at + 4));
  if (file.byteLength < 12 || tag(0) !== "RIFF" || tag(8) !== "WAVE") refuse("This is not a WAV file.");
  let format: AudioFormat | null = null;
  for (let at = 12; at + 8 <= file.byteLength;) {
    const size = view.getUint32(at + 4, true);
    const body = at + 8;
    if (tag(at) === "fmt ") format = readFormat(view, body);
    if (tag(at) === "data") {
      if (format === null) refuse("The WAV file has audio before its format.");
      const frameBytes = 2 * format.channels;
      const bytes = Math.min(size, file.byteLength - body);
      return { format, pcm: file.subarray(body, body + bytes - (bytes % frameBytes)) };
    }
    // Chunks are padded to an even length.
    at = body + size + (size % 2);
  }
  return refuse("The WAV file has no audio.");
}

function readFormat(view: DataView, at: number): AudioFormat {
  if (at + fmtBytes > view.byteLength) refuse("The WAV file's format is cut off.");
  const encoding = view.getUint16(at, true);
  const channels = view.getUint16(at + 2, true);
  const sampleRateHz = view.getUint32(at + 4, true);
  const bits = view.getUint16(at + 14, true);
  if ((encoding !== pcmTag && encoding !== extensibleTag) || bits !== 16) {
    refuse(`The WAV file is not 16-bit PCM (format ${encoding}, ${bits} bits).`);
  }
  if (channels !== 1 && channels !== 2) refuse(`The WAV file has ${channels} channels; 1 or 2 can be used.`);
  if (sampleRateHz < 8000 || sampleRateHz > 48_000) {
    refuse(`The WAV file has ${sampleRateHz} samples a second; 8000 to 48000 can be used.`);
  }
  return { sampleRateHz, channels };
}
