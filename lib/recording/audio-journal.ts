import { CallError } from "../call/errors.ts";
import type { AudioFormat, AudioSpan, Clock, Logger, Recording } from "../call/ports.ts";

/** What the journal needs of a file; `FileHandle` of node:fs/promises has it. */
export interface JournalFile {
  write(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesWritten: number }>;
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  truncate(length: number): Promise<void>;
  datasync(): Promise<void>;
  close(): Promise<void>;
}

export interface AudioJournalOptions {
  readonly format: AudioFormat;
  /** Open for reading and writing; the journal closes it. */
  readonly file: JournalFile;
  /** Whole samples that the file holds already, in bytes. */
  readonly bytes: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** From the first unflushed write to the start of its flush: with the flush itself, power loss costs under 2 s. */
const flushAfterMs = 1500;
/** Appends that wait are written together, up to this much. */
const groupBytes = 1024 * 1024;
/** Overwritten at a time; a whole number of samples in mono and stereo. */
const silenceBytes = 256 * 1024;

type Pending = {
  readonly resolve: () => void;
  readonly reject: (error: CallError) => void;
} & (
  { readonly kind: "audio"; readonly pcm: Uint8Array } | { readonly kind: "silence"; readonly bytes: number }
);

/**
 * Appends to one file, in order. A sample counts as durable once `write` has put it into the page cache,
 * which outlives the process; `datasync` follows within `flushAfterMs` against power loss.
 * After a failed append nothing of it is left, every append behind it fails too, and the same audio can be
 * appended again.
 */
export function createAudioJournal(options: AudioJournalOptions): Recording {
  const { format, file, clock, logger } = options;
  const sampleBytes = 2 * format.channels;
  let durableBytes = options.bytes;
  const queue: Pending[] = [];
  let writing: Promise<void> | null = null;
  let dirty = false;
  let flushing: Promise<void> | null = null;
  let cancelFlush: (() => void) | null = null;
  let closing: Promise<void> | null = null;
  let silencing: Promise<void> = Promise.resolve();

  function enqueue(
    work: { kind: "audio"; pcm: Uint8Array } | { kind: "silence"; bytes: number },
  ): Promise<void> {
    if (closing !== null) return Promise.reject(new CallError("storage_failed", "The recording is closed."));
    return new Promise((resolve, reject) => {
      queue.push({ ...work, resolve, reject });
      writing ??= drain();
    });
  }

  async function drain(): Promise<void> {
    // Lets everything that arrives in this turn join the first group.
    await Promise.resolve();
    for (let group = takeGroup(); group.length > 0; group = takeGroup()) {
      try {
        await writeGroup(group);
      } catch (cause) {
        await cutBack();
        const error = new CallError("storage_failed", "The audio could not be written.", { cause });
        logger.error({ err: cause, durable_bytes: durableBytes }, "recording could not be written");
        // What waits behind would leave a hole.
        for (const pending of [...group, ...queue.splice(0)]) pending.reject(error);
        continue;
      }
      for (const pending of group) pending.resolve();
    }
    writing = null;
  }

  function takeGroup(): Pending[] {
    const first = queue.shift();
    if (first === undefined) return [];
    const group = [first];
    if (first.kind === "silence") return group;
    let bytes = first.pcm.byteLength;
    for (let next = queue[0]; next?.kind === "audio"; next = queue[0]) {
      bytes += next.pcm.byteLength;
      if (bytes > groupBytes) break;
      queue.shift();
      group.push(next);
    }
    return group;
  }

  async function writeGroup(group: readonly Pending[]): Promise<void> {
    let end = durableBytes;
    const first = group[0];
    if (first?.kind === "silence") {
      // A hole reads as zeros, at once and without writing them.
      end += first.bytes;
      await file.truncate(end);
    } else {
      const buffers = group.flatMap((pending) => (pending.kind === "audio" ? [pending.pcm] : []));
      const only = buffers[0];
      const joined = buffers.length === 1 && only !== undefined ? only : Buffer.concat(buffers);
      await writeBytes(joined, durableBytes);
      end += joined.byteLength;
    }
    durableBytes = end;
    scheduleFlush();
  }

  /** Writes are positioned, so a cut that fails too only leaves bytes that the next append overwrites. */
  async function cutBack(): Promise<void> {
    try {
      await file.truncate(durableBytes);
    } catch (error) {
      logger.warn({ err: error }, "a partly written frame could not be cut off yet");
    }
  }

  function scheduleFlush(): void {
    dirty = true;
    if (closing !== null || cancelFlush !== null) return;
    cancelFlush = clock.after(flushAfterMs, () => {
      cancelFlush = null;
      flush().catch((error: unknown) => {
        logger.error({ err: error }, "recording could not be flushed to the medium; trying again");
        if (closing === null) scheduleFlush();
      });
    });
  }

  async function flush(): Promise<void> {
    await flushing?.catch(() => undefined);
    if (!dirty) return;
    dirty = false;
    flushing = file.datasync().catch((error: unknown) => {
      dirty = true;
      throw error;
    });
    await flushing;
  }

  /** One channel's samples among those of the other one; what is appended meanwhile lies behind them. */
  async function overwrite({ channel, firstSample, samples }: AudioSpan): Promise<void> {
    if (channel < 0 || channel >= format.channels) return;
    const end = Math.min((firstSample + samples) * sampleBytes, durableBytes);
    for (let at = Math.max(0, firstSample) * sampleBytes; at < end; at += silenceBytes) {
      const frames = await readBytes(at, Math.min(silenceBytes, end - at));
      for (let byte = channel * 2; byte < frames.byteLength; byte += sampleBytes)
        frames.fill(0, byte, byte + 2);
      await writeBytes(frames, at);
    }
  }

  async function readBytes(start: number, length: number): Promise<Uint8Array> {
    const pcm = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      const { bytesRead } = await file.read(pcm, filled, length - filled, start + filled);
      if (bytesRead === 0) throw new Error("The file is shorter than what was written.");
      filled += bytesRead;
    }
    return pcm;
  }

