import { createConnection } from "node:net";
import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { io } from "socket.io-client";
import { WebSocket } from "ws";
import { CallError } from "../call/errors.ts";
import { isLoopback } from "./raw-websocket.ts";
import type { RealtimeOptions } from "./realtime.ts";
import { connectRaw } from "./testing/test-client.ts";
import type { TestServer } from "./testing/test-server.ts";
import { startTestServer, tokenFor } from "./testing/test-server.ts";

const callId = "call_raw_socket";
const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step();
});

async function serve(options: Partial<RealtimeOptions> = {}): Promise<TestServer> {
  const server = await startTestServer(options);
  server.door.add(callId);
  cleanup.push(() => server.stop());
  return server;
}

interface Opened {
  readonly ws: WebSocket;
  readonly first: Promise<{ type: string; data: Record<string, unknown> }>;
  readonly closed: Promise<number>;
}

function open(
  server: TestServer,
  path: string,
  protocols: string[] = [],
  headers: Record<string, string> = {},
): Opened {
  const ws = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, protocols, { headers });
  cleanup.push(() => {
    ws.terminate();
  });
  ws.on("error", () => undefined);
  return {
    ws,
    first: new Promise((resolve) =>
      ws.once("message", (text: Buffer) => {
        resolve(JSON.parse(text.toString()) as Awaited<Opened["first"]>);
      }),
    ),
    closed: new Promise((resolve) =>
      ws.on("close", (code) => {
        resolve(code);
      }),
    ),
  };
}

describe("tokens that are none, too often", () => {
  /** Three may fail. */
  function throttled() {
    let left = 3;
    const refused = (): Promise<void> =>
      (left -= 1) >= 0
        ? Promise.resolve()
        : Promise.reject(new CallError("rate_limited", "too many", { retryAfterSec: 9 }));
    return { connecting: () => Promise.resolve(), refused };
  }

  test("are told to wait with 429, while a right one still gets in", async () => {
    const server = await serve({ throttle: throttled() });
    const wrong = `/ws/${callId}?token=host.another_call`;
    for (let i = 0; i < 3; i += 1) expect(await open(server, wrong).closed).toBe(4401);
    const { ws } = open(server, wrong);
    const status = await new Promise((resolve) => {
      ws.once("unexpected-response", (_request, reply) => {
        resolve([reply.statusCode, reply.headers["retry-after"]]);
      });
    });
    expect(status).toEqual([429, "9"]);
    const { first } = open(server, `/ws/${callId}?token=${tokenFor("host", callId)}`);
    expect((await first).data.role).toBe("host");
  });

  test("are told to wait on Socket.IO, too", async () => {
    const server = await serve({ throttle: throttled() });
    const codes: unknown[] = [];
    for (let i = 0; i < 5; i += 1) {
      const socket = io(`http://127.0.0.1:${server.port}`, {
        transports: ["websocket"],
        auth: { call_id: callId, token: "host.another_call" },
        reconnection: false,
        forceNew: true,
      });
      cleanup.push(() => socket.disconnect());
      const error = await new Promise<Error & { data?: { error?: string } }>((resolve) =>
        socket.once("connect_error", resolve),
      );
      codes.push(error.data?.error);
    }
    expect(codes).toEqual(["unauthorized", "unauthorized", "unauthorized", "rate_limited", "rate_limited"]);
  });
});

describe("the token of /ws", () => {
  test("travels as a subprotocol, which is echoed, also beside others", async () => {
    const server = await serve();
    const protocol = `token.${tokenFor("observer", callId)}`;
    const { ws, first } = open(server, `/ws/${callId}`, ["sales-coach", protocol]);
    expect((await first).data.role).toBe("observer");
    expect(ws.protocol).toBe(protocol);
  });

  test("travels in the query", async () => {
    const server = await serve();
    const { first } = open(server, `/ws/${callId}?a=b&token=${tokenFor("host", callId)}`);
    expect((await first).data.role).toBe("host");
  });

  test("is needed, also from loopback, when there is a secret", async () => {
    const server = await serve();
    expect(await open(server, `/ws/${callId}`).closed).toBe(4401);
  });

  test("is not needed from loopback without a secret, which makes the client the host", async () => {
    const server = await serve({ allowAnonymousLoopback: true });
    const { first } = open(server, `/ws/${callId}`);
    expect((await first).data.role).toBe("host");
  });

  test.each([
    ["an Origin", { Origin: "http://127.0.0.1" }],
    ["a proxy before it", { "X-Forwarded-For": "203.0.113.9" }],
  ])("is needed from a loopback client with %s", async (_what, headers) => {
    const server = await serve({ allowAnonymousLoopback: true });
    expect(await open(server, `/ws/${callId}`, [], headers).closed).toBe(4401);
  });

  test("is checked when it is there, even where none is needed", async () => {
    const server = await serve({ allowAnonymousLoopback: true });
    expect(await open(server, `/ws/${callId}?token=nonsense`).closed).toBe(4401);
    expect(await open(server, `/ws/${callId}`, ["token.nonsense"]).closed).toBe(4401);
    expect(await open(server, `/ws/${callId}?token=`).closed).toBe(4401);
  });
});

