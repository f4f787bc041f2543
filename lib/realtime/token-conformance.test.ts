import { describe, expect, test } from "vitest";
import type { CallTokens } from "../call/ports.ts";
import { closeCodes } from "../contract/vocabulary.ts";
import { alive, bench, call } from "./testing/bench.ts";
import { transportsUnderTest } from "./testing/test-client.ts";

const frame = new Uint8Array(1600 * 4).fill(1);

/** Tokens that live for so long from the moment they are shown. */
function shortLived(livesMs: number): CallTokens {
  return {
    issue: () => "unused",
    verify: (token, id) => ({
      callId: id,
      role: token.startsWith("host") ? "host" : "observer",
      expiresAtMs: Date.now() + livesMs,
      principalId: "user_1",
    }),
  };
}

describe.each(transportsUnderTest)("the token of a connection over $name", ({ connect }) => {
  const { serve, enter, started } = bench(connect);

  test.each(["host", "observer"] as const)("ends it when it expires, of a %s in mid-call", async (role) => {
    const server = await serve({ tokens: shortLived(400) });
    const client = await started(server, role);
    expect(await client.closed).toBe(closeCodes.token);
    expect(client.received.at(-1)?.data).toMatchObject({ code: "token_expired", close_code: 4401 });
    await expect.poll(() => call(server).log).toContain(`left ${role}`);
    expect(server.realtime.connections()).toBe(0);
  });

  test("is worth nothing once its account is gone", async () => {
    const server = await serve({ principalById: () => Promise.resolve(null) });
    const client = enter(server);
    expect(await client.closed).toBe(closeCodes.token);
    expect((await client.next("error")).data).toMatchObject({ code: "unauthorized" });
    expect(server.door.asked).toEqual([]);
  });

  test.each(["host", "observer"] as const)(
    "ends it when its account is removed in mid-call, of a %s",
    async (role) => {
      let removed = false;
      const server = await serve({
        principalById: (id) => Promise.resolve(removed ? null : { id, name: "ana", role: "rep" }),
        limits: { accountsEveryMs: 30 },
      });
      const client = await started(server, role);
      await new Promise((resolve) => setTimeout(resolve, 100));
      await alive(client);
      removed = true;
      expect(await client.closed).toBe(closeCodes.token);
      expect(client.received.at(-1)?.data).toMatchObject({ code: "unauthorized", close_code: 4401 });
      expect(server.realtime.connections()).toBe(0);
    },
  );

  test("ends it when its account may no longer see the call, and lets it in no more", async () => {
    let isManager = true;
    const server = await serve({
      maySee: () => Promise.resolve(isManager),
      limits: { accountsEveryMs: 30 },
    });
    const client = await started(server, "observer");
    isManager = false;
    expect(await client.closed).toBe(closeCodes.token);
    expect(await enter(server, "observer").closed).toBe(closeCodes.token);
  });

  test("goes on while nobody can say whether its account is still there", async () => {
    let fails = false;
    const server = await serve({
      principalById: (id) =>
        fails ? Promise.reject(new Error("no database")) : Promise.resolve({ id, name: "ana", role: "rep" }),
      limits: { accountsEveryMs: 20 },
    });
    const client = await started(server);
    fails = true;
    await new Promise((resolve) => setTimeout(resolve, 150));
    await alive(client);
  });

  test("lets the host go on when nobody can say whose account it is", async () => {
    const server = await serve({ principalById: () => Promise.reject(new Error("no database")) });
    const client = await started(server);
    const ack = await client.audio(0, frame);
    if (ack !== null) expect(ack.ok).toBe(true);
    else await client.next("audio_ack");
  });

  test("lets an observer watch, and nothing else", async () => {
    const server = await serve();
    const observer = await started(server, "observer");
    const before = [...call(server).log];
    for (const [type, data] of [
      ["stop_transcription", {}],
      ["toggle_coach", { enabled: false }],
      ["choose_voice", { voice: 0 }],
      ["audio_lost", { first_sample: 0, samples: 16, reason: "x" }],
      ["suggestion_feedback", { suggestion_id: "s1", verdict: "used" }],
    ] as const) {
      observer.send(type, data);
      expect((await observer.next("error")).data).toMatchObject({ code: "not_allowed", retryable: false });
    }
    const ack = await observer.audio(0, frame);
    const refusal = ack === null ? (await observer.next("error")).data : ack.ok ? null : ack.error;
    expect(refusal).toMatchObject({ code: "not_allowed" });
    await alive(observer);
    expect(call(server).log).toEqual(before);
  });

  test("of a manager lets an observer judge suggestions, and no more than that", async () => {
    const server = await serve({
      principalById: (id) => Promise.resolve({ id, name: "max", role: "manager" }),
    });
    const observer = await started(server, "observer");
    observer.send("suggestion_feedback", { suggestion_id: "s1", verdict: "wrong" });
    await alive(observer);
    expect(call(server).log).toContain("feedback s1 wrong");
    observer.send("toggle_coach", { enabled: false });
    expect((await observer.next("error")).data).toMatchObject({ code: "not_allowed" });
    expect(call(server).log.filter((line) => line.startsWith("toggle"))).toEqual([]);
  });
});
