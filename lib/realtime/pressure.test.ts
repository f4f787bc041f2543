import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { closeCodes } from "../contract/vocabulary.ts";
import { alive } from "./testing/bench.ts";
import { connectRaw, connectSocketIo, type TestClient } from "./testing/test-client.ts";
import type { RealtimeOptions } from "./realtime.ts";
import { startTestServer, tokenFor, type TestServer } from "./testing/test-server.ts";

const callId = "call_pressure";
const otherCallId = "call_neighbour";
const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step();
});

async function serve(options: Partial<RealtimeOptions> = {}): Promise<TestServer> {
  const server = await startTestServer(options);
  server.door.add(callId);
  server.door.add(otherCallId);
  cleanup.push(() => server.stop());
  return server;
}

function enter(server: TestServer, connect = connectRaw, id = callId): TestClient {
  const client = connect({ port: server.port, callId: id, token: tokenFor("host", id) });
  cleanup.push(() => {
    client.close();
  });
  return client;
}

/** A WebSocket with its plain connection, to send whatever bytes one likes. */
async function plainSocket(
  server: TestServer,
  path: string,
): Promise<{ ws: WebSocket; write: (bytes: Buffer) => void }> {
  const ws = new WebSocket(`ws://127.0.0.1:${server.port}${path}`);
  cleanup.push(() => {
    ws.terminate();
  });
  ws.on("error", () => undefined);
  await new Promise((resolve) => ws.once("open", resolve));
  const socket: unknown = Reflect.get(ws, "_socket");
  if (typeof socket !== "object" || socket === null || !("write" in socket)) throw new Error("no socket");
  const { write } = socket;
  if (typeof write !== "function") throw new Error("no socket");
  return {
    ws,
    write: (bytes) => {
      Reflect.apply(write, socket, [bytes]);
    },
  };
}

/** How many pings were answered at most in one turn of the event loop, which server and clients share. */
function watchTurns(server: TestServer): () => number {
  let most = 0;
  let before = server.telemetry.of("events_sent pong");
  let watching = true;
  const look = (): void => {
    const now = server.telemetry.of("events_sent pong");
    most = Math.max(most, now - before);
    before = now;
    if (watching) setImmediate(look);
  };
  setImmediate(look);
  return () => {
    watching = false;
    return most;
  };
}

const hostPath = `/ws/${callId}?token=${tokenFor("host", callId)}`;

/** Masked, with a mask of zeros; up to 125 bytes. */
function frame(opcode: number, text: string, final = true): Buffer {
  const body = Buffer.from(text);
  return Buffer.concat([Buffer.from([(final ? 0x80 : 0) | opcode, 0x80 | body.length, 0, 0, 0, 0]), body]);
}

/** A Socket.IO client that speaks the protocol by hand. */
async function engineClient(
  server: TestServer,
): Promise<{ ws: WebSocket; heard: string[]; closed: Promise<number> }> {
  const ws = new WebSocket(`ws://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=websocket`);
  cleanup.push(() => {
    ws.terminate();
  });
  ws.on("error", () => undefined);
  const heard: string[] = [];
  ws.on("message", (text: Buffer) => heard.push(text.toString()));
  const closed = new Promise<number>((resolve) => ws.once("close", resolve));
  await expect.poll(() => heard.length).toBe(1);
  ws.send(`40${JSON.stringify({ call_id: callId, token: tokenFor("host", callId) })}`);
  await expect.poll(() => heard.some((text) => text.startsWith('42["session_started"'))).toBe(true);
  return { ws, heard, closed };
}

