import { describe, expect, test } from "vitest";
import { closeCodes } from "../contract/vocabulary.ts";
import { alive, bench, call, callId } from "./testing/bench.ts";
import { transportsUnderTest } from "./testing/test-client.ts";

/** 100 ms of stereo at 16 kHz. */
const frameSamples = 1600;
const frame = (): Uint8Array => new Uint8Array(frameSamples * 4).fill(1);

describe.each(transportsUnderTest)("a connection over $name", ({ name, connect }) => {
  const { serve, enter, started } = bench(connect);

  test("is pinged after one silence and closed with 4408 after a second one", async () => {
    const server = await serve({ timeoutSec: 0.2 });
    const client = enter(server);
    await client.next("ping");
    expect(await client.closed).toBe(closeCodes.silent);
    expect(client.received.at(-1)?.data).toMatchObject({ code: "silent", close_code: 4408 });
  });

  test("lives as long as it answers pings, with any message", async () => {
    const server = await serve({ timeoutSec: 0.2 });
    const client = enter(server, "observer");
    for (const answer of ["pong", "ping", "nonsense", "pong"]) {
      await client.next("ping");
      client.send(answer, {});
    }
    expect(server.realtime.connections()).toBe(1);
  });

  test("is taken over by the newest host, which goes on at the exact sample", async () => {
    const server = await serve();
    const old = await started(server);
    for (let index = 0; index < 7; index += 1) void old.audio(index * frameSamples, frame());
    await alive(old);
    const young = enter(server);
    expect((await young.next("session_started")).data.next_sample).toBe(7 * frameSamples);
    expect(await old.closed).toBe(closeCodes.takenOver);
    const errors = old.received.filter((message) => message.type === "error");
    expect(errors.map((error) => error.data.code)).toEqual(["taken_over"]);
    young.send("start_transcription");
    await young.audio(7 * frameSamples, frame());
    expect((await young.next("audio_ack")).data.next_sample).toBe(8 * frameSamples);
  });

  test.each([
    ["no token", null, "unauthorized"],
    ["an empty token", "", "unauthorized"],
    ["a token of another call", "host.call_of_others", "unauthorized"],
    ["a token that is none", "nonsense", "unauthorized"],
    ["an expired token", `expired.${callId}`, "token_expired"],
  ])("is refused with 4401 with %s", async (_what, token, code) => {
    const server = await serve();
    const client = enter(server, "host", { token });
    expect(await client.closed).toBe(closeCodes.token);
    expect((await client.next("error")).data).toMatchObject({ code, close_code: 4401, retryable: false });
    expect(server.door.asked).toEqual([]);
  });

  test("is refused with 4404 for a call that does not exist", async () => {
    const server = await serve();
    const client = enter(server, "host", { callId: "call_unknown" });
    expect(await client.closed).toBe(closeCodes.noSuchCall);
    expect(server.realtime.connections()).toBe(0);
  });

  test.each(["short", "no%2Fslash", "dots..dots", "x".repeat(65)])(
    "is refused with 4404 for the impossible id %s before anything is looked up",
    async (id) => {
      const server = await serve();
      const client = enter(server, "host", { callId: id, token: `host.${id.replaceAll(".", "-")}` });
      expect(await client.closed).toBe(closeCodes.noSuchCall);
      expect(server.door.asked).toEqual([]);
    },
  );

  test("is refused with 1001 while the calls are draining", async () => {
    const server = await serve();
    server.door.draining = true;
    expect(await enter(server).closed).toBe(closeCodes.draining);
  });

  test("is refused with 4403 when the call has as many observers as it may", async () => {
    const server = await serve({ limits: { observersPerCall: 2 } });
    const first = await started(server, "observer");
    await started(server, "observer");
    expect(await enter(server, "observer").closed).toBe(closeCodes.notAllowed);
    await started(server, "host");
    first.close();
    await first.closed;
    await expect.poll(() => server.realtime.connections()).toBe(2);
    await started(server, "observer");
  });

  test("leaves its seat when the client goes away", async () => {
    const server = await serve();
    const client = await started(server);
    client.close();
    await expect.poll(() => call(server).log).toContain("left host");
    expect(server.realtime.connections()).toBe(0);
    expect(server.telemetry.of("connections_closed client")).toBe(1);
  });

  test("is told 1001 when the server goes down, which does not wait for ever", async () => {
    const server = await serve();
    const client = await started(server);
    const { closed } = client;
    await server.realtime.close();
    expect(await closed).toBe(closeCodes.draining);
    expect(client.received.at(-1)?.data).toMatchObject({ code: "draining", retryable: true });
    expect(server.realtime.connections()).toBe(0);
    expect(server.telemetry.of("connections_closed draining")).toBe(1);
    expect(server.telemetry.of("events_sent session_started")).toBe(1);
    expect(
      server.telemetry.of(`connections_closed ${name === "Socket.IO" ? "socket.io" : "websocket"}`),
    ).toBe(1);
  });
});
