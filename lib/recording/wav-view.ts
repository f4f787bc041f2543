import { CallError } from "../call/errors.ts";
import type { AudioChannelView } from "../contract/vocabulary.ts";

/** A WAV's sizes are unsigned 32-bit numbers: 37 hours at 16 kHz, 12 hours at 48 kHz. */
const maxDataBytes = 0xffff_ffff - 36;
const wavHeaderBytes = 44;
/** Samples fetched at a time: what a reader of any length holds in memory, 256 KiB in stereo. */
const chunkSamples = 65_536;

export interface WavViewOptions {
  readonly view: AudioChannelView;
  readonly sampleRateHz: number;
  /** The channel of the rep in stereo, null in mono. */
  readonly repChannel: 0 | 1 | null;
  /** Samples in the view: those that were durable when it was asked for. */
  readonly samples: number;
  /** Interleaved PCM16 of [firstSample, firstSample + samples). */
  readonly read: (firstSample: number, samples: number) => Promise<Uint8Array>;
}

/** One channel of a recording as a mono PCM16 WAV, addressable by byte. */
export interface WavView {
  readonly byteLength: number;
  /** Bytes [start, end) of the file, in chunks; nothing is read before the first chunk is asked for. */
  read(start: number, end: number): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>;
}

/** Throws `CallError("no_such_channel")` for `mic` and `loop` of a mono call. */
export function wavView(options: WavViewOptions): WavView {
  const { view, sampleRateHz, repChannel, samples } = options;
  if (repChannel === null && view !== "mix") {
    throw new CallError("no_such_channel", "A mono call has only the mix.");
  }
  const dataBytes = samples * 2;
  if (dataBytes > maxDataBytes) {
    throw new CallError("invalid", "The recording is too long for one WAV file.");
  }
  const byteLength = wavHeaderBytes + dataBytes;

  async function* read(start: number, end: number): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    const from = Math.max(0, start);
    const to = Math.min(end, byteLength);
    if (from < wavHeaderBytes && from < to) {
      yield wavHeader(dataBytes, sampleRateHz).slice(from, Math.min(to, wavHeaderBytes));
    }
    for (let at = Math.max(from, wavHeaderBytes); at < to;) {
      const firstSample = Math.floor((at - wavHeaderBytes) / 2);
      const lastSample = Math.ceil((to - wavHeaderBytes) / 2);
      const wanted = Math.min(chunkSamples, lastSample - firstSample);
      const bytes = oneChannel(await options.read(firstSample, wanted), view, repChannel);
      if (bytes.byteLength !== wanted * 2) {
        throw new CallError("storage_failed", "The recording is shorter than it was.");
      }
      const chunkStart = wavHeaderBytes + firstSample * 2;
      const chunk = bytes.subarray(at - chunkStart, Math.min(to - chunkStart, bytes.byteLength));
      at += chunk.byteLength;
      yield chunk;
    }
  }

  return { byteLength, read };
}

/** Canonical 44-byte header: RIFF, `fmt ` (PCM, one channel, 16 bit), `data`. */
export function wavHeader(dataBytes: number, sampleRateHz: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(wavHeaderBytes);
  const fields = new DataView(header.buffer);
  const text = new TextEncoder();
  header.set(text.encode("RIFF"), 0);
  fields.setUint32(4, 36 + dataBytes, true);
  header.set(text.encode("WAVEfmt "), 8);
  fields.setUint32(16, 16, true);
  fields.setUint16(20, 1, true);
  fields.setUint16(22, 1, true);
  fields.setUint32(24, sampleRateHz, true);
  fields.setUint32(28, sampleRateHz * 2, true);
  fields.setUint16(32, 2, true);
  fields.setUint16(34, 16, true);
  header.set(text.encode("data"), 36);
  fields.setUint32(40, dataBytes, true);
  return header;
}

function oneChannel(
  pcm: Uint8Array,
  view: AudioChannelView,
  repChannel: 0 | 1 | null,
): Uint8Array<ArrayBuffer> {
  if (repChannel === null) return Uint8Array.from(pcm);
  const samples = Math.floor(pcm.byteLength / 4);
  const from = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const bytes = new Uint8Array(samples * 2);
  const to = new DataView(bytes.buffer);
  if (view === "mix") {
    for (let i = 0; i < samples; i++) {
      to.setInt16(i * 2, halfRounded(from.getInt16(i * 4, true) + from.getInt16(i * 4 + 2, true)), true);
    }
  } else {
    const offset = (view === "mic") === (repChannel === 0) ? 0 : 2;
    for (let i = 0; i < samples; i++) to.setInt16(i * 2, from.getInt16(i * 4 + offset, true), true);
  }
  return bytes;
}

/** Half of a whole number, a tie away from zero: symmetric, so that the mix gains no DC offset. */
function halfRounded(sum: number): number {
  return sum < 0 ? -((1 - sum) >> 1) : (sum + 1) >> 1;
}
