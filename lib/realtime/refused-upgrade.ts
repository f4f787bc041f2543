import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { ErrorCode } from "../contract/error-codes.ts";

export type RefusalHeaders = Readonly<Record<string, string>>;

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
