import { open, readFile, type FileHandle } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { z } from "zod";
import { CallError } from "../call/errors.ts";
import type { Clock } from "../call/ports.ts";
import { sendBytes, type ByteSource } from "./byte-reply.ts";

/** What `index.json` must say of a recorded call for its files to be served. */
const entrySchema = z.looseObject({
  name: z.string().regex(/^[a-z0-9-]{1,60}$/),
  file: z.string().regex(/^[a-z0-9-]{1,60}\.(?:wav|flac)$/),
});
const companions: ReadonlySet<string> = new Set(["alignment.json", "script.json"]);
const contentTypes: Readonly<Record<string, string>> = {
  wav: "audio/wav",
  flac: "audio/flac",
  json: "application/json; charset=utf-8",
};
const chunkBytes = 64 * 1024;

/**
 * `GET /recorded-calls/index.json` and `GET /recorded-calls/{name}/{file}`: the calls that are shipped to try the
 * product on. A path is put together only from names that stand in the index.
 */
export async function serveRecordedCall(
  request: IncomingMessage,
  response: ServerResponse,
  options: {
    readonly folder: string;
    readonly clock: Clock;
    readonly name: string | undefined;
    readonly file: string;
  },
): Promise<void> {
  const handle = await openFile(options);
  try {
    const { size, mtimeMs } = await handle.stat();
    const source: ByteSource = {
      byteLength: size,
      etag: `"${size.toString(36)}-${Math.floor(mtimeMs).toString(36)}"`,
      read: (start, end) => readFileBytes(handle, start, end),
    };
    const ending = options.file.slice(options.file.lastIndexOf(".") + 1);
    const headers = {
      "Content-Type": contentTypes[ending] ?? "application/octet-stream",
      "Cache-Control": "no-cache",
    };
    await sendBytes(request, response, source, { headers, clock: options.clock });
  } finally {
    await handle.close();
  }
}

async function openFile(options: {
  readonly folder: string;
  readonly name: string | undefined;
  readonly file: string;
}): Promise<FileHandle> {
  const { folder, name, file } = options;
  const missing = (cause?: unknown): CallError =>
    new CallError("not_found", "there is no such recorded call", { cause });
  const opened = async (path: string): Promise<FileHandle> =>
    open(path).catch((error: unknown) => {
      throw missing(error);
    });

  const indexPath = join(folder, "index.json");
  if (name === undefined) {
    if (file !== "index.json") throw missing();
    return opened(indexPath);
  }
  const text = await readFile(indexPath, "utf8").catch((error: unknown) => {
    throw missing(error);
  });
  const call = z
    .array(z.unknown())
    .parse(JSON.parse(text))
    .flatMap((entry) => entrySchema.safeParse(entry).data ?? [])
    .find((entry) => entry.name === name);
  const known = call?.file === file ? call.file : [...companions].find((companion) => companion === file);
  if (call === undefined || known === undefined) throw missing();
  return opened(join(folder, call.name, known));
}

async function* readFileBytes(
  handle: FileHandle,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = start; at < end;) {
    const length = Math.min(chunkBytes, end - at);
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, at);
    if (bytesRead === 0) throw new CallError("storage_failed", "the file became shorter while it was read");
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