describe("a flood on one connection", () => {
  test.each([
    ["/ws", connectRaw],
    ["Socket.IO", connectSocketIo],
  ] as const)("of messages on %s is slowed down, counted, and answered in full", async (name, connect) => {
    const server = await serve();
    const client = enter(server, connect);
    await client.next("session_started");
    const messages = 2000;
    for (let sent = 0; sent < messages; sent += 1) client.send("ping");
    const answered = (): number => client.received.filter(({ type }) => type === "pong").length;
    const other = enter(server, connectRaw, otherCallId);
    await other.next("session_started");
    await alive(other);
    await expect.poll(answered, { timeout: 25_000 }).toBe(messages);
    const transport = name === "/ws" ? "websocket" : "socket.io";
    expect(server.telemetry.of(`connections_slowed ${transport}`)).toBeGreaterThan(0);
    await alive(client);
  });

  test.each([
    ["/ws", connectRaw],
    ["Socket.IO", connectSocketIo],
  ] as const)("of the largest messages on %s is read no faster than it may be", async (_name, connect) => {
    const server = await serve();
    const client = enter(server, connect);
    await client.next("session_started");
    const more = "x".repeat(1_000_000);
    for (let sent = 0; sent < 6; sent += 1) client.send("ping", { more });
    const other = enter(server, connectRaw, otherCallId);
    await other.next("session_started");
    await client.next("pong");
    for (let times = 0; times < 5; times += 1) await alive(other);
    expect(server.telemetry.of("connections_slowed")).toBeGreaterThan(0);
    expect(client.received.filter(({ type }) => type === "pong").length).toBeLessThan(3);
  });

  test("of audio is taken no faster than 10 times real time, whole and in order", async () => {
    const server = await serve();
    const client = enter(server, connectRaw);
    await client.next("session_started");
    client.send("start_transcription");
    const seconds = 80;
    const pcm = new Uint8Array(seconds * 64_000).map((_, index) => index % 241);
    const startedMs = performance.now();
    for (let at = 0; at < pcm.length; at += 640_000) void client.audio(0, pcm.subarray(at, at + 640_000));
    client.send("stop_transcription");
    await client.next("call_completed");
    // 20 of the 80 seconds have to wait for their time.
    expect(performance.now() - startedMs).toBeGreaterThan(1800);
    expect(server.telemetry.of("connections_slowed websocket")).toBeGreaterThan(0);
    expect(Buffer.concat(server.door.calls.get(callId)?.audio ?? []).equals(pcm)).toBe(true);
  });

  test("of large frames that are refused is read no faster either", async () => {
    const server = await serve();
    const client = enter(server, connectRaw);
    await client.next("session_started");
    client.send("start_transcription");
    const misaligned = new Uint8Array(640_001);
    for (let sent = 0; sent < 12; sent += 1) void client.audio(0, misaligned);
    await expect.poll(() => server.telemetry.of("connections_slowed websocket")).toBeGreaterThan(0);
    const refused = (): number => client.received.filter(({ type }) => type === "error").length;
    expect(refused()).toBeLessThan(12);
  });

  test("leaves others their turns: they are answered long before it has been read", async () => {
    const server = await serve();
    const { write } = await plainSocket(server, hostPath);
    const other = enter(server, connectRaw, otherCallId);
    await other.next("session_started");
    // One write, which the server reads in pieces of 64 KiB.
    const mostInATurn = watchTurns(server);
    write(Buffer.concat(Array.from({ length: 900 }, () => frame(0x1, '{"type":"ping"}'))));
    await alive(other);
    await expect.poll(() => server.telemetry.of("events_sent pong")).toBe(901);
    expect(mostInATurn()).toBeLessThanOrEqual(4);
  });

  test("of WebSocket pings that are never read is answered within a bound", async () => {
    const server = await serve();
    const { ws, write } = await plainSocket(server, hostPath);
    ws.pause();
    const before = process.memoryUsage().heapUsed;
    const ping = frame(0x9, "x".repeat(125));
    const burst = Buffer.concat(Array.from({ length: 500 }, () => ping));
    for (let count = 0; count < 200; count += 1) {
      write(burst);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const other = enter(server, connectRaw, otherCallId);
    await other.next("session_started");
    await alive(other);
    // A hundred thousand answers, each an entry in a queue, would be well above it.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(60 * 1024 * 1024);
    await expect.poll(() => server.telemetry.of("connections_slowed websocket")).toBeGreaterThan(0);
    expect(ws.readyState).toBe(WebSocket.OPEN);
  });

  test("of pieces of one message ends it with 4400", async () => {
    const server = await serve();
    const { ws, write } = await plainSocket(server, hostPath);
    const heard: string[] = [];
    ws.on("message", (text: Buffer) => heard.push(text.toString()));
    const closed = new Promise<number>((resolve) => ws.once("close", resolve));
    write(frame(0x1, "{", false));
    write(Buffer.concat(Array.from({ length: 20_000 }, () => frame(0x0, "", false))));
    expect(await closed).toBe(closeCodes.malformed);
    expect(heard.at(-1)).toContain('"close_code":4400');
    expect(server.telemetry.of("connections_closed 4400")).toBe(1);
  });

  test("of pieces that are a message after all is taken", async () => {
    const server = await serve();
    const { ws, write } = await plainSocket(server, hostPath);
    const pong = new Promise((resolve) =>
      ws.on("message", (text: Buffer) => {
        if (text.toString().includes('"pong"')) resolve(null);
      }),
    );
    const text = `{"type":"ping","data":{"more":"${"x".repeat(3000)}"}}`;
    const pieces = Array.from({ length: text.length }, (_, index) =>
      frame(index === 0 ? 0x1 : 0x0, text.charAt(index), index === text.length - 1),
    );
    write(Buffer.concat(pieces));
    await pong;
  });
});

describe("Socket.IO", () => {
  test.each([
    ["a packet of no kind", "4x"],
    ["an event that is no list", '42{"a":1}'],
    ["a reserved name", '42["disconnect"]'],
    ["the name of a listener's event", '42["newListener",{}]'],
    ["broken JSON", '42["ping",'],
    ["too many attachments", '4599999999-["audio",0,{"_placeholder":true,"num":0}]'],
    ["no attachments", '45x-["audio",0]'],
    ["an event with a message in place of its attachment", '451-["audio",0,{"_placeholder":true,"num":0}]'],
  ])("answers %s with an error, and lives", async (what, text) => {
    const server = await serve();
    const { ws, heard } = await engineClient(server);
    ws.send(text);
    ws.send('42["ping"]');
    if (what.startsWith("an event with")) ws.send('42["ping"]');
    await expect.poll(() => heard.some((one) => one.startsWith('42["pong"'))).toBe(true);
    const errors = heard.filter((one) => one.startsWith('42["error"'));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain('"code":"malformed"');
    expect(server.telemetry.of("malformed_messages")).toBe(1);
  });

  test("closes with 4400 after a hundred packets in a row that it cannot read", async () => {
    const server = await serve();
    const { ws, heard, closed } = await engineClient(server);
    for (let count = 0; count < 100; count += 1) ws.send('42["connect"]');
    await closed;
    const last = heard.filter((one) => one.startsWith('42["error"')).at(-1);
    expect(last).toContain('"close_code":4400');
  });

  test("gives one connection one seat, however often it asks before it has it", async () => {
    const server = await serve();
    let letIn = (): void => undefined;
    server.door.gate = new Promise((resolve) => (letIn = resolve));
    const ws = new WebSocket(`ws://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=websocket`);
    cleanup.push(() => {
      ws.terminate();
    });
    ws.on("error", () => undefined);
    await new Promise((resolve) => ws.once("message", resolve));
    for (let count = 0; count < 200; count += 1) {
      ws.send(`40${JSON.stringify({ call_id: callId, token: tokenFor("host", callId) })}`);
    }
    await expect.poll(() => server.telemetry.of("connections_refused not_allowed")).toBe(199);
    expect(server.door.asked).toHaveLength(1);
    letIn();
    await expect.poll(() => server.realtime.connections()).toBeLessThanOrEqual(1);
  });

  test("takes what is posted at once in turns and in order", async () => {
    const server = await serve();
    const address = `http://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=polling`;
    const opened = await (await fetch(address)).text();
    const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
    const post = (body: string): Promise<Response> =>
      fetch(`${address}&sid=${sid}`, { method: "POST", body });
    const auth = JSON.stringify({ call_id: callId, token: tokenFor("host", callId) });
    await post(`40${auth}`);
    await expect.poll(() => server.realtime.connections()).toBe(1);
    const toggles = Array.from(
      { length: 60 },
      (_, index) => `42["toggle_coach",{"enabled":${index % 2 === 0}}]`,
    );
    await post(toggles.join("\u001e"));
    const log = server.door.calls.get(callId)?.log ?? [];
    await expect.poll(() => log.filter((line) => line.startsWith("toggle")).length).toBe(60);
    expect(log.filter((line) => line.startsWith("toggle")).map((line) => line === "toggle true")).toEqual(
      toggles.map((_, index) => index % 2 === 0),
    );
    // A body of the largest size, all of it tiny packets: others have their turns meanwhile.
    const bomb = Array.from({ length: 90_000 }, () => '42["ping"]').join("\u001e");
    const mostInATurn = watchTurns(server);
    await post(bomb);
    const other = enter(server, connectRaw, otherCallId);
    await other.next("session_started");
    await alive(other);
    await expect
      .poll(() => server.telemetry.of("events_sent pong"), { timeout: 10_000 })
      .toBeGreaterThan(800);
    expect(mostInATurn()).toBeLessThanOrEqual(40);
  });

  test("lets the stranger go who has been silent longest, and seats who says who it is", async () => {
    const server = await serve({ limits: { unseated: 5 } });
    const closed: number[] = [];
    for (let index = 0; index < 8; index += 1) {
      const ws = new WebSocket(`ws://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=websocket`);
      cleanup.push(() => {
        ws.terminate();
      });
      ws.on("error", () => undefined);
      ws.once("close", () => closed.push(index));
      await new Promise((resolve) => ws.once("message", resolve));
    }
    await expect.poll(() => closed).toEqual([0, 1, 2]);
    expect(server.telemetry.of("connections_refused no_token_in_time")).toBe(3);
    await enter(server, connectSocketIo).next("session_started");
  });
});

describe("many connections", () => {
  test("of one host are bounded: the newest are told rate_limited and 4403", async () => {
    const server = await serve({ limits: { hostsPerCall: 3 } });
    let letIn = (): void => undefined;
    server.door.gate = new Promise((resolve) => (letIn = resolve));
    const crowd = Array.from({ length: 6 }, () => enter(server));
    const refused = (): number => server.telemetry.of("connections_refused rate_limited");
    await expect.poll(refused).toBe(3);
    letIn();
    const codes = await Promise.all(crowd.slice(3).map((client) => client.closed));
    expect(codes.every((code) => code === closeCodes.notAllowed || code === closeCodes.takenOver)).toBe(true);
  });

  test("beyond the bound of all are refused, and one that goes makes room", async () => {
    const server = await serve({ limits: { connections: 2 } });
    const first = enter(server);
    await first.next("session_started");
    const second = enter(server, connectSocketIo, otherCallId);
    await second.next("session_started");
    const third = connectRaw({ port: server.port, callId, token: tokenFor("observer", callId) });
    expect(await third.closed).toBe(closeCodes.notAllowed);
    first.close();
    await first.closed;
    await expect.poll(() => server.realtime.connections()).toBe(1);
    const fourth = connectRaw({ port: server.port, callId, token: tokenFor("observer", callId) });
    cleanup.push(() => {
      fourth.close();
    });
    await fourth.next("session_started");
  });
});
