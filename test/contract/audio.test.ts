import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import type { SessionStartReply } from "../../lib/contract/rest.ts";
import { connectSocketIo, joined, play, type CallClient } from "./call-client.ts";
import { channelOf, interleave, parseWav, type Sound } from "./sound.ts";
import {
  ask,
  expectAlive,
  expectProblem,
  expectSecurityHeaders,
  startBuiltServer,
  startCall,
} from "./server-under-test.ts";

/** Values at and around every edge, no speech. */
function edgePcm(samples: number, seed: number): Int16Array {
  const edges = [0, 1, -1, 2, -2, 3, -3, 32_767, -32_768, 32_766, -32_767, 12_345, -54];
  return Int16Array.from({ length: samples }, (_, index) => edges[(index * seed + (index >> 4)) % 13] ?? 0);
}

const samples = 4000;
const first = edgePcm(samples, 3);
const second = edgePcm(samples, 5);
const sound: Sound = { sampleRateHz: 16_000, channels: 2, pcm: interleave(first, second) };

let server: RunningServer;
beforeAll(async () => {
  server = await startBuiltServer();
}, 120_000);
afterAll(async () => {
  await server.stop();
});

const wav = (callId: string, view: string, headers: Record<string, string> = {}, method = "GET") =>
  ask(server, `/calls/${callId}/audio/${view}.wav`, { headers, method });

async function recorded(body: unknown): Promise<{ call: SessionStartReply; client: CallClient }> {
  const call = await startCall(server, body);
  const client = connectSocketIo(server, call);
  await joined(client);
  await play(client, { ...sound, channels: 2 }, { speed: 100 });
  return { call, client };
}

async function completed(client: CallClient): Promise<void> {
  client.send("stop_transcription");
  await client.next("call_completed");
}

const bytesOf = (values: Int16Array): Buffer => interleave(values);

function expectWav(body: Buffer, values: Int16Array, sampleRateHz = 16_000): void {
  const parsed = parseWav(body);
  expect(parsed).toMatchObject({ channels: 1, sampleRateHz });
  expect(body.length).toBe(44 + values.length * 2);
  expect(parsed.pcm.equals(bytesOf(values))).toBe(true);
}

