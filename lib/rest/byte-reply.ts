import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { CallError } from "../call/errors.ts";
import type { Clock } from "../call/ports.ts";
import { chooseRange, isUnchanged } from "./byte-range.ts";

/** A body of known length that can be read from any byte on. */
export interface ByteSource {
  readonly byteLength: number;
  /** Quoted, strong. */
  readonly etag: string;
  /** Bytes [start, end) in chunks; nothing is read before the first chunk is asked for. */
  read(start: number, end: number): AsyncGenerator<Uint8Array, void, undefined>;
}

/** A client that takes nothing for so long is let go; players ask again for the rest. */
const stallTimeoutMs = 5 * 60 * 1000;

/**
 * Answers GET and HEAD with exact lengths: 200, 206, 304 or (thrown) 416. Writes no faster than the client reads and
 * ends when it leaves. A failure before the first byte is thrown; a later one breaks the connection, so that a
 * client never takes half for the whole.
 */
export async function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  source: ByteSource,
  options: { readonly headers: Readonly<Record<string, string>>; readonly clock: Clock },
): Promise<void> {
  const { etag, byteLength } = source;
  const method = request.method ?? "GET";
  const headers = { ...options.headers, ETag: etag, "Accept-Ranges": "bytes" };
  if (isUnchanged(request.headers, etag)) {
    response.writeHead(304, headers).end();
    return;
  }
  const range = chooseRange({ method, headers: request.headers, etag, byteLength });
  if (range.kind === "unsatisfiable") {
    response.setHeader("Content-Range", `bytes */${byteLength}`);
    throw new CallError("range_not_satisfiable", `there are ${byteLength} bytes`);
  }
  const { start, end } = range.kind === "part" ? range : { start: 0, end: byteLength };
  const head = {
    ...headers,
    "Content-Length": String(end - start),
    ...(range.kind === "part" ? { "Content-Range": `bytes ${start}-${end - 1}/${byteLength}` } : {}),
  };
  const status = range.kind === "part" ? 206 : 200;
  if (method === "HEAD") {
    response.writeHead(status, head).end();
    return;
  }

  const chunks = source.read(start, end);
  try {
    let next = await chunks.next();
    if (response.destroyed) return;
    response.writeHead(status, head);
    while (next.done !== true) {
      if (!response.write(next.value) && !(await drained(response, options.clock))) return;
      next = await chunks.next();
    }
    response.end();
  } catch (error) {
    if (!response.headersSent) throw error;
    response.destroy();
    throw error;
  } finally {
    await chunks.return(undefined);
  }
}

/** False when the client left, or took nothing for too long. */
async function drained(response: ServerResponse, clock: Clock): Promise<boolean> {
  if (response.destroyed) return false;
  const cancel = clock.after(stallTimeoutMs, () => response.destroy());
  const settled = new AbortController();
  try {
    await Promise.race([
      once(response, "drain", { signal: settled.signal }),
      once(response, "close", { signal: settled.signal }),
    ]);
  } finally {
    cancel();
    settled.abort();
  }
  return !response.destroyed;
}