test("tells loopback addresses from others", () => {
  expect(["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"].every(isLoopback)).toBe(true);
  expect(["10.0.0.1", "::ffff:10.0.0.1", "2001:db8::1", undefined].some(isLoopback)).toBe(false);
});

test("lives on after text that is no message at all", async () => {
  const server = await serve({ allowAnonymousLoopback: true });
  const { ws, first, closed } = open(server, `/ws/${callId}`);
  await first;
  const errors: string[] = [];
  const pong = new Promise<void>((resolve) => {
    ws.on("message", (text: Buffer) => {
      const { type, data } = JSON.parse(text.toString()) as { type: string; data: { code: string } };
      if (type === "error") errors.push(data.code);
      if (type === "pong") resolve();
    });
  });
  const broken = ["", "{", "[]", "null", "7", '"ping"', "{}", '{"type":7}', '{"type":null,"data":{}}'];
  const deep = "[".repeat(200_000);
  for (const text of [...broken, deep]) ws.send(text);
  ws.send(Buffer.from([0x22, 0xff, 0xfe, 0x22]), { binary: false });
  ws.send('{"type":"ping"}');
  await Promise.race([pong, closed]);
  expect(errors).toEqual(Array.from({ length: broken.length + 2 }, () => "malformed"));
});

test("is not read while the call holds ten undurable seconds, and never told backpressure", async () => {
  const server = await serve();
  const client = connectRaw({ port: server.port, callId, token: tokenFor("host", callId) });
  cleanup.push(() => {
    client.close();
  });
  await client.next("session_started");
  client.send("start_transcription");
  const call = server.door.calls.get(callId);
  if (call === undefined) throw new Error("no call");
  call.holdDurability();
  const secondOfStereo = 64_000;
  const audio = new Uint8Array(60 * secondOfStereo).map((_, index) => index % 249);
  // Frames of different lengths, some longer than a second.
  for (let start = 0, bytes = 6400; start < audio.length; start += bytes, bytes = 6400 + (start % 90_000)) {
    bytes -= bytes % 4;
    void client.audio(0, audio.subarray(start, start + bytes));
  }
  await expect.poll(() => call.takenSamples).toBeGreaterThan(8 * 16_000);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(call.takenSamples).toBeLessThanOrEqual(10 * 16_000);
  call.releaseDurability();
  client.send("stop_transcription");
  await client.next("call_completed");
  expect(client.received.filter((message) => message.type === "error")).toEqual([]);
  expect(call.mostUndurableSeconds).toBeLessThanOrEqual(10);
  expect(Buffer.concat(call.audio).equals(audio)).toBe(true);
});

test("is not closed for silence while the server does not read it", async () => {
  const server = await serve({ timeoutSec: 0.15 });
  const client = connectRaw({ port: server.port, callId, token: tokenFor("host", callId) });
  cleanup.push(() => {
    client.close();
  });
  client.send("start_transcription");
  await client.next("session_started");
  const call = server.door.calls.get(callId);
  if (call === undefined) throw new Error("no call");
  call.holdDurability();
  for (let index = 0; index < 120; index += 1) void client.audio(0, new Uint8Array(6400));
  await client.next("ping");
  await client.next("ping");
  await client.next("ping");
  expect(server.realtime.connections()).toBe(1);
  call.releaseDurability();
  await expect.poll(() => call.takenSamples).toBe(120 * 1600);
});

/** A client that shakes hands and then never reads again. */
async function deafClient(port: number, path: string): Promise<Socket> {
  const socket = createConnection({ port, host: "127.0.0.1" });
  socket.on("error", () => undefined);
  cleanup.push(() => socket.destroy());
  const key = Buffer.alloc(16).toString("base64");
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  await new Promise((resolve) => socket.once("data", resolve));
  return socket;
}

/** A masked text frame with an all-zero mask. */
function textFrame(text: string): Buffer {
  const body = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | body.length, 0, 0, 0, 0]), body]);
}

test("a client that does not read is cut off and does not hold memory or others up", async () => {
  const server = await serve({
    limits: { slowReader: { softBytes: 64 * 1024, softForMs: 60_000, hardBytes: 1024 * 1024 } },
  });
  const socket = await deafClient(server.port, `/ws/${callId}?token=${tokenFor("observer", callId)}`);
  socket.write(textFrame('{"type":"start_transcription"}'));
  const other = connectRaw({ port: server.port, callId, token: tokenFor("observer", callId) });
  cleanup.push(() => {
    other.close();
  });
  other.send("start_transcription");
  other.send("ping");
  await other.next("pong");
  socket.pause();
  const call = server.door.calls.get(callId);
  if (call === undefined) throw new Error("no call");
  const text = "x".repeat(60_000);
  for (let said = 0; said < 400 && server.telemetry.of("connections_closed slow_reader") === 0; said += 1) {
    call.say(text);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(server.telemetry.of("connections_closed slow_reader")).toBe(1);
  await expect.poll(() => call.seats.size).toBe(1);
  other.send("ping");
  await other.next("pong");
});
