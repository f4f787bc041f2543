import { describe, expect, test } from "vitest";
import type { StoredInsight } from "../call/stored-call.ts";
import { insightSchema } from "../contract/events.ts";
import { closeCodes, maxFrameBytes } from "../contract/vocabulary.ts";
import { alive, bench, call, callId } from "./testing/bench.ts";
import { transportsUnderTest } from "./testing/test-client.ts";

/** 100 ms of stereo at 16 kHz. */
const frameSamples = 1600;
const frame = (fill = 1): Uint8Array => new Uint8Array(frameSamples * 4).fill(fill);

describe.each(transportsUnderTest)("a message over $name", ({ connect }) => {
  const { serve, enter, started } = bench(connect);

  test("begins with session_started in the role of its token", async () => {
    const server = await serve();
    const host = enter(server);
    const observer = enter(server, "observer");
    expect((await host.next("session_started")).data).toMatchObject({ call_id: callId, role: "host" });
    expect((await observer.next("session_started")).data.role).toBe("observer");
    expect(host.received[0]?.type).toBe("session_started");
    expect(server.realtime.connections()).toBe(2);
  });

  test("refuses audio before start_transcription with not_started", async () => {
    const server = await serve();
    const client = enter(server);
    await client.next("session_started");
    const ack = await client.audio(0, frame());
    const error = ack === null ? (await client.next("error")).data : ack.ok ? null : ack.error;
    expect(error).toMatchObject({ code: "not_started", next_sample: 0 });
    await alive(client);
  });

  test("takes frames in order and acknowledges them together, not one by one", async () => {
    const server = await serve();
    const client = await started(server);
    const frames = Array.from({ length: 45 }, (_, index) => frame(index));
    await Promise.all(frames.map((pcm, index) => client.audio(index * frameSamples, pcm)));
    const total = frames.length * frameSamples;
    let acked = 0;
    let acks = 0;
    while (acked < total) {
      const { next_sample: nextSample } = (await client.next("audio_ack")).data;
      expect(nextSample).toBeGreaterThanOrEqual(acked);
      acked = nextSample;
      acks += 1;
    }
    expect(acks).toBeLessThanOrEqual(8);
    expect(Buffer.concat(call(server).audio).equals(Buffer.concat(frames))).toBe(true);
  });

  test("acknowledges a single frame too, once nothing follows it", async () => {
    const server = await serve();
    const client = await started(server);
    await client.audio(0, frame());
    expect((await client.next("audio_ack")).data.next_sample).toBe(frameSamples);
  });

  test("handles what came before it had its seat, in order", async () => {
    const server = await serve();
    let letIn = (): void => undefined;
    server.door.gate = new Promise((resolve) => (letIn = resolve));
    const client = enter(server);
    client.send("start_transcription", {});
    void client.audio(0, frame());
    client.send("toggle_coach", { enabled: false });
    client.send("choose_voice", { voice: 1 });
    client.send("stop_transcription");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(call(server).log).toEqual([]);
    letIn();
    await client.next("call_completed");
    expect(call(server).log.slice(0, 5)).toEqual([
      "start",
      `audio 0+${frameSamples}`,
      "toggle false",
      "voice 1",
      "stop",
    ]);
  });

  test("handles a stop after the frames that were sent before it", async () => {
    const server = await serve();
    const client = await started(server);
    for (let index = 0; index < 30; index += 1) void client.audio(index * frameSamples, frame());
    client.send("stop_transcription");
    expect((await client.next("call_completed")).data.duration_ms).toBe(3000);
    expect(await client.closed).toBe(closeCodes.completed);
  });

  test("answers a second stop with the same event", async () => {
    const server = await serve();
    const client = await started(server);
    await client.audio(0, frame());
    client.send("stop_transcription", {});
    const first = await client.next("call_completed");
    client.send("stop_transcription", {});
    expect(await client.next("call_completed")).toEqual(first);
  });

  test("replays after after_seq and then follows the call", async () => {
    const server = await serve();
    for (const text of ["one", "two", "three"]) call(server).say(text);
    const client = enter(server, "observer");
    await client.next("session_started");
    client.send("start_transcription", { after_seq: 1 });
    expect((await client.next("status")).data).toMatchObject({ seq: 2, detail: "two" });
    expect((await client.next("status")).data).toMatchObject({ seq: 3, detail: "three" });
    call(server).say("four");
    expect((await client.next("status")).data).toMatchObject({ seq: 4, detail: "four" });
  });

  test("gives host and observers the same events with the same numbers", async () => {
    const server = await serve();
    const host = await started(server);
    const observer = await started(server, "observer");
    host.send("toggle_coach", { enabled: false });
    const seen = await Promise.all([host.next("coach_changed"), observer.next("coach_changed")]);
    expect(seen[0]).toEqual(seen[1]);
  });

  test("tells insights of every kind as the contract has them, and again in a replay", async () => {
    const server = await serve();
    const host = await started(server);
    const side = { speech_ms: 1, words: 1, words_per_minute: null, longest_monologue_ms: 1 };
    const counted = { ...side, interruptions: 0, questions: 0, fillers: 0 };
    const said = { segment_id: "s1", speaker: 1 as const, text: "¿y?", evidence: [{ start: 0, end: 3 }] };
    const told: StoredInsight[] = [
      { insight_id: "a", kind: "unanswered_question", status: "open", ts_ms: 1000, ...said },
      {
        insight_id: "b",
        kind: "conduct",
        ts_ms: 2000,
        conduct: { talk_ratio: 0.5, rep: counted, prospect: counted },
      },
      { insight_id: "c", kind: "nudge", ts_ms: 3000, code: "question_open", value: 1 },
    ];
    for (const insight of told) {
      call(server).publish((seq) => ({ type: "insight", data: { call_id: callId, seq, ...insight } }));
    }
    const observer = enter(server, "observer");
    await observer.next("session_started");
    observer.send("start_transcription", { after_seq: 0 });
    for (const client of [host, observer]) {
      for (const [index, insight] of told.entries()) {
        const { data } = await client.next("insight");
        expect(insightSchema.parse(data)).toMatchObject({ seq: index + 1, ...insight });
      }
    }
  });

  test.each([
    ["toggle_coach", undefined],
    ["toggle_coach", null],
    ["toggle_coach", {}],
    ["toggle_coach", { enabled: "yes" }],
    ["toggle_coach", []],
    ["toggle_coach", 7],
    ["choose_voice", undefined],
    ["choose_voice", { voice: -1 }],
    ["choose_voice", { voice: 0.5 }],
    ["choose_voice", { voice: "0" }],
    ["choose_voice", { voice: null }],
    ["start_transcription", { after_seq: -1 }],
    ["start_transcription", { after_seq: 1.5 }],
    ["start_transcription", { after_seq: "1" }],
    ["start_transcription", "text"],
    ["audio_lost", { first_sample: 0, samples: 0, reason: "x" }],
    ["audio_lost", { first_sample: 0, samples: 1e300, reason: "x" }],
    ["suggestion_feedback", { suggestion_id: "s", verdict: "great" }],
    ["suggestion_feedback", { suggestion_id: "", verdict: "used" }],
  ])("answers a malformed %s %j with an error and lives", async (type, data) => {
    const server = await serve();
    const client = await started(server);
    client.send(type, data);
    const { data: error } = await client.next("error");
    expect(error).toMatchObject({ call_id: callId, code: "malformed", retryable: false });
    await alive(client);
    expect(server.telemetry.of("malformed_messages")).toBe(1);
  });

  test.each(["shout", "__proto__", "constructor", "session_started", ""])(
    "answers a message of the unknown type %j with unknown_message and lives",
    async (type) => {
      const server = await serve();
      const client = await started(server);
      client.send(type, {});
      expect((await client.next("error")).data.code).toBe("unknown_message");
      await alive(client);
    },
  );

  test("ignores unknown keys and takes missing data where nothing is required", async () => {
    const server = await serve();
    const client = enter(server);
    await client.next("session_started");
    client.send("start_transcription", { after_seq: 0, mood: "good" });
    client.send("toggle_coach", { enabled: true, because: "I can" });
    client.send("ping");
    await client.next("pong");
    expect(call(server).log).toEqual(["start", "toggle true"]);
    expect(client.received.some((message) => message.type === "error")).toBe(false);
  });

  test("is closed with 4400 after a hundred malformed messages in a row, not before", async () => {
    const server = await serve();
    const client = await started(server);
    for (let index = 0; index < 99; index += 1) client.send("toggle_coach", { enabled: index });
    await alive(client);
    for (let index = 0; index < 99; index += 1) client.send("nonsense", {});
    await alive(client);
    for (let index = 0; index < 100; index += 1) client.send("nonsense", {});
    expect(await client.closed).toBe(closeCodes.malformed);
    const last = client.received.at(-1);
    expect(last?.data).toMatchObject({ code: "malformed", close_code: 4400 });
    expect(server.telemetry.of("connections_closed malformed")).toBe(1);
  });

  test("is closed with 1009 and a last error when a frame is above 1 MiB", async () => {
    const server = await serve();
    const client = await started(server);
    void client.audio(0, new Uint8Array(maxFrameBytes + 4));
    expect(await client.closed).toBe(closeCodes.tooLarge);
    expect(client.received.at(-1)?.data).toMatchObject({ code: "too_large", close_code: 1009 });
    expect(call(server).takenSamples).toBe(0);
    const next = await started(server);
    await alive(next);
  });

  test("takes a frame of exactly 1 MiB, which is more than may be undurable at once", async () => {
    const server = await serve();
    const client = await started(server);
    const pcm = new Uint8Array(maxFrameBytes).map((_, index) => index % 251);
    void client.audio(0, pcm);
    client.send("stop_transcription");
    await client.next("call_completed");
    expect(call(server).takenSamples).toBe(maxFrameBytes / 4);
    expect(Buffer.concat(call(server).audio).equals(pcm)).toBe(true);
    expect(call(server).mostUndurableSeconds).toBeLessThanOrEqual(10);
  });

  test.each([0, 1, 2, 3, 6401])(
    "refuses a frame of %i bytes whole as audio_misaligned and lives",
    async (bytes) => {
      const server = await serve();
      const client = await started(server);
      const ack = await client.audio(0, new Uint8Array(bytes));
      const error = ack === null ? (await client.next("error")).data : ack.ok ? null : ack.error;
      expect(error).toMatchObject({ code: "audio_misaligned", next_sample: 0, retryable: false });
      expect(call(server).takenSamples).toBe(0);
      await client.audio(0, frame());
      expect((await client.next("audio_ack")).data.next_sample).toBe(frameSamples);
    },
  );

  test("lets an observer start and ping, and nothing else", async () => {
    const server = await serve();
    const client = await started(server, "observer");
    client.send("pong");
    for (const [type, data] of [
      ["stop_transcription", {}],
      ["toggle_coach", { enabled: false }],
      ["choose_voice", { voice: 0 }],
      ["audio_lost", { first_sample: 0, samples: 1, reason: "x" }],
      ["suggestion_feedback", { suggestion_id: "s", verdict: "used" }],
    ] as const) {
      client.send(type, data);
      expect((await client.next("error")).data.code).toBe("not_allowed");
    }
    const ack = await client.audio(0, frame());
    const error = ack === null ? (await client.next("error")).data : ack.ok ? null : ack.error;
    expect(error?.code).toBe("not_allowed");
    await alive(client);
    expect(call(server).log).toEqual(["start"]);
  });

  test("declares lost audio and goes on behind it", async () => {
    const server = await serve();
    const client = await started(server);
    await client.audio(0, frame());
    client.send("audio_lost", { first_sample: frameSamples, samples: 16_000, reason: "tab closed" });
    await alive(client);
    await client.audio(frameSamples + 16_000, frame());
    client.send("stop_transcription");
    expect((await client.next("call_completed")).data.duration_ms).toBe(1200);
  });

  test("passes feedback on and tells of what the call refuses, and of a fault of ours without detail", async () => {
    const server = await serve();
    const client = await started(server);
    client.send("suggestion_feedback", { suggestion_id: "s1", verdict: "used" });
    client.send("suggestion_feedback", { suggestion_id: "unknown", verdict: "wrong" });
    expect((await client.next("error")).data.code).toBe("suggestion_not_found");
    client.send("suggestion_feedback", { suggestion_id: "broken", verdict: "wrong" });
    const { data } = await client.next("error");
    expect(data.code).toBe("internal");
    expect(data.message).not.toContain("fault of ours");
    await alive(client);
    expect(call(server).log).toContain("feedback s1 used");
  });
});
