import { io } from "socket.io-client";
import type { Socket } from "socket.io-client";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { AudioAck } from "../contract/client-messages.ts";
import type { RealtimeOptions } from "./realtime.ts";
import { connectSocketIo } from "./testing/test-client.ts";
import type { TestServer } from "./testing/test-server.ts";
import { startTestServer, tokenFor } from "./testing/test-server.ts";

const callId = "call_socket_io";
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

async function started(server: TestServer): Promise<Socket> {
  const socket = io(`http://127.0.0.1:${server.port}`, {
    transports: ["websocket"],
    auth: { call_id: callId, token: tokenFor("host", callId) },
    reconnection: false,
    forceNew: true,
  });
  cleanup.push(() => socket.disconnect());
  await new Promise((resolve) => socket.once("session_started", resolve));
  await socket.timeout(3000).emitWithAck("start_transcription");
  return socket;
}

const pcm = (frames = 1): Uint8Array => new Uint8Array(6400 * frames);

test("acks each frame of audio with the sample that comes next", async () => {
  const server = await serve();
  const socket = await started(server);
  for (let index = 0; index < 3; index += 1) {
    const ack: unknown = await socket.timeout(3000).emitWithAck("audio", index * 1600, pcm().buffer);
    expect(ack).toEqual({ ok: true, next_sample: (index + 1) * 1600 });
  }
});

test("ignores audio that it has and refuses audio behind a gap", async () => {
  const server = await serve();
  const socket = await started(server);
  await socket.emitWithAck("audio", 0, pcm());
  expect(await socket.emitWithAck("audio", 800, pcm())).toEqual({ ok: true, next_sample: 2400 });
  expect(await socket.emitWithAck("audio", 0, pcm())).toEqual({ ok: true, next_sample: 2400 });
  expect(await socket.emitWithAck("audio", 2401, pcm())).toMatchObject({
    ok: false,
    error: { code: "audio_gap", retryable: true, next_sample: 2400 },
  });
  expect(server.door.calls.get(callId)?.takenSamples).toBe(2400);
});

test("acks backpressure when ten seconds are not durable, and takes the frame when it is sent again", async () => {
  const server = await serve();
  const socket = await started(server);
  const call = server.door.calls.get(callId);
  call?.holdDurability();
  const acks = Array.from({ length: 101 }, (_, index) => socket.emitWithAck("audio", index * 1600, pcm()));
  const last = (await acks[100]) as AudioAck;
  expect(last).toMatchObject({ ok: false, error: { code: "backpressure", retryable: true, next_sample: 0 } });
  call?.releaseDurability();
  expect(await acks[99]).toEqual({ ok: true, next_sample: 160_000 });
  expect(await socket.emitWithAck("audio", 160_000, pcm())).toEqual({ ok: true, next_sample: 161_600 });
});

test("answers messages that ask for an answer", async () => {
  const server = await serve();
  const socket = await started(server);
  const codes: string[] = [];
  socket.on("error", (error: { code: string }) => codes.push(error.code));
  expect(await socket.emitWithAck("ping")).toEqual({ ok: true });
  expect(await socket.emitWithAck("toggle_coach", { enabled: false })).toEqual({ ok: true });
  expect(await socket.emitWithAck("toggle_coach")).toMatchObject({ ok: false, error: { code: "malformed" } });
  expect(await socket.emitWithAck("shout", {})).toMatchObject({
    ok: false,
    error: { code: "unknown_message" },
  });
  expect(codes).toEqual(["malformed", "unknown_message"]);
});

test("survives arguments of any shape", async () => {
  const server = await serve();
  const socket = await started(server);
  const errors: string[] = [];
  socket.on("error", (error: { code: string }) => errors.push(error.code));
  const bad: readonly unknown[][] = [
    [],
    [0],
    [0, "text"],
    [0, null],
    [0, { byteLength: 4 }],
    [0, [1, 2]],
    ["0", pcm()],
    [-1, pcm()],
    [0.5, pcm()],
    [1e300, pcm()],
    [null, pcm()],
    [pcm(), 0],
    [{}, {}, {}, {}],
  ];
  for (const args of bad) {
    socket.emit("audio", ...args);
    expect(await socket.timeout(3000).emitWithAck("audio", ...args)).toMatchObject({
      ok: false,
      error: { code: "malformed", retryable: false },
    });
  }
  for (const args of [[pcm()], [[[]]], [{ enabled: pcm() }], ["a", "b"], [1, 2, 3]]) {
    socket.emit("toggle_coach", ...args);
  }
  for (const name of ["error", "newListenerX", "toString", "audio_ack", "message"]) socket.emit(name, {});
  expect(await socket.timeout(3000).emitWithAck("ping")).toEqual({ ok: true });
  // A malformed message gets its error event, whether it asked for an answer or not.
  expect(errors).toHaveLength(bad.length * 2 + 5 + 5);
});

