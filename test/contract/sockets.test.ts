import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import { tokenReplySchema, type SessionStartReply } from "../../lib/contract/rest.ts";
import { connectRaw, connectSocketIo, joined, transports, type CallClient } from "./call-client.ts";
import { channelOf, parseWav, patternPcm } from "./sound.ts";
import { ask, expectAlive, jsonOf, readCall, startBuiltServer, startCall } from "./server-under-test.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startBuiltServer();
}, 120_000);
afterAll(async () => {
  await server.stop();
});

async function observerOf(call: SessionStartReply): Promise<SessionStartReply> {
  const answer = await ask(server, `/calls/${call.call_id}/token`, { body: { role: "observer" } });
  return { ...call, ...jsonOf(answer, tokenReplySchema) };
}

/** Every message before it has been dealt with. */
async function expectAnswered(client: CallClient): Promise<void> {
  client.send("ping", {});
  await client.next("pong");
}

const durable = (client: CallClient, sample: number) =>
  client.next("audio_ack", (ack) => ack.next_sample >= sample);

describe.each(transports)("on $name", ({ name, connect }) => {
  const isRaw = name === "/ws";

  /** The refusal, wherever the transport tells it. */
  const refused = async (client: CallClient, firstSample: number, pcm: Uint8Array) => {
    const ack = await client.audio(firstSample, pcm);
    if (ack === null) return await client.next("error");
    if (ack.ok) throw new Error("the audio was taken");
    return ack.error;
  };

  it("§5 refuses audio with not_started until start_transcription, and takes it after", async () => {
    const call = await startCall(server);
    const client = connect(server, call);
    await client.next("session_started");
    expect(await refused(client, 0, patternPcm(0, 1600))).toMatchObject({ code: "not_started" });
    client.send("start_transcription");
    await client.audio(0, patternPcm(0, 1600));
    expect(await durable(client, 1600)).toEqual({ call_id: call.call_id, next_sample: 1600 });
  });

  it("§2 refuses frames that are not whole samples, whole, and goes on at the same sample", async () => {
    const call = await startCall(server);
    const client = connect(server, call);
    await joined(client);
    for (const bytes of [0, 1, 2, 3, 6399]) {
      expect(await refused(client, 0, Buffer.alloc(bytes)), String(bytes)).toMatchObject({
        code: "audio_misaligned",
      });
    }
    await client.audio(0, patternPcm(0, 1600));
    await durable(client, 1600);
    expect((await readCall(server, call.call_id)).next_sample).toBe(1600);
  });

  it("§5 answers ping with pong, whatever else comes along", async () => {
    const client = connect(server, await startCall(server));
    await client.next("session_started");
    client.send("ping");
    expect(Object.keys(await client.next("pong")).sort()).toEqual(["call_id", "timestamp"]);
    client.send("ping", { more: 1, timestamp: "whatever" });
    await client.next("pong");
    client.send("pong", {});
    await expectAnswered(client);
    expect(client.all("error")).toEqual([]);
  });

  it.each([
    ["toggle_coach", undefined],
    ["toggle_coach", null],
    ["toggle_coach", { enabled: "yes" }],
    ["toggle_coach", []],
    ["choose_voice", undefined],
    ["choose_voice", { voice: "me" }],
    ["start_transcription", { after_seq: -1 }],
    ["start_transcription", { after_seq: "0" }],
    ["start_transcription", { after_seq: 1.5 }],
    ["start_transcription", 7],
    ["audio_lost", {}],
    ["audio_lost", { first_sample: 0, samples: 0, reason: "x" }],
    ["audio_lost", { first_sample: -1, samples: 5, reason: "x" }],
    ["audio_lost", { first_sample: 0, samples: 5 }],
    ["suggestion_feedback", { suggestion_id: "s", verdict: "great" }],
    ["suggestion_feedback", {}],
  ])("§5 answers a malformed %s (%j) with an error, and lives", async (type, data) => {
    const client = connect(server, await startCall(server));
    await client.next("session_started");
    client.send(type, data);
    expect(await client.next("error")).toMatchObject({ code: "malformed", retryable: false });
    await expectAnswered(client);
  });

  it("§5 answers a message that there is not with an error, and ignores unknown keys", async () => {
    const call = await startCall(server);
    const client = connect(server, call);
    await client.next("session_started");
    for (const type of ["transcript_update", "constructor", "__proto__", "hello", ""]) {
      client.send(type, {});
      expect(["unknown_message", "malformed"]).toContain((await client.next("error")).code);
    }
    client.send("start_transcription", { after_seq: 0, extra: true });
    client.send("toggle_coach", { enabled: false, colour: "red" });
    expect(await client.next("coach_changed")).toMatchObject({ coach_enabled: false });
    await expectAlive(server);
  });

  it("§5 a hundred malformed messages in a row close with 4400, ninety-nine do not", async () => {
    const call = await startCall(server);
    const client = connect(server, call);
    await client.next("session_started");
    for (let count = 0; count < 99; count += 1) client.sendNonsense();
    await expectAnswered(client);
    for (let count = 0; count < 100; count += 1) client.sendNonsense();
    expect(await client.closed).toBe(4400);
    const again = connect(server, call);
    await again.next("session_started");
  });

  it("§5 toggles the coach over socket and REST, and both tell everybody", async () => {
    const call = await startCall(server);
    const [host, observer] = [connect(server, call), connect(server, await observerOf(call))];
    await joined(host);
    await joined(observer);
    await expectAnswered(observer);
    host.send("toggle_coach", { enabled: false });
    const changed = await host.next("coach_changed");
    expect(changed).toMatchObject({ coach_enabled: false });
    expect(await observer.next("coach_changed")).toEqual(changed);
    const answer = await ask(server, `/coach/${call.call_id}/toggle?enabled=true`, { method: "POST" });
    expect(JSON.parse(answer.body.toString())).toEqual({ coach_enabled: true });
    const again = await host.next("coach_changed");
    expect(again).toMatchObject({ coach_enabled: true });
    expect(again.seq).toBeGreaterThan(changed.seq);
    expect(await observer.next("coach_changed")).toEqual(again);
  });

  it("§5 refuses an observer what is the host's with not_allowed, and lets the host go on", async () => {
    const call = await startCall(server);
    const [host, observer] = [connect(server, call), connect(server, await observerOf(call))];
    await joined(host);
    expect(await joined(observer)).toMatchObject({ role: "observer" });
    const messages: [string, unknown][] = [
      ["stop_transcription", {}],
      ["toggle_coach", { enabled: false }],
      ["choose_voice", { voice: 0 }],
      ["audio_lost", { first_sample: 0, samples: 10, reason: "x" }],
      ["suggestion_feedback", { suggestion_id: "s", verdict: "used" }],
    ];
    for (const [type, data] of messages) {
      observer.send(type, data);
      expect(await observer.next("error")).toMatchObject({ code: "not_allowed" });
    }
    expect(await refused(observer, 0, patternPcm(0, 160))).toMatchObject({ code: "not_allowed" });
    await host.audio(0, patternPcm(0, 1600));
    await durable(host, 1600);
    expect((await readCall(server, call.call_id)).next_sample).toBe(1600);
    await expectAnswered(observer);
  });

  it("§2 §5 records audio_lost as silence, marks it, tells it, and goes on behind it", async () => {
    const call = await startCall(server, { sample_rate: 8000 });
    const host = connect(server, call);
    await joined(host);
    await host.audio(0, patternPcm(0, 800));
    await durable(host, 800);
    host.send("audio_lost", { first_sample: 900, samples: 100, reason: "device" });
    expect(await host.next("error")).toMatchObject({ code: "audio_gap", next_sample: 800 });
    // Said again after a lost connection it overlaps what is durable, as audio may.
    host.send("audio_lost", { first_sample: 700, samples: 100, reason: "device" });
    host.send("audio_lost", { first_sample: 800, samples: 4000, reason: "buffer full" });
    expect(await host.next("status")).toMatchObject({ reason: "audio_lost" });
    await host.audio(4800, patternPcm(4800, 800));
    await durable(host, 5600);
    // At most 3600 s in a call.
    host.send("audio_lost", { first_sample: 5600, samples: 3600 * 8000, reason: "too much" });
    expect(await host.next("error")).toMatchObject({ retryable: false });
    host.send("stop_transcription");
    expect(await host.next("call_completed")).toMatchObject({ reason: "stopped", duration_ms: 700 });
    const read = await readCall(server, call.call_id);
    expect(read.next_sample).toBe(5600);
    expect(read.call_metadata.lost_audio).toEqual([
      { first_sample: 800, samples: 4000, ts_ms: 100, end_ms: 600, reason: "buffer full" },
    ]);
    const wav = parseWav((await ask(server, `/calls/${call.call_id}/audio/mic.wav`)).body);
    const mic = channelOf(wav, 0);
    expect(mic.length).toBe(5600);
    expect([...mic.subarray(800, 4800)].every((value) => value === 0)).toBe(true);
    const sent = channelOf({ sampleRateHz: 8000, channels: 2, pcm: patternPcm(4800, 800) }, 0);
    expect([...mic.subarray(4800)]).toEqual([...sent]);
    for (const format of ["txt", "md", "srt", "vtt", "csv"]) {
      expect((await ask(server, `/calls/${call.call_id}/transcript.${format}`)).status).toBe(200);
    }
    const txt = (await ask(server, `/calls/${call.call_id}/transcript.txt`)).body.toString();
    expect(txt).toContain("buffer full");
  });

  it("§5 answers stop twice with the same event, then closes with 1000", async () => {
    const call = await startCall(server);
    const host = connect(server, call);
    await joined(host);
    await host.audio(0, patternPcm(0, 8000));
    host.send("stop_transcription", {});
    host.send("stop_transcription", {});
    const first = await host.next("call_completed");
    expect(await host.next("call_completed")).toEqual(first);
    expect(await host.closed).toBe(1000);
    expect(first).toMatchObject({ call_id: call.call_id, reason: "stopped", duration_ms: 500 });
    for (const path of Object.values(first.downloads)) {
      const { pathname } = new URL(path, server.url);
      expect((await ask(server, pathname)).status, path).toBe(200);
    }
    expect(host.callEvents().at(-1)?.type).toBe("call_completed");
  });

  it("§5 a completed call answers session_started, replay on request, call_completed, 1000", async () => {
    const call = await startCall(server);
    const host = connect(server, call);
    await joined(host);
    await host.audio(0, patternPcm(0, 1600));
    host.send("toggle_coach", { enabled: false });
    host.send("stop_transcription");
    const completed = await host.next("call_completed");
    const changed = await host.next("coach_changed");
    await host.closed;

    const plain = connect(server, call);
    expect(await joined(plain)).toMatchObject({ state: "completed", next_sample: 1600 });
    expect(await plain.next("call_completed")).toEqual(completed);
    expect(await plain.closed).toBe(1000);

    const replayed = connect(server, await observerOf(call));
    expect(await joined(replayed, { after_seq: 0 })).toMatchObject({ role: "observer" });
    expect(await replayed.next("coach_changed")).toEqual(changed);
    expect(await replayed.next("call_completed")).toEqual(completed);
    expect(await replayed.closed).toBe(1000);
    expect(replayed.all("call_completed")).toHaveLength(1);
    const seqs = replayed.callEvents().map((event) => ("seq" in event.data ? event.data.seq : 0));
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  });

  it("§5 the newest host takes over: taken_over and 4409 for the old, an exact next_sample", async () => {
    const call = await startCall(server);
    const old = connect(server, call);
    await joined(old);
    const sending: Promise<unknown>[] = [];
    for (let sample = 0; sample < 80_000; sample += 1600) {
      sending.push(old.audio(sample, patternPcm(sample, 1600)));
    }
    if (!isRaw) await Promise.all(sending);
    const fresh = connect(server, call);
    const started = await fresh.next("session_started");
    expect(await old.next("error")).toMatchObject({ code: "taken_over" });
    expect(await old.closed).toBe(4409);
    expect((await readCall(server, call.call_id)).next_sample).toBe(started.next_sample);
    expect(started.next_sample % 1600).toBe(0);
    fresh.send("start_transcription", { after_seq: 0 });
    const from = started.next_sample;
    await fresh.audio(from, patternPcm(from, 1600));
    await durable(fresh, from + 1600);
    fresh.send("stop_transcription");
    expect((await fresh.next("call_completed")).duration_ms).toBe((from + 1600) / 16);
    const wav = parseWav((await ask(server, `/calls/${call.call_id}/audio/loop.wav`)).body);
    const sent = channelOf({ sampleRateHz: 16_000, channels: 2, pcm: patternPcm(0, from + 1600) }, 1);
    expect(Buffer.from(channelOf(wav, 0).buffer).equals(Buffer.from(sent.buffer))).toBe(true);
  });

  it("§5 feedback on a suggestion that the call does not have is refused, and it goes on", async () => {
    const client = connect(server, await startCall(server));
    await joined(client);
    client.send("suggestion_feedback", { suggestion_id: "not-there", verdict: "used" });
    expect(await client.next("error")).toMatchObject({ code: "suggestion_not_found" });
    await expectAnswered(client);
  });

  it("§5 stop without any audio ends the call, which is deleted", async () => {
    const call = await startCall(server);
    const client = connect(server, call);
    await joined(client);
    client.send("stop_transcription");
    expect(await client.closed).toBe(1000);
    expect((await ask(server, `/calls/${call.call_id}`)).status).toBe(404);
    await expectAlive(server);
  });
});

