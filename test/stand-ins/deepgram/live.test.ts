import { afterEach, describe, expect, it } from "vitest";
import { markAudio } from "./marked-audio.ts";
import { scriptedWords, type ScriptLine } from "./scripted-words.ts";
import { startDeepgramStandIn, type DeepgramStandIn, type DeepgramStandInOptions } from "./stand-in.ts";
import { liveQuery, silence, TestClient, transcriptOf } from "./test-client.ts";

const lines: readonly ScriptLine[] = [
  { channel: 0, startMs: 500, endMs: 2500, words: ["Buenos", "días,", "le", "llamo", "de", "Acme."] },
  { channel: 1, startMs: 3000, endMs: 4200, words: ["Ahora", "no", "tengo", "tiempo."] },
  { channel: 0, startMs: 6000, endMs: 7000, words: ["Será", "un", "minuto."] },
];

let standIn: DeepgramStandIn | null = null;
afterEach(async () => {
  await standIn?.close();
  standIn = null;
});

async function start(options: Partial<DeepgramStandInOptions> = {}): Promise<DeepgramStandIn> {
  standIn = await startDeepgramStandIn({
    words: scriptedWords({ lines, time: "stream" }),
    readSpeed: Infinity,
    ...options,
  });
  return standIn;
}

describe("a stream", () => {
  it("says every word of the script once, on its channel, and ends with Metadata and 1000", async () => {
    const { url, sessions } = await start();
    const client = await TestClient.open(url);
    await client.sendAudio(silence(8000));
    expect(await client.finish()).toEqual({ code: 1000, reason: "" });
    expect(client.said(0)).toBe("Buenos días, le llamo de Acme. Será un minuto.");
    expect(client.said(1)).toBe("Ahora no tengo tiempo.");
    expect(client.frames.at(-1)).toMatchObject({ type: "Metadata", channels: 2, duration: 8 });
    expect(client.frames.at(-1)?.request_id).toBe(client.requestId);
    expect(sessions()[0]).toMatchObject({ receivedMs: 8000, frames: 80, closeStreams: 1 });
  });

  it("says nothing of audio that did not come", async () => {
    const { url } = await start();
    const client = await TestClient.open(url);
    await client.sendAudio(silence(1500));
    await client.finish();
    expect(client.said(0)).toBe("Buenos días, le");
    expect(client.said(1)).toBe("");
  });

  it("places segments end to end on each channel, with interims of the same start that a final replaces", async () => {
    const { url } = await start();
    const client = await TestClient.open(url);
    await client.sendAudio(silence(12_000));
    await client.finish();
    for (const channel of [0, 1]) {
      const ofChannel = client.results.filter((frame) => frame.channel_index?.[0] === channel);
      let start = 0;
      for (const frame of ofChannel) {
        expect(frame.start).toBeCloseTo(start, 4);
        expect(frame.channel_index).toEqual([channel, 2]);
        if (frame.is_final === true) start += frame.duration ?? 0;
        if (frame.speech_final === true) expect(frame.is_final).toBe(true);
        for (const word of frame.channel?.alternatives[0]?.words ?? []) {
          expect(word.start).toBeGreaterThanOrEqual((frame.start ?? 0) - 1e-4);
          expect(word.end).toBeLessThanOrEqual((frame.start ?? 0) + (frame.duration ?? 0) + 1e-4);
        }
      }
      expect(client.interims(channel).length).toBeGreaterThanOrEqual(8);
    }
  });
});

describe("marked audio", () => {
  it("says what the pieces hold, wherever they lie in the stream", async () => {
    const { url } = await start({ words: scriptedWords({ lines, time: "marked" }) });
    const pcm = markAudio(silence(8000), 2);
    const piece = (fromMs: number, toMs: number) => pcm.subarray(fromMs * 64, toMs * 64);
    const client = await TestClient.open(url);
    await client.sendAudio(piece(2700, 4500));
    await client.sendAudio(silence(1000));
    await client.sendAudio(piece(5900, 8000));
    await client.finish();
    expect(client.said(1)).toBe("Ahora no tengo tiempo.");
    expect(client.said(0)).toBe("Será un minuto.");
    const [word] = client.finals(0).flatMap((frame) => frame.channel?.alternatives[0]?.words ?? []);
    expect(word?.start).toBeCloseTo(2.9, 2);
  });
});

describe("a handshake", () => {
  it("is refused without a key, with the service's status, headers and body", async () => {
    const { url } = await start();
    const refused = await TestClient.refused(url, { headers: {} });
    expect(refused.status).toBe(401);
    expect(refused.body).toMatchObject({ err_code: "INVALID_AUTH", err_msg: "Invalid credentials." });
    expect(refused.headers["dg-request-id"]).toBe(refused.body.request_id);
    expect(refused.headers["dg-error"]).toBe("Invalid credentials.");
  });

  it("is refused as often as the switch says, and then let in", async () => {
    const { url, setFaults } = await start();
    setFaults({ handshake: { kind: "refuse", status: 429, times: 2 } });
    expect((await TestClient.refused(url)).body.err_code).toBe("TOO_MANY_REQUESTS");
    expect((await TestClient.refused(url)).status).toBe(429);
    const client = await TestClient.open(url);
    await client.finish();
  });
});

describe("faults of a stream", () => {
  it.each([
    [{ kind: "close", code: 1011, reason: "gone", afterAudioMs: 1000 } as const, 1011],
    [{ kind: "reset", afterAudioMs: 1000 } as const, 1006],
    [{ kind: "cut", afterAudioMs: 1000 } as const, 1006],
  ])("ends it by %o", async (drop, code) => {
    const { url } = await start({ faults: { drop } });
    const client = await TestClient.open(url, { query: liveQuery });
    await client.sendAudio(silence(1500));
    expect((await client.closed).code).toBe(code);
  });

  it("stalls it: nothing is read, not even a ping", async () => {
    const { url, openStreams } = await start();
    const client = await TestClient.open(url);
    let pongs = 0;
    client.socket.on("pong", () => (pongs += 1));
    client.socket.ping();
    await client.sendAudio(silence(1200));
    await client.until((frame) => transcriptOf(frame) !== "");
    openStreams()[0]?.stall();
    client.socket.ping();
    const heard = client.frames.length;
    for (let i = 0; i < 40 && client.socket.bufferedAmount === 0; i += 1)
      await client.sendAudio(silence(60_000));
    expect(client.socket.bufferedAmount).toBeGreaterThan(0);
    expect(client.frames.length).toBe(heard);
    expect(pongs).toBe(1);
  });
});
