import { io } from "socket.io-client";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { RunningServer } from "../../bin/running-server.ts";
import { tokenReplySchema, type SessionStartReply } from "../../lib/contract/rest.ts";
import { connectRaw, connectSocketIo, joined, transports } from "./call-client.ts";
import { answers, counted, neighbour, rssBytes } from "./pressure-bench.ts";
import { parseWav, patternPcm } from "./sound.ts";
import { ask, eventually, jsonOf, readCall, startBuiltServer, startCall } from "./server-under-test.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startBuiltServer();
}, 120_000);
afterAll(async () => {
  expect(server.output()).not.toMatch(/unhandled rejection|uncaught exception|MaxListenersExceeded/u);
  await server.stop();
});
const leftovers: (() => unknown)[] = [];
afterEach(() => {
  for (const end of leftovers.splice(0)) end();
});

async function observerOf(call: SessionStartReply): Promise<SessionStartReply> {
  const answer = await ask(server, `/calls/${call.call_id}/token`, { body: { role: "observer" } });
  return { ...call, ...jsonOf(answer, tokenReplySchema) };
}

describe.each(transports)("on $name", ({ name, connect: enter }) => {
  const transport = name === "/ws" ? "websocket" : "socket.io";

  it("§2 takes 40 seconds at twenty times real time, whole, and the neighbour does not notice", async () => {
    const other = await neighbour(server);
    const call = await startCall(server, { audio_mode: "mono", sample_rate: 8000 });
    const client = enter(server, call);
    await joined(client);
    const frames = 400;
    const sent: Promise<unknown>[] = [];
    for (let index = 0; index < frames; index += 1) {
      sent.push(client.audio(index * 800, patternPcm(index * 800, 800, 1)));
      if (index % 4 === 3) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await Promise.all(sent);
    await client.next("audio_ack", (ack) => ack.next_sample === frames * 800, 20_000);
    await other.check();
    const wav = parseWav((await ask(server, `/calls/${call.call_id}/audio/mix.wav`)).body);
    expect(wav.pcm.equals(patternPcm(0, frames * 800, 1))).toBe(true);
  });

  it("§5 a message of a million characters is a message, above 1 MiB it closes with 1009", async () => {
    const call = await startCall(server);
    const client = enter(server, call);
    await joined(client);
    const closed = await counted(server, "connections_closed_total", 'code="1009"');
    client.send("ping", { more: "x".repeat(1_000_000) });
    await client.next("pong");
    client.send("toggle_coach", { enabled: "x".repeat(1_000_000) });
    const { message } = await client.next("error");
    expect(message.length).toBeLessThan(500);
    client.send("ping", { more: "x".repeat(1_100_000) });
    expect(await client.closed).toBe(1009);
    expect(client.received.at(-1)).toMatchObject({
      type: "error",
      data: { code: "too_large", close_code: 1009 },
    });
    expect(await counted(server, "connections_closed_total", 'code="1009"')).toBe(closed + 1);
    const again = enter(server, call);
    await joined(again);
    await answers(again);
  });

  it("§5 JSON bombs are malformed or ignored, and the call lives", async () => {
    const other = await neighbour(server);
    const client = enter(server, await startCall(server));
    await joined(client);
    const nested = (depth: number): unknown => {
      let value: unknown = 1;
      for (let index = 0; index < depth; index += 1) value = { a: value };
      return value;
    };
    const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, key) => [`k${String(key)}`, 1e308]));
    client.send("toggle_coach", { enabled: nested(3000) });
    expect(await client.next("error")).toMatchObject({ code: "malformed" });
    client.send("toggle_coach", wide);
    expect(await client.next("error")).toMatchObject({ code: "malformed" });
    client.send("ping", wide);
    client.send("ping", { lone: "\ud800", nested: nested(1000) });
    client.send("start_transcription", { after_seq: 1e308 });
    expect(await client.next("error")).toMatchObject({ code: "malformed" });
    client.send("audio_lost", { first_sample: 2 ** 53, samples: 1, reason: "x" });
    expect(await client.next("error")).toMatchObject({ code: "malformed" });
    await answers(client);
    await other.check();
  });

  it("§2 frames of one byte and odd frames are refused each, counted by code, and nothing is taken", async () => {
    const call = await startCall(server);
    const client = enter(server, call);
    await joined(client);
    const before = await counted(server, "audio_refused_total", 'code="audio_misaligned"', transport);
    const acks = [];
    for (let index = 0; index < 300; index += 1)
      acks.push(client.audio(0, Buffer.alloc(index % 2 === 0 ? 1 : 7)));
    const refusals = (await Promise.all(acks)).filter((ack) => ack !== null);
    for (const ack of refusals) expect(ack).toMatchObject({ ok: false, error: { code: "audio_misaligned" } });
    if (refusals.length === 0) {
      await eventually(() => Promise.resolve(client.all("error").length === 300), "all are refused");
      expect(client.all("error").every(({ code }) => code === "audio_misaligned")).toBe(true);
    }
    expect(await counted(server, "audio_refused_total", 'code="audio_misaligned"', transport)).toBe(
      before + 300,
    );
    expect((await readCall(server, call.call_id)).next_sample).toBe(0);
    await client.audio(0, patternPcm(0, 1600));
    await client.next("audio_ack", (ack) => ack.next_sample === 1600);
  });

  it("§2 frames of one sample by the thousand become the very same recording", async () => {
    const other = await neighbour(server);
    const call = await startCall(server, { audio_mode: "mono", sample_rate: 8000 });
    const client = enter(server, call);
    await joined(client);
    const sent: Promise<unknown>[] = [];
    for (let sample = 0; sample < 6000; sample += 1)
      sent.push(client.audio(sample, patternPcm(sample, 1, 1)));
    await Promise.all(sent);
    await client.next("audio_ack", (ack) => ack.next_sample === 6000, 20_000);
    await other.check();
    const wav = parseWav((await ask(server, `/calls/${call.call_id}/audio/mix.wav`)).body);
    expect(wav.pcm.equals(patternPcm(0, 6000, 1))).toBe(true);
  });

  it("§5 a flood of messages is slowed down, each is answered, and the neighbour goes on", async () => {
    const other = await neighbour(server);
    const client = enter(server, await startCall(server));
    await joined(client);
    const slowed = await counted(server, "connections_slowed_total", transport);
    for (let index = 0; index < 60; index += 1) client.send("toggle_coach", { enabled: index % 2 === 0 });
    for (let index = 0; index < 1500; index += 1) client.send("ping", {});
    await other.check();
    await eventually(
      // What does not fit into the queue is refused, retryable, and not dropped without a word.
      () =>
        Promise.resolve(
          client.all("coach_changed").length >= 59 &&
            client.all("pong").length + client.all("error").length >= 1500,
        ),
      "all is answered",
      120_000,
    );
    expect(client.all("error").filter(({ code }) => code !== "backpressure")).toEqual([]);
    expect(await counted(server, "connections_slowed_total", transport)).toBeGreaterThan(slowed);
    const seqs = client.all("coach_changed").map(({ seq }) => seq);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    await answers(client);
  }, 180_000);

  it("§5 the call has room for fifty observers; one more is refused with 4403, and counted", async () => {
    const call = await startCall(server);
    const host = enter(server, call);
    await joined(host);
    const seat = await observerOf(call);
    const refused = await counted(server, "connections_refused_total", "rate_limited", transport);
    const crowd = Array.from({ length: 50 }, () => enter(server, seat));
    await Promise.all(crowd.map((client) => joined(client)));
    expect(await enter(server, seat).closed).toBe(4403);
    expect(await counted(server, "connections_refused_total", "rate_limited", transport)).toBe(refused + 1);
    host.send("toggle_coach", { enabled: false });
    await Promise.all(crowd.map((client) => client.next("coach_changed")));
    crowd[0]?.close();
    await eventually(async () => {
      const again = enter(server, seat);
      return (await Promise.race([again.closed, again.next("session_started")])) !== 4403;
    }, "who leaves makes room");
  }, 60_000);

  it("§5 a hundred malformed in a row close with 4400, counted", async () => {
    const client = enter(server, await startCall(server));
    await client.next("session_started");
    const [malformed, closed] = [
      await counted(server, "malformed_messages_total", transport),
      await counted(server, "connections_closed_total", 'code="4400"', transport),
    ];
    for (let count = 0; count < 100; count += 1) client.send("no_such_message", {});
    expect(await client.closed).toBe(4400);
    expect(await counted(server, "malformed_messages_total", transport)).toBe(malformed + 100);
    expect(await counted(server, "connections_closed_total", 'code="4400"', transport)).toBe(closed + 1);
  });
});

