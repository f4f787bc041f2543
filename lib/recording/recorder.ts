import { fdatasync, write } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, type FileHandle } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { CallError } from "../call/errors.ts";
import type { AudioFormat, Clock, Logger, Recorder, Recording } from "../call/ports.ts";
import { callIdPattern, sampleRateSchema } from "../contract/vocabulary.ts";
import { createAudioJournal, type JournalFile } from "./audio-journal.ts";
import { WriteTurns } from "./write-turns.ts";

const formatFile = "format.json";
const audioFile = "audio.pcm";
/** Beside the recordings, a file by the name of each call that is being deleted; no call can have this name. */
const deletionsFolder = ".deletions";

const storedFormatSchema = z.object({
  sample_rate: sampleRateSchema,
  channels: z.union([z.literal(1), z.literal(2)]),
  /** Signed 16-bit little endian, interleaved: the only encoding so far, named for whoever finds the file. */
  encoding: z.literal("pcm_s16le"),
});

export interface RecorderOptions {
  /** Where recordings live, one folder per call: `<callId>/format.json` and `<callId>/audio.pcm`. */
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Recordings in local files. Every method rejects with `CallError("storage_failed")` when the disk does. */
export function createRecorder({ folder, clock, logger }: RecorderOptions): Recorder {
  const root = resolve(folder);
  const turns = new WriteTurns();

  function folderOf(callId: string): string {
    // The last line of defence: an id that could name another folder never reaches the disk.
    if (!callIdPattern.test(callId)) throw new CallError("call_not_found", "There is no such call.");
    return join(root, callId);
  }

  function journalOf(callId: string, format: AudioFormat, file: FileHandle, bytes: number): Recording {
    const log = logger.child({ call_id: callId });
    return createAudioJournal({ format, file: journalFileOf(file, turns), bytes, clock, logger: log });
  }

  async function create(callId: string, format: AudioFormat): Promise<Recording> {
    const callFolder = folderOf(callId);
    return storing("The recording could not be created.", async () => {
      await mkdir(callFolder, { recursive: true });
      if ((await readFormat(callFolder)) !== null) {
        throw new CallError("wrong_state", "The call has a recording already.");
      }
      // Audio first, format last: a recording exists from the moment its format does.
      const file = await open(join(callFolder, audioFile), "w+");
      try {
        await writeFormat(callFolder, format);
        await syncFolder(callFolder);
        await syncFolder(root);
      } catch (error) {
        await file.close();
        throw error;
      }
      return journalOf(callId, format, file, 0);
    });
  }

  async function openExisting(callId: string): Promise<Recording | null> {
    const callFolder = folderOf(callId);
    return storing("The recording could not be opened.", async () => {
      const format = await readFormat(callFolder);
      if (format === null) return null;
      const file = await open(join(callFolder, audioFile), "r+");
      try {
        const { size } = await file.stat();
        const whole = size - (size % (2 * format.channels));
        if (whole < size) await file.truncate(whole);
        return journalOf(callId, format, file, whole);
      } catch (error) {
        await file.close();
        throw error;
      }
    });
  }

  const deletions = join(root, deletionsFolder);

  async function rememberDeletion(callId: string): Promise<void> {
    await mkdir(deletions, { recursive: true });
    await (await open(join(deletions, callId), "w")).close();
    await syncFolder(deletions);
  }

  async function remove(callId: string): Promise<void> {
    const callFolder = folderOf(callId);
    await storing("The recording could not be deleted.", async () => {
      await rememberDeletion(callId).catch((error: unknown) => {
        // A full disk must not keep what would make room on it.
        logger.warn({ err: error, call_id: callId }, "a deletion is not remembered while it lasts");
      });
      await rm(callFolder, { recursive: true, force: true, maxRetries: 3 });
    });
  }

  return {
    create,
    open: openExisting,
    delete: remove,
    deletions: () =>
      storing("The recordings could not be listed.", async () => {
        const names = await readdir(deletions).catch((error: unknown) => {
          if (hasCode(error, "ENOENT")) return [];
          throw error;
        });
        return names.filter((name) => callIdPattern.test(name));
      }),
    deleted: (callId) => {
      folderOf(callId);
      return storing("A deletion could not be finished.", () => rm(join(deletions, callId), { force: true }));
    },
  };
}

async function readFormat(callFolder: string): Promise<AudioFormat | null> {
  let text: string;
  try {
    text = await readFile(join(callFolder, formatFile), "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
  const stored = storedFormatSchema.parse(JSON.parse(text));
  return { sampleRateHz: stored.sample_rate, channels: stored.channels };
}

async function writeFormat(callFolder: string, format: AudioFormat): Promise<void> {
  const stored: z.infer<typeof storedFormatSchema> = {
    sample_rate: format.sampleRateHz,
    channels: format.channels,
    encoding: "pcm_s16le",
  };
  const temporary = join(callFolder, `${formatFile}.new`);
  const file = await open(temporary, "w");
  try {
    await file.writeFile(JSON.stringify(storedFormatSchema.parse(stored)));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(callFolder, formatFile));
}

/**
 * A write for every frame of every call: through the promises of `FileHandle` it takes twice the CPU of a plain one.
 * The handle stays what opens and closes the file.
 */
function journalFileOf(file: FileHandle, turns: WriteTurns): JournalFile {
  return {
    write: (buffer, offset, length, position) =>
      new Promise((done, failed) => {
        turns.take(file, () => {
          write(file.fd, buffer, offset, length, position, (error, bytesWritten) => {
            if (error === null) done({ bytesWritten });
            else failed(error);
          });
        });
      }),
    datasync: () =>
      new Promise((done, failed) => {
        fdatasync(file.fd, (error) => {
          if (error === null) done();
          else failed(error);
        });
      }),
    read: (buffer, offset, length, position) => file.read(buffer, offset, length, position),
    truncate: (length) => file.truncate(length),
    close: () => file.close(),
  };
}

/** Makes new names in a folder survive power loss. Systems that cannot open a folder need no such thing. */
async function syncFolder(path: string): Promise<void> {
  let folder: FileHandle;
  try {
    folder = await open(path, "r");
  } catch (error) {
    if (hasCode(error, "EISDIR") || hasCode(error, "EPERM") || hasCode(error, "EACCES")) return;
    throw error;
  }
  try {
    await folder.sync();
  } catch (error) {
    if (!hasCode(error, "EPERM") && !hasCode(error, "EINVAL")) throw error;
  } finally {
    await folder.close();
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

async function storing<T>(message: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof CallError) throw error;
    throw new CallError("storage_failed", message, { cause: error });
  }
}