describe("§3 the audio of a call", () => {
  it.each([
    ["LR", first, second],
    ["RL", second, first],
  ])("§3 in layout %s mic is the rep and loop the prospect, to the sample", async (layout, mic, loop) => {
    const { call, client } = await recorded({ stereo_layout: layout });
    await completed(client);
    expectWav((await wav(call.call_id, "mic")).body, mic);
    expectWav((await wav(call.call_id, "loop")).body, loop);
    const mix = channelOf(parseWav((await wav(call.call_id, "mix")).body), 0);
    expect(mix).toHaveLength(samples);
    mix.forEach((value, index) => {
      const sum = (mic[index] ?? 0) + (loop[index] ?? 0);
      // A half may go to either neighbour.
      expect(Math.abs(2 * value - sum)).toBeLessThanOrEqual(1);
      if (sum % 2 === 0) expect(value).toBe(sum / 2);
    });
  });

  it("§3 a mono call has only mix; the others are 404 no_such_channel", async () => {
    const call = await startCall(server, { audio_mode: "mono", sample_rate: 8000 });
    const client = connectSocketIo(server, call);
    await joined(client);
    const pcm = bytesOf(first);
    expect(await client.audio(0, pcm)).toEqual({ ok: true, next_sample: samples });
    for (const state of ["live", "completed"]) {
      if (state === "completed") await completed(client);
      expectWav((await wav(call.call_id, "mix")).body, first, 8000);
      for (const view of ["mic", "loop"]) {
        expectProblem(await wav(call.call_id, view), 404, "no_such_channel");
      }
    }
    await expectAlive(server);
  });

  it("§3 while the call is live every reply is a snapshot of what is durable", async () => {
    const { call, client } = await recorded({});
    const before = await wav(call.call_id, "mic");
    expect(before.status).toBe(200);
    expect(before.headers).toMatchObject({
      etag: `"${samples}"`,
      "content-length": String(44 + samples * 2),
      "content-type": "audio/wav",
      "accept-ranges": "bytes",
    });
    expectWav(before.body, first);
    expect(await client.audio(samples, sound.pcm)).toEqual({ ok: true, next_sample: 2 * samples });
    const after = await wav(call.call_id, "mic");
    expect(after.headers.etag).toBe(`"${2 * samples}"`);
    expectWav(after.body, Int16Array.from([...first, ...first]));

    // A part of the old version is not given for the new one.
    const range = { Range: "bytes=44-143" };
    const stale = await wav(call.call_id, "mic", { ...range, "If-Range": `"${samples}"` });
    expect(stale.status).toBe(200);
    expect(stale.headers.etag).toBe(`"${2 * samples}"`);
    expect(stale.body.length).toBe(44 + 4 * samples);
    const fresh = await wav(call.call_id, "mic", { ...range, "If-Range": `"${2 * samples}"` });
    expect(fresh.status).toBe(206);
    expect(fresh.body.equals(bytesOf(first).subarray(0, 100))).toBe(true);
  });

  it("§3 a call without audio yet is an empty WAV", async () => {
    const call = await startCall(server);
    const answer = await wav(call.call_id, "mix");
    expect(answer.headers.etag).toBe('"0"');
    expectWav(answer.body, new Int16Array(0));
  });

  describe("of a completed call", () => {
    let callId: string;
    const whole = Buffer.alloc(44 + samples * 2);
    beforeAll(async () => {
      const { call, client } = await recorded({});
      await completed(client);
      callId = call.call_id;
      (await wav(callId, "loop")).body.copy(whole);
    });

    it("§3 HEAD tells what GET would, without a body", async () => {
      const [head, get] = [await wav(callId, "loop", {}, "HEAD"), await wav(callId, "loop")];
      expect(head.status).toBe(200);
      expect(head.body.length).toBe(0);
      for (const name of ["content-length", "etag", "content-type", "accept-ranges"]) {
        expect(head.headers[name], name).toBe(get.headers[name]);
      }
      expect(get.headers["content-length"]).toBe(String(whole.length));
      expect(get.headers.etag).toBe(`"${samples}"`);
      expectSecurityHeaders(head);
    });

    it.each([
      ["bytes=0-0", 0, 0],
      ["bytes=0-43", 0, 43],
      ["bytes=43-44", 43, 44],
      ["bytes=100-", 100, 8043],
      ["bytes=-1", 8043, 8043],
      ["bytes=-9000000", 0, 8043],
      ["bytes=8000-99999999", 8000, 8043],
      ["bytes=101-104", 101, 104],
      ["Bytes=5-6", 5, 6],
    ])("§3 Range %j is 206 with just those bytes", async (range, from, to) => {
      const answer = await wav(callId, "loop", { Range: range });
      expect(answer.status).toBe(206);
      expect(answer.headers["content-range"]).toBe(`bytes ${from}-${to}/${whole.length}`);
      expect(answer.headers["content-length"]).toBe(String(to - from + 1));
      expect(answer.headers.etag).toBe(`"${samples}"`);
      expect(answer.body.equals(whole.subarray(from, to + 1))).toBe(true);
      expectSecurityHeaders(answer);
    });

    it.each(["bytes=8044-", "bytes=9000000000-9000000001", "bytes=-0"])(
      "§3 Range %j is 416 with the length",
      async (range) => {
        const answer = await wav(callId, "loop", { Range: range });
        expectProblem(answer, 416, "range_not_satisfiable");
        expect(answer.headers["content-range"]).toBe(`bytes */${whole.length}`);
        await expectAlive(server);
      },
    );

    it.each(["bytes=5-4", "bytes=a-b", "samples=0-4", "bytes=", "bytes=-", "nonsense"])(
      "§3 Range %j is no range: the whole",
      async (range) => {
        const answer = await wav(callId, "loop", { Range: range });
        expect(answer.status).toBe(200);
        expect(answer.body.equals(whole)).toBe(true);
      },
    );

    it("§3 If-Range with another version, a weak one or a date gives the whole", async () => {
      for (const validator of ['"3999"', `W/"${samples}"`, "Mon, 01 Jan 2024 00:00:00 GMT"]) {
        const answer = await wav(callId, "loop", { Range: "bytes=0-9", "If-Range": validator });
        expect(answer.status, validator).toBe(200);
        expect(answer.body.equals(whole)).toBe(true);
      }
    });

    it("§3 If-None-Match with the same version is 304", async () => {
      const answer = await wav(callId, "loop", { "If-None-Match": `"${samples}"` });
      expect(answer.status).toBe(304);
      expect(answer.body.length).toBe(0);
      expectSecurityHeaders(answer);
    });

    it("§3 there is no other view, and a call that is not there has none", async () => {
      for (const view of ["stereo", "MIX", "mix.wav", "..%2Fsecret"]) {
        expect((await wav(callId, view)).status, view).toBe(404);
      }
      expectProblem(await wav("no-such-call", "mix"), 404, "call_not_found");
      expectProblem(await wav("%2e%2e%2f%2e%2e", "mix"), 404, "call_not_found");
      expectProblem(await wav(callId, "mix", {}, "POST"), 405, "method_not_allowed");
      await expectAlive(server);
    });
  });
});
