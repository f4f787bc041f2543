import type { Server } from "node:http";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { maxFrameBytes } from "../contract/vocabulary.ts";
import { problemBody, type RefusalHeaders } from "./refused-upgrade.ts";

const bodyTimeoutMs = 30_000;
const hopHeaders: ReadonlySet<string> = new Set(["connection", "upgrade", "http2-settings"]);

export function wantsWebSocket(request: IncomingMessage): boolean {
  const { upgrade = "" } = request.headers;
  return upgrade.split(",").some((name) => name.trim().toLowerCase() === "websocket");
}

/**
 * Answers a request that offers another protocol as if it had not offered it, which RFC 9110 §7.8
 * allows: Java's HTTP client and `curl --http2` offer `h2c` with ordinary requests, and Node hands
 * all of these over as upgrades as soon as anyone listens for one.
 */
export function serveWithoutUpgrade(
  options: { readonly httpServer: Server; readonly replyHeaders: RefusalHeaders },
  offered: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const bodyBytes = Number(offered.headers["content-length"] ?? 0);
  const chunked = offered.headers["transfer-encoding"] !== undefined;
  if (!(socket instanceof Socket)) {
    socket.destroy();
    return;
  }
  const request = withoutUpgrade(offered, socket);
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.on("finish", () => {
    response.detachSocket(socket);
    socket.end();
  });
  socket.on("close", () => request.destroy());
  if (chunked || !(bodyBytes <= maxFrameBytes)) {
    const status = chunked ? 411 : 413;
    const detail = chunked ? "offer no other protocol with a chunked body" : "the body is too large";
    const text = JSON.stringify(problemBody(status, chunked ? "malformed" : "too_large", detail));
    const headers = { ...options.replyHeaders, "Content-Type": "application/problem+json; charset=utf-8" };
    response.writeHead(status, { ...headers, "Cache-Control": "no-store" }).end(text);
    return;
  }
  feedBody(request, socket, head, bodyBytes);
  options.httpServer.emit("request", request, response);
}

function withoutUpgrade(offered: IncomingMessage, socket: Socket): IncomingMessage {
  const request = new IncomingMessage(socket);
  request.httpVersion = offered.httpVersion;
  request.httpVersionMajor = offered.httpVersionMajor;
  request.httpVersionMinor = offered.httpVersionMinor;
  request.method = offered.method ?? "GET";
  request.url = offered.url ?? "/";
  request.headers = Object.fromEntries(
    Object.entries(offered.headers).filter(([name]) => !hopHeaders.has(name)),
  );
  const { rawHeaders } = offered;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = rawHeaders.slice(index, index + 2);
    if (!hopHeaders.has(name.toLowerCase())) request.rawHeaders.push(name, value);
  }
  return request;
}

/** The parser has let go of the connection: the body is what comes next on it. */
function feedBody(request: IncomingMessage, socket: Socket, head: Buffer, bodyBytes: number): void {
  let leftBytes = bodyBytes;
  const take = (chunk: Buffer): void => {
    const part = chunk.subarray(0, leftBytes);
    leftBytes -= part.byteLength;
    if (part.byteLength > 0) request.push(part);
    if (leftBytes > 0) return;
    socket.off("data", take);
    clearTimeout(limit);
    socket.resume();
    request.complete = true;
    request.push(null);
  };
  // For the whole of it: a byte now and then buys no time.
  const limit = setTimeout(() => socket.destroy(), bodyTimeoutMs);
  socket.once("close", () => {
    clearTimeout(limit);
  });
  socket.on("data", take);
  take(head);
}