describe("§5 on Socket.IO alone", () => {
  it("§2 §5 acks say where audio is, refuse a gap with next_sample, and ignore an overlap", async () => {
    const call = await startCall(server, { audio_mode: "mono" });
    const client = connectSocketIo(server, call);
    await joined(client);
    expect(await client.audio(0, patternPcm(0, 1600, 1))).toEqual({ ok: true, next_sample: 1600 });
    const gap = await client.audio(1601, patternPcm(1601, 1600, 1));
    expect(gap).toMatchObject({ ok: false, error: { code: "audio_gap", next_sample: 1600 } });
    expect(await client.audio(0, Buffer.alloc(3200, 9))).toEqual({ ok: true, next_sample: 1600 });
    expect(await client.audio(800, patternPcm(800, 1600, 1))).toEqual({ ok: true, next_sample: 2400 });
    const wav = parseWav((await ask(server, `/calls/${call.call_id}/audio/mix.wav`)).body);
    expect(wav.pcm.equals(patternPcm(0, 2400, 1))).toBe(true);
  });

  it.each([
    ["a text", "0", Buffer.alloc(4)],
    ["a negative number", -4, Buffer.alloc(4)],
    ["a fraction", 0.5, Buffer.alloc(4)],
    ["null", null, Buffer.alloc(4)],
    ["no bytes", 0, "AAAA"],
    ["an object", 0, { length: 4 }],
  ])("§5 answers audio with %s for its arguments with malformed", async (_what, first, pcm) => {
    const client = connectSocketIo(server, await startCall(server));
    await joined(client);
    const ack = await client.audio(first as number, pcm as Uint8Array);
    expect(ack).toMatchObject({ ok: false, error: { code: "malformed", retryable: false } });
    expect(await client.audio(0, patternPcm(0, 160))).toEqual({ ok: true, next_sample: 160 });
  });
});

