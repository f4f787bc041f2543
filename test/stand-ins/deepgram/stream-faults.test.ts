import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { FaultSwitches } from "./faults.ts";
import { scriptedWords, type ScriptLine } from "./scripted-words.ts";
import { startDeepgramStandIn, type DeepgramStandIn } from "./stand-in.ts";
import { liveQuery, silence, TestClient, transcriptOf, wavOf, type ServerFrame } from "./test-client.ts";

/** Both sides, a sentence every 2.5 s each, for 20 s. */
const lines: readonly ScriptLine[] = Array.from({ length: 16 }, (_, i) => ({
  channel: i % 2,
  startMs: 1250 * i,
  endMs: 1250 * i + 1000,
  words: [`uno${i}`, `dos${i}`, `tres${i}`, `cuatro${i}`],
}));

let standIn: DeepgramStandIn | null = null;
afterEach(async () => {
  await standIn?.close();
  standIn = null;
});

async function start(faults: FaultSwitches): Promise<DeepgramStandIn> {
  standIn = await startDeepgramStandIn({
    words: scriptedWords({ lines, time: "stream" }),
    readSpeed: Infinity,
    faults,
  });
  return standIn;
}

async function hear(faults: FaultSwitches): Promise<TestClient> {
  const { url } = await start(faults);
  const query = { ...liveQuery, utterance_end_ms: "1000" };
  const client = await TestClient.open(url, { query });
  await client.sendAudio(silence(22_000), 2, 40);
  await client.finish();
  return client;
}

function expectAllSaid(client: TestClient): void {
  for (const channel of [0, 1]) {
    const all = lines.filter((line) => line.channel === channel).flatMap(({ words }) => words);
    expect(client.said(channel)).toBe(all.join(" "));
  }
}

describe("faults of a stream", () => {
  it.each([
    [{ kind: "close", code: 1011, reason: "gone", afterAudioMs: 1000 } as const, 1011],
    [{ kind: "close", code: 1008, reason: "DATA-0000", afterAudioMs: 1000 } as const, 1008],
    [{ kind: "reset", afterAudioMs: 1000 } as const, 1006],
    [{ kind: "cut", afterAudioMs: 1000 } as const, 1006],
  ])("end it by %o", async (drop, code) => {
    const { sessions, url } = await start({ drop: { ...drop, times: 1 } });
    const client = await TestClient.open(url);
    await client.sendAudio(silence(1500));
    expect((await client.closed).code).toBe(code);
    expect(sessions()[0]?.closed?.by).toBe("service");
    const next = await TestClient.open(url);
    await next.sendAudio(silence(3000));
    expect((await next.finish()).code).toBe(1000);
  });

  it("are for streams that are open already", async () => {
    const { setFaults, url } = await start({});
    const client = await TestClient.open(url);
    await client.sendAudio(silence(2000));
    setFaults({ drop: { kind: "reset" } });
    expect((await client.closed).code).toBe(1006);
  });

  it("stall it: nothing is read, not even a ping, and nothing said", async () => {
    const { openStreams, url } = await start({});
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
    await sleep(100);
    expect(client.socket.bufferedAmount).toBeGreaterThan(0);
    expect(client.frames.length).toBe(heard);
    expect(pongs).toBe(1);
  });

  it("mute it: pings are answered and nothing is said", async () => {
    const { url } = await start({ mute: { afterAudioMs: 3000 } });
    const client = await TestClient.open(url);
    let pongs = 0;
    client.socket.on("pong", () => (pongs += 1));
    await client.sendAudio(silence(3000));
    await client.until((frame) => frame.type === "Results");
    await client.sendAudio(silence(10_000));
    client.socket.ping();
    while (pongs === 0) await sleep(5);
    const heard = client.frames.length;
    await client.sendAudio(silence(3000));
    await sleep(100);
    expect(client.frames.length).toBe(heard);
  });

  it("leave CloseStream without an answer", async () => {
    const { url } = await start({ ignoreCloseStream: true });
    const client = await TestClient.open(url);
    client.send("CloseStream");
    await sleep(300);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });

  it("leave Finalize without an answer, and the stream goes on", async () => {
    const { url } = await start({ ignoreFinalize: true });
    const client = await TestClient.open(url);
    await client.sendAudio(silence(700));
    client.send("Finalize");
    await client.sendAudio(silence(21_300));
    await client.finish();
    expect(client.frames.some((frame) => frame.from_finalize === true)).toBe(false);
    expectAllSaid(client);
  });

  it("make one channel late: its words come after later ones of the other, in order", async () => {
    const client = await hear({ channelDelaysMs: [300, 0], jitterMs: 30 });
    expectAllSaid(client);
    const endOf = (frame: ServerFrame) => (frame.start ?? 0) + (frame.duration ?? 0);
    const isBehind = client.results.some((frame, i) =>
      client.results
        .slice(0, i)
        .some((earlier) => earlier.channel_index?.[0] === 1 && endOf(earlier) > endOf(frame) + 1),
    );
    expect(isBehind).toBe(true);
    expect(client.frames.at(-1)?.type).toBe("Metadata");
  });

  it("revise interims, which then shrink or say another word, and never finals", async () => {
    const client = await hear({ reviseInterims: true });
    expectAllSaid(client);
    const finalText = client.said(0);
    const words = client
      .interims(0)
      .flatMap((frame) => transcriptOf(frame).split(" "))
      .filter(Boolean);
    expect(words.some((word) => !finalText.includes(word))).toBe(true);
  });

  it("send Error messages in between, which end nothing", async () => {
    const client = await hear({ errorEvery: 5 });
    expect(client.frames.filter(({ type }) => type === "Error").length).toBeGreaterThan(2);
    expectAllSaid(client);
  });

  it("tell the end of an utterance without its time", async () => {
    const client = await hear({ utteranceEnds: "minus_one" });
    const ends = client.frames.filter(({ type }) => type === "UtteranceEnd");
    expect(ends.length).toBeGreaterThan(5);
    expect(ends.every((frame) => frame.last_word_end === -1)).toBe(true);
  });

  it("tell the end of an utterance when the next is on its way", async () => {
    const client = await hear({ utteranceEnds: "late" });
    const isStale = client.frames.some(
      (frame, i) =>
        frame.type === "UtteranceEnd" &&
        client.frames
          .slice(0, i)
          .some(
            (earlier) =>
              earlier.type === "Results" &&
              transcriptOf(earlier) !== "" &&
              (earlier.start ?? 0) > (frame.last_word_end ?? 0),
          ),
    );
    expect(isStale).toBe(true);
  });
});

