import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import { connectRaw, connectSocketIo, joined, transports } from "./call-client.ts";
import { patternPcm } from "./sound.ts";
import {
  ask,
  eventually,
  expectProblem,
  readCall,
  startBuiltServer,
  startCall,
} from "./server-under-test.ts";

let server: RunningServer;
let brief: RunningServer;
beforeAll(async () => {
  [server, brief] = await Promise.all([
    startBuiltServer({ WEBSOCKET_TIMEOUT_SEC: "1", RESUME_WINDOW_SEC: "1", MAX_LIVE_CALLS: "3" }),
    startBuiltServer({ SESSION_TIMEOUT_SEC: "2", RESUME_WINDOW_SEC: "1" }),
  ]);
}, 120_000);
afterAll(async () => {
  await Promise.all([server.stop(), brief.stop()]);
});

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.each(transports)("on $name", ({ connect }) => {
  it("§5 pings after WEBSOCKET_TIMEOUT_SEC of silence and closes with 4408 after a second", async () => {
    const client = connect(server, await startCall(server));
    await client.next("session_started");
    const ping = await client.next("ping", undefined, 3000);
    expect(Object.keys(ping).sort()).toEqual(["call_id", "timestamp"]);
    expect(await client.closed).toBe(4408);
  });

  it.each(["pong", "nonsense"])("§5 any message counts as an answer, %s too", async (answer) => {
    const client = connect(server, await startCall(server));
    await client.next("session_started");
    for (let count = 0; count < 2; count += 1) {
      await client.next("ping", undefined, 3000);
      if (answer === "nonsense") client.sendNonsense();
      else client.send(answer, {});
    }
    client.send("ping", {});
    await client.next("pong");
    client.close();
  });

  it("§5 audio counts as an answer: who sends is not pinged away", async () => {
    const call = await startCall(server);
    const client = connect(server, call);
    await joined(client);
    for (let sample = 0; sample < 16_000; sample += 1600) {
      await client.audio(sample, patternPcm(sample, 1600));
      await sleep(300);
    }
    expect(client.all("ping")).toEqual([]);
    expect(client.all("audio_ack").at(-1)?.next_sample).toBeGreaterThanOrEqual(14_400);
    client.send("stop_transcription");
    await client.next("call_completed");
  });

  it("§5 a call whose host stays away for RESUME_WINDOW_SEC is completed as abandoned", async () => {
    const call = await startCall(server);
    const client = connect(server, call);
    await joined(client);
    await client.audio(0, patternPcm(0, 1600));
    await client.next("audio_ack");
    client.close();
    await eventually(
      async () => (await readCall(server, call.call_id)).status === "waiting",
      "the call waits for its host",
      900,
    );
    const done = await eventually(async () => {
      const read = await readCall(server, call.call_id);
      return read.status === "completed" && read;
    }, "the call is completed");
    expect(done).toMatchObject({ next_sample: 1600, call_metadata: { completion_reason: "abandoned" } });
    const late = connect(server, call);
    await joined(late);
    expect(await late.next("call_completed")).toMatchObject({ reason: "abandoned", duration_ms: 100 });
    expect(await late.closed).toBe(1000);
  });

  it("§5 SESSION_TIMEOUT_SEC ends the call with time_limit, and then its token ends too (4401)", async () => {
    const call = await startCall(brief);
    const client = connect(brief, call);
    await joined(client);
    await client.audio(0, patternPcm(0, 3200));
    expect(await client.next("call_completed")).toMatchObject({ reason: "time_limit", duration_ms: 200 });
    expect(await client.closed).toBe(1000);
    await sleep(Math.max(0, Date.parse(call.expires_at) - Date.now()) + 50);
    expect(await connect(brief, call).closed).toBe(4401);
    expect(await readCall(brief, call.call_id)).toMatchObject({ status: "completed", next_sample: 3200 });
  });
});

it("§5 a call that no host ever joined, or with no audio, is deleted", async () => {
  const [unjoined, silent] = [await startCall(server), await startCall(server)];
  const client = connectRaw(server, silent);
  await joined(client);
  client.close();
  for (const call of [unjoined, silent]) {
    await eventually(
      async () => (await ask(server, `/calls/${call.call_id}`)).status === 404,
      "the call is deleted",
    );
  }
  await eventually(
    async () => (await connectSocketIo(server, silent).closed) === 4404,
    "its socket is refused with 4404",
  );
});

it("§3 one call more than MAX_LIVE_CALLS is 429 with Retry-After, until one is completed", async () => {
  const sessionsActive = async (): Promise<unknown> => {
    const health = JSON.parse((await ask(server, "/healthz")).body.toString()) as Record<string, unknown>;
    return health.sessions_active;
  };
  await eventually(async () => (await sessionsActive()) === 0, "no call is left");
  const calls = [await startCall(server), await startCall(server), await startCall(server)];
  const refused = await ask(server, "/session/start", { method: "POST" });
  expectProblem(refused, 429, "too_many_calls");
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  expect(await sessionsActive()).toBe(3);
  const [one] = calls;
  if (one === undefined) throw new Error("no call");
  const client = connectSocketIo(server, one);
  await joined(client);
  client.send("stop_transcription");
  await client.closed;
  await startCall(server);
});