describe("on /ws alone", () => {
  it("§5 text that is no UTF-8, no JSON or no object gets an error each, and the connection lives", async () => {
    const client = connectRaw(server, await startCall(server));
    await client.next("session_started");
    const texts = [
      "",
      "{",
      "[]",
      "null",
      "7",
      '"ping"',
      '{"type":7}',
      "[".repeat(100_000),
      '{"a":'.repeat(50_000),
    ];
    for (const text of texts) client.socket.send(text);
    client.socket.send(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), { binary: false });
    await eventually(
      () => Promise.resolve(client.all("error").length === texts.length + 1),
      "each has its error",
    );
    expect(client.all("error").every(({ code }) => code === "malformed")).toBe(true);
    client.socket.send('{"type":"no","type":"ping","data":{"a":1,"a":2}}');
    await client.next("pong");
  });

  it("§5 compression is not agreed to, so that there are no bombs in it", async () => {
    const call = await startCall(server);
    const ws = new WebSocket(`${server.url.replace("http", "ws")}/ws/${call.call_id}?token=${call.token}`, {
      perMessageDeflate: true,
    });
    leftovers.push(() => {
      ws.terminate();
    });
    await new Promise((resolve) => ws.once("open", resolve));
    expect(ws.extensions).toBe("");
  });

  it("§5 a flood of protocol pings that are never read costs little, and the neighbour goes on", async () => {
    const other = await neighbour(server);
    const client = connectRaw(server, await startCall(server));
    await joined(client);
    const before = await rssBytes(server);
    client.socket.pause();
    const slowed = await counted(server, "connections_slowed_total", "websocket");
    for (let round = 0; round < 100; round += 1) {
      for (let count = 0; count < 500; count += 1) client.socket.ping(Buffer.alloc(125));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await other.check();
    expect((await rssBytes(server)) - before).toBeLessThan(100 * 1024 * 1024);
    client.socket.resume();
    expect(await counted(server, "connections_slowed_total", "websocket")).toBeGreaterThan(slowed);
  });
});

