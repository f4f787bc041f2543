import { STATUS_CODES, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { ErrorCode } from "../contract/error-codes.ts";
import { CallError } from "../call/errors.ts";

export type RefusalHeaders = Readonly<Record<string, string>>;

/** Both reject with `CallError("rate_limited")` when a client has done it too often. */
export interface ConnectionThrottle {
  /** A new connection. */
  connecting(request: IncomingMessage): Promise<void>;
  /** A token that was none, or no longer one. */
  refused(request: IncomingMessage): Promise<void>;
}

export function isRefusedToken(error: CallError): boolean {
  return error.code === "unauthorized" || error.code === "token_expired";
}

export function problemBody(
  status: number,
  code: ErrorCode,
  detail: string,
): Readonly<Record<string, unknown>> {
  return { type: `/docs#problem-${code}`, title: STATUS_CODES[status] ?? "Error", status, detail, code };
}

/** Answers an upgrade with problem+json on the bare socket and ends the connection. */
export function refuseUpgrade(
  socket: Duplex,
  status: number,
  body: Readonly<Record<string, unknown>>,
  headers: RefusalHeaders,
): void {
  const text = JSON.stringify(body);
  const lines = Object.entries({
    ...headers,
    "Content-Type": "application/problem+json; charset=utf-8",
    "Content-Length": String(Buffer.byteLength(text)),
    "Cache-Control": "no-store",
    Connection: "close",
  }).map(([name, value]) => `${name}: ${value}`);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}\r\n${lines.join("\r\n")}\r\n\r\n`;
  socket.end(head + text, () => socket.destroy());
}

/** 429 with the time to wait. */
export function refuseForNow(socket: Duplex, error: unknown, headers: RefusalHeaders): void {
  const { message, retryAfterSec = 1 } =
    error instanceof CallError ? error : new CallError("rate_limited", "too many connections");
  const body = problemBody(429, "rate_limited", message);
  refuseUpgrade(socket, 429, body, { ...headers, "Retry-After": String(Math.ceil(retryAfterSec)) });
}
