import { connect } from "node:net";
import { expect } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";

export interface RawReply {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface RawExchange {
  /** Every reply that came, in order. */
  readonly replies: readonly RawReply[];
  readonly text: string;
}

/**
 * Sends bytes as they are and collects what comes back until the server closes, or until nothing has come for
 * `quietMs` after a reply.
 */
export async function exchange(
  server: RunningServer,
  bytes: string,
  { quietMs = 700, withinMs = 20_000 }: { readonly quietMs?: number; readonly withinMs?: number } = {},
): Promise<RawExchange> {
  const { port } = new URL(server.url);
  const text = await new Promise<string>((resolve, reject) => {
    let received = "";
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(bytes, "latin1"));
    const limit = setTimeout(() => {
      socket.destroy();
      reject(new Error(`neither answer nor close to ${JSON.stringify(bytes.slice(0, 120))}`));
    }, withinMs);
    let quiet: NodeJS.Timeout | undefined;
    const done = (): void => {
      clearTimeout(limit);
      clearTimeout(quiet);
      socket.destroy();
      resolve(received);
    };
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
      clearTimeout(quiet);
      quiet = setTimeout(done, quietMs);
    });
    socket.on("error", () => undefined);
    socket.on("close", done);
  });
  return { replies: parseReplies(text), text };
}

/** As a strict client reads them, by Content-Length or in chunks. */
function parseReplies(text: string): RawReply[] {
  const replies: RawReply[] = [];
  for (let rest = text; rest !== "";) {
    const end = rest.indexOf("\r\n\r\n");
    const [line = "", ...fields] = (end < 0 ? rest : rest.slice(0, end)).split("\r\n");
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(`${line} `)?.[1] ?? Number.NaN);
    if (Number.isNaN(status)) throw new Error(`no reply: ${JSON.stringify(rest.slice(0, 80))}`);
    const headers = new Map<string, string>();
    for (const field of fields) {
      const at = field.indexOf(":");
      const name = field.slice(0, at).toLowerCase();
      if (headers.has(name) && name !== "set-cookie" && name !== "vary") throw new Error(`${name} twice`);
      headers.set(name, field.slice(at + 1).trim());
    }
    rest = end < 0 ? "" : rest.slice(end + 4);
    let body = "";
    if (headers.has("content-length")) {
      const length = Number(headers.get("content-length"));
      body = rest.slice(0, length);
      rest = rest.slice(length);
    } else if (headers.get("transfer-encoding") === "chunked") {
      for (;;) {
        const [whole = "", size = "0"] = /^([0-9a-f]+)\r\n/i.exec(rest) ?? [];
        const length = parseInt(size, 16);
        body += rest.slice(whole.length, whole.length + length);
        rest = rest.slice(whole.length + length + 2);
        if (length === 0 || rest === "") break;
      }
    } else if (status >= 200 || status === 101) {
      body = rest;
      rest = "";
    }
    replies.push({ status, headers, body });
  }
  return replies;
}

export function get(target: string, headers: readonly string[] = ["Host: localhost"]): string {
  return `GET ${target} HTTP/1.1\r\n${headers.map((header) => `${header}\r\n`).join("")}Connection: close\r\n\r\n`;
}

/** A reply with every security header, in which nothing of the machine or of the calls stands. */
export function expectSafe(reply: RawReply | undefined, what: string, secrets: readonly string[] = []): void {
  expect(reply, what).toBeDefined();
  if (reply === undefined) return;
  expect(reply.headers.get("x-content-type-options"), what).toBe("nosniff");
  expect(reply.headers.get("content-security-policy"), what).toContain("default-src 'none'");
  expect(reply.headers.get("referrer-policy"), what).toBe("no-referrer");
  expect(reply.headers.has("x-powered-by"), what).toBe(false);
  for (const inside of [...secrets, "root:x:0", "sales-coach-live", "CREATE TABLE", "Not for strangers"]) {
    expect(reply.body.includes(inside), `${what} tells ${inside.slice(0, 5)}`).toBe(false);
  }
}

/** The bytes of a WebSocket handshake. */
export function upgrade(target: string, headers: readonly string[] = ["Host: localhost"]): string {
  return `GET ${target} HTTP/1.1\r\n${[
    ...headers,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
  ].join("\r\n")}\r\n\r\n`;
}