describe("on Socket.IO alone", () => {
  it("§2 indexes that run backwards overlap, that jump are a gap, that are none are malformed", async () => {
    const call = await startCall(server, { audio_mode: "mono" });
    const client = connectSocketIo(server, call);
    await joined(client);
    const gaps = await counted(server, "audio_refused_total", 'code="audio_gap"');
    expect(await client.audio(0, patternPcm(0, 1600, 1))).toEqual({ ok: true, next_sample: 1600 });
    for (const first of [1500, 800, 0]) {
      expect(await client.audio(first, Buffer.alloc(200, 9))).toEqual({ ok: true, next_sample: 1600 });
    }
    for (const first of [1601, 99_999, Number.MAX_SAFE_INTEGER]) {
      expect(await client.audio(first, Buffer.alloc(200))).toMatchObject({
        ok: false,
        error: { code: "audio_gap", next_sample: 1600, retryable: true },
      });
    }
    expect(await counted(server, "audio_refused_total", 'code="audio_gap"')).toBe(gaps + 3);
    for (const first of [-1, 0.5, NaN, 2 ** 53, -Infinity]) {
      expect(await client.audio(first, Buffer.alloc(200))).toMatchObject({
        ok: false,
        error: { code: "malformed" },
      });
    }
    const wav = parseWav((await ask(server, `/calls/${call.call_id}/audio/mix.wav`)).body);
    expect(wav.pcm.equals(patternPcm(0, 1600, 1))).toBe(true);
  });

  it("§5 works over polling alone, and a body above 1 MiB is 413 there", async () => {
    const call = await startCall(server, { audio_mode: "mono" });
    const socket = io(server.url, {
      transports: ["polling"],
      auth: { call_id: call.call_id, token: call.token },
      forceNew: true,
      reconnection: false,
    });
    leftovers.push(() => socket.disconnect());
    await new Promise((resolve) => socket.once("session_started", resolve));
    socket.emit("start_transcription", {});
    expect(await socket.timeout(10_000).emitWithAck("audio", 0, patternPcm(0, 1600, 1))).toEqual({
      ok: true,
      next_sample: 1600,
    });
    const opened = await ask(server, "/socket.io/?EIO=4&transport=polling");
    const { sid } = JSON.parse(opened.body.toString().slice(1)) as { sid: string };
    const large = await ask(server, `/socket.io/?EIO=4&transport=polling&sid=${sid}`, {
      method: "POST",
      body: "4".repeat(1_100_000),
    });
    expect(large.status).toBe(413);
  });

  it("§5 names that mean something to emitters are errors, and the connection lives", async () => {
    const client = connectSocketIo(server, await startCall(server));
    await joined(client);
    for (const type of ["__proto__", "constructor", "toString", "hasOwnProperty", "connection", "error"]) {
      client.send(type, {});
      expect(["unknown_message", "malformed"]).toContain((await client.next("error")).code);
    }
    await answers(client);
  });
});