  async function writeBytes(bytes: Uint8Array, position: number): Promise<void> {
    for (let written = 0; written < bytes.byteLength;) {
      const rest = bytes.byteLength - written;
      const { bytesWritten } = await file.write(bytes, written, rest, position + written);
      if (bytesWritten === 0) throw new Error("The file takes no more bytes.");
      written += bytesWritten;
    }
  }

  async function finish(): Promise<void> {
    cancelFlush?.();
    cancelFlush = null;
    await writing;
    await silencing.catch(() => undefined);
    try {
      await flush();
    } catch (cause) {
      throw new CallError("storage_failed", "The recording could not be flushed to the medium.", { cause });
    } finally {
      await file.close();
    }
  }

  return {
    format,
    get durableSamples() {
      return durableBytes / sampleBytes;
    },
    async append(pcm) {
      if (pcm.byteLength % sampleBytes !== 0) {
        throw new CallError("audio_misaligned", "The audio is not a whole number of samples.", {
          nextSample: durableBytes / sampleBytes,
        });
      }
      if (pcm.byteLength > 0) await enqueue({ kind: "audio", pcm });
    },
    async appendSilence(samples) {
      if (samples > 0) await enqueue({ kind: "silence", bytes: samples * sampleBytes });
    },
    silence(spans) {
      if (closing !== null) {
        return Promise.reject(new CallError("storage_failed", "The recording is closed."));
      }
      // One after the other: both channels of a sample lie in the same bytes.
      silencing = silencing
        .catch(() => undefined)
        .then(async () => {
          for (const span of spans) await overwrite(span);
          // It counts as silent once the medium has it, not only the page cache.
          await file.datasync();
        })
        .catch((cause: unknown) => {
          throw new CallError("storage_failed", "The audio could not be silenced.", { cause });
        });
      return silencing;
    },
    async read(firstSample, samples) {
      const start = Math.min(Math.max(0, firstSample) * sampleBytes, durableBytes);
      const end = Math.min(start + Math.max(0, samples) * sampleBytes, durableBytes);
      try {
        return await readBytes(start, end - start);
      } catch (cause) {
        throw new CallError("storage_failed", "The recording could not be read.", { cause });
      }
    },
    close() {
      closing ??= finish();
      return closing;
    },
  };
}