describe("faults of recorded files", () => {
  const post = (url: string, body: BodyInit, query = "model=nova-3&language=es&multichannel=true") =>
    fetch(`${url}/v1/listen?${query}`, { method: "POST", headers: { authorization: "Token t" }, body });

  it("refuse them as often as the switch says", async () => {
    const { url } = await start({ recorded: { kind: "refuse", status: 503, times: 1 } });
    const refused = await post(url, wavOf(silence(1000), 2));
    expect(refused.status).toBe(503);
    expect(refused.headers.get("dg-request-id")).toBeTruthy();
    expect((await post(url, wavOf(silence(1000), 2))).status).toBe(200);
  });

  it("cut them, and leave streams alone", async () => {
    const { url } = await start({ recorded: { kind: "cut" } });
    await expect(post(url, wavOf(silence(1000), 2))).rejects.toThrow();
    await (await TestClient.open(url)).finish();
  });

  it("are 400 for what is no audio, and 401 without a key", async () => {
    const { url } = await start({});
    const refused = await post(url, "no audio at all");
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ err_code: "Bad Request" });
    const anonymous = await fetch(`${url}/v1/listen?model=nova-3`, { method: "POST", body: "x" });
    expect(anonymous.status).toBe(401);
  });

  it("leave the words of a file that is heard, with utterances where they were asked for", async () => {
    const { url } = await start({});
    const query = "model=nova-3&language=es&multichannel=true&utterances=true&diarize=true";
    const answer = (await (await post(url, wavOf(silence(5000), 2), query)).json()) as {
      results: {
        channels: Required<ServerFrame>["channel"][];
        utterances: { channel: number; transcript: string }[];
      };
    };
    expect(answer.results.channels[1]?.alternatives[0]?.words[0]).toMatchObject({
      word: "uno1",
      start: 1.25,
      speaker: 1,
      speaker_confidence: 0.8,
    });
    expect(answer.results.utterances.map(({ channel, transcript }) => [channel, transcript])).toEqual([
      [0, "uno0 dos0 tres0 cuatro0"],
      [0, "uno2 dos2 tres2 cuatro2"],
      [1, "uno1 dos1 tres1 cuatro1"],
      [1, "uno3 dos3 tres3 cuatro3"],
    ]);
  });
});