describe("§5 on /ws alone", () => {
  it.each(["", "null", "[]", "7", '"text"', "{}", '{"type":5}', '{"type":null,"data":{}}', "\u0000"])(
    "§5 the text frame %j is malformed, and the connection lives",
    async (text) => {
      const client = connectRaw(server, await startCall(server));
      await client.next("session_started");
      client.socket.send(text);
      expect(["malformed", "unknown_message"]).toContain((await client.next("error")).code);
      await expectAnswered(client);
    },
  );

  it.each([true, false])("§5 a frame above 1 MiB closes with 1009 (binary: %j)", async (binary) => {
    const call = await startCall(server);
    const client = connectRaw(server, call);
    await joined(client);
    client.socket.send(binary ? Buffer.alloc(1024 * 1024) : "x".repeat(1024), { binary });
    await expectAnswered(client);
    const large = 1024 * 1024 + 4;
    client.socket.send(binary ? Buffer.alloc(large) : "x".repeat(large), { binary });
    expect(await client.closed).toBe(1009);
    const again = connectRaw(server, call);
    expect((await again.next("session_started")).next_sample).toBe(binary ? 262_144 : 0);
  });

  it("§5 data may be absent where nothing is required", async () => {
    const client = connectRaw(server, await startCall(server));
    await client.next("session_started");
    client.socket.send('{"type":"start_transcription"}');
    client.socket.send('{"type":"ping"}');
    await client.next("pong");
    expect(client.all("error")).toEqual([]);
  });
});
