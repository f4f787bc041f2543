import { createConnection } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { CallError } from "../call/errors.ts";
import type { RealtimeOptions } from "./realtime.ts";
import type { TestServer } from "./testing/test-server.ts";
import { startTestServer } from "./testing/test-server.ts";

const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step();
});

async function serve(options: Partial<RealtimeOptions> = {}): Promise<TestServer> {
  const server = await startTestServer(options);
  cleanup.push(() => server.stop());
  return server;
}

/** Sends bytes as they are and returns all that comes back until the server ends the connection. */
async function exchange(port: number, ...parts: readonly string[]): Promise<string> {
  const socket = createConnection({ port, host: "127.0.0.1" });
  cleanup.push(() => socket.destroy());
  socket.on("error", () => undefined);
  let text = "";
  socket.on("data", (chunk) => (text += chunk.toString()));
  const ended = new Promise((resolve) => socket.once("close", resolve));
  for (const part of parts) {
    socket.write(part);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await ended;
  return text;
}

const upgrade = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

describe("an upgrade", () => {
  test.each([
    "/",
    "/ws",
    "/ws/",
    "/ws/a/b",
    "/ws/../etc/passwd",
    "/wsx/call_12345678",
    "/socket.iox/",
    "//",
    "/_next/x",
  ])("to %s is answered 404 with a problem", async (path) => {
    const server = await serve();
    const reply = await exchange(server.port, upgrade(path));
    expect(reply).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
    expect(reply).toContain("application/problem+json");
    expect(JSON.parse(reply.split("\r\n\r\n")[1] ?? "")).toMatchObject({ status: 404, code: "not_found" });
    expect(server.door.asked).toEqual([]);
  });

  test.each(["/ws/call_12345678", "/socket.io/?EIO=4&transport=websocket", "/_next/webpack-hmr"])(
    "to %s that the guard refuses gets the guard's problem and nothing else",
    async (path) => {
      const problem = { type: "about:blank", title: "Misdirected", status: 421, code: "foreign_host" };
      const server = await serve({ guard: () => ({ ok: false, status: 421, problem }) });
      const reply = await exchange(server.port, upgrade(path));
      expect(reply).toMatch(/^HTTP\/1\.1 421 /);
      expect(JSON.parse(reply.split("\r\n\r\n")[1] ?? "")).toEqual(problem);
      expect(server.door.asked).toEqual([]);
    },
  );

  test("below /_next/ goes to the development server", async () => {
    const server = await serve({ devUpgrade: (_request, socket) => socket.end("hot reload") });
    expect(await exchange(server.port, upgrade("/_next/webpack-hmr"))).toBe("hot reload");
  });

  test("is answered 503 once nobody is admitted any more", async () => {
    const server = await serve();
    server.realtime.stopAdmitting();
    for (const path of ["/ws/call_12345678", "/socket.io/?EIO=4&transport=websocket"]) {
      expect(await exchange(server.port, upgrade(path))).toMatch(/^HTTP\/1\.1 503 .*Retry-After: 5/s);
    }
  });

  test("of a client with too many connections is answered 429 with the time to wait", async () => {
    const limited = new CallError("rate_limited", "too many", { retryAfterSec: 41.2 });
    const throttle = { connecting: () => Promise.reject(limited), refused: () => Promise.resolve() };
    const server = await serve({ throttle });
    for (const path of ["/ws/call_12345678", "/socket.io/?EIO=4&transport=websocket"]) {
      const reply = await exchange(server.port, upgrade(path));
      expect(reply).toMatch(/^HTTP\/1\.1 429 .*X-Content-Type-Options: nosniff.*Retry-After: 42/s);
      expect(JSON.parse(reply.split("\r\n\r\n")[1] ?? "")).toMatchObject({
        code: "rate_limited",
        status: 429,
      });
    }
    expect(server.door.asked).toEqual([]);
  });

  test.each([
    "/socket.io/?EIO=3&transport=websocket",
    "/socket.io/?EIO=4&transport=polling",
    "/socket.io/?EIO=4&transport=websocket&sid=__proto__",
    "/socket.io/?EIO=4&transport=websocket&sid=nobody",
    "/socket.io/",
  ])("to %s, which Socket.IO would refuse bare, gets a problem", async (path) => {
    const server = await serve();
    const reply = await exchange(server.port, upgrade(path));
    expect(reply).toMatch(/^HTTP\/1\.1 400 .*X-Content-Type-Options: nosniff/s);
    expect(JSON.parse(reply.split("\r\n\r\n")[1] ?? "")).toMatchObject({ code: "malformed" });
  });

  test("that is no WebSocket handshake is refused and the server goes on", async () => {
    const server = await serve();
    const broken = upgrade("/ws/call_12345678").replace("GET", "POST");
    expect(await exchange(server.port, broken)).toMatch(/^HTTP\/1\.1 405 .*nosniff/s);
    const keyless = upgrade("/ws/call_12345678").replace(/Sec-WebSocket-Key.*\r\n/, "\r\n");
    expect(await exchange(server.port, keyless)).toMatch(/^HTTP\/1\.1 400 .*nosniff/s);
    expect(await (await fetch(`http://127.0.0.1:${server.port}/x`)).text()).toBe("page GET /x");
  });
});

describe("a request that offers another protocol", () => {
  const offer = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";

  test("is answered as an ordinary request", async () => {
    const server = await serve();
    const reply = await exchange(server.port, `GET /healthz HTTP/1.1\r\nHost: a\r\n${offer}\r\n`);
    expect(reply).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(reply).toContain("page GET /healthz");
  });

  test("keeps its body, in however many pieces it comes", async () => {
    const server = await serve();
    server.httpServer.removeAllListeners("request");
    server.httpServer.on("request", (request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => response.end(`${request.headers.upgrade ?? "none"} ${body}`));
    });
    const head = `POST /session/start HTTP/1.1\r\nHost: a\r\n${offer}Content-Length: 16\r\n\r\n`;
    expect(await exchange(server.port, `${head}{"lang`, 'uage":"', 's"}')).toContain('none {"language":"s"}');
    expect(await exchange(server.port, `${head}{"language":"s"}`)).toContain('none {"language":"s"}');
  });

  test("with a body of unknown or too great a length is refused", async () => {
    const server = await serve();
    const post = `POST / HTTP/1.1\r\nHost: a\r\n${offer}`;
    expect(await exchange(server.port, `${post}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 411 /,
    );
    expect(await exchange(server.port, `${post}Content-Length: 99999999\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 413 /,
    );
  });
});