/** Speaks Engine.IO by hand, as a hostile client would. */
async function rawEngineClient(server: TestServer): Promise<WebSocket> {
  const ws = new WebSocket(`ws://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=websocket`);
  cleanup.push(() => {
    ws.terminate();
  });
  ws.on("error", () => undefined);
  await new Promise((resolve) => ws.once("message", resolve));
  ws.send(`40${JSON.stringify({ call_id: callId, token: tokenFor("host", callId) })}`);
  await new Promise<void>((resolve) => {
    ws.on("message", (text: Buffer) => {
      if (text.toString().startsWith('42["session_started"')) resolve();
    });
  });
  return ws;
}

test.each([
  ["no packet", "xyz"],
  ["an event without a name", "42[]"],
  ["an event that is an object", '42{"a":1}'],
  ["a number for a name", '42[7,{"a":1}]'],
  ["a reserved name", '42["disconnect"]'],
  ["an inherited name", '42["__proto__",{}]'],
  ["a huge number of attachments", '4599999999-["audio",0,{"_placeholder":true,"num":0}]'],
  ["a placeholder that points nowhere", '451-["audio",0,{"_placeholder":true,"num":9}]'],
  ["an acknowledgement nobody asked for", '43123["x"]'],
  ["a bomb of brackets", `451-["audio",${"[".repeat(100_000)}${"]".repeat(100_000)}]`],
  ["a second connect", '40{"call_id":"x"}'],
  ["another namespace", "40/admin,"],
])("does not fall over %s", async (_what, text) => {
  const server = await serve();
  const hostile = await rawEngineClient(server);
  hostile.send(text);
  hostile.send(Buffer.from([1, 2, 3, 4]));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const socket = await started(server);
  expect(await socket.timeout(3000).emitWithAck("ping")).toEqual({ ok: true });
});

test.each([
  ["nothing", undefined],
  ["a text", "x"],
  ["numbers", { call_id: 7, token: 8 }],
  ["null", null],
])("refuses %s as auth with a connect_error", async (_what, auth) => {
  const server = await serve();
  const ws = new WebSocket(`ws://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=websocket`);
  cleanup.push(() => {
    ws.terminate();
  });
  await new Promise((resolve) => ws.once("message", resolve));
  const answer = new Promise<string>((resolve) =>
    ws.once("message", (text: Buffer) => {
      resolve(text.toString());
    }),
  );
  ws.send(auth === undefined ? "40" : `40${JSON.stringify(auth)}`);
  expect(await Promise.race([answer, new Promise((resolve) => ws.once("close", resolve))])).not.toContain(
    "sid",
  );
  expect(server.door.asked).toEqual([]);
});

test.each([[["polling"]], [["polling", "websocket"]]] as const)(
  "works with the transports %j",
  async (transports) => {
    const server = await serve();
    const client = connectSocketIo({
      port: server.port,
      callId,
      token: tokenFor("host", callId),
      transports,
    });
    cleanup.push(() => {
      client.close();
    });
    await client.next("session_started");
    client.send("start_transcription");
    expect(await client.audio(0, pcm())).toEqual({ ok: true, next_sample: 1600 });
    client.send("stop_transcription");
    await client.next("call_completed");
    expect(await client.closed).toBe(1000);
  },
);

test("answers polling of an allowed origin with CORS headers, and of no other", async () => {
  const server = await serve({ isAllowedOrigin: (origin) => origin === "https://crm.example" });
  const ask = async (origin: string): Promise<Response> =>
    await fetch(`http://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=polling`, {
      headers: { origin },
    });
  const allowed = await ask("https://crm.example");
  expect(allowed.headers.get("access-control-allow-origin")).toBe("https://crm.example");
  expect(allowed.headers.get("x-content-type-options")).toBe("nosniff");
  expect((await ask("https://evil.example")).headers.get("access-control-allow-origin")).toBeNull();
});

test("cuts off a client that does not read", async () => {
  const server = await serve({
    limits: { slowReader: { softBytes: 64 * 1024, softForMs: 60_000, hardBytes: 1024 * 1024 } },
  });
  const ws = await rawEngineClient(server);
  ws.send('42["start_transcription"]');
  const call = server.door.calls.get(callId);
  if (call === undefined) throw new Error("no call");
  await expect.poll(() => call.log).toContain("start");
  ws.pause();
  const text = "x".repeat(60_000);
  for (let said = 0; said < 400 && server.telemetry.of("connections_closed slow_reader") === 0; said += 1) {
    call.say(text);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(server.telemetry.of("connections_closed slow_reader")).toBe(1);
  await expect.poll(() => call.seats.size).toBe(0);
});
