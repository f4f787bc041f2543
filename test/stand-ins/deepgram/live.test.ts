import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { markAudio } from "./marked-audio.ts";
import { scriptedWords, type ScriptLine } from "./scripted-words.ts";
import { startDeepgramStandIn, type DeepgramStandIn, type DeepgramStandInOptions } from "./stand-in.ts";
import { liveQuery, silence, TestClient, transcriptOf, type ServerFrame } from "./test-client.ts";

const lines: readonly ScriptLine[] = [
  { channel: 0, startMs: 500, endMs: 2500, words: ["Buenos", "días,", "le", "llamo", "de", "Acme."] },
  { channel: 1, startMs: 3000, endMs: 4200, words: ["Ahora", "no", "tengo", "tiempo."] },
  { channel: 0, startMs: 6000, endMs: 7000, words: ["Será", "un", "minuto."] },
];
/** 30 s without a pause, every word another. */
const monologue: readonly ScriptLine[] = [
  { channel: 0, startMs: 0, endMs: 30_000, words: Array.from({ length: 90 }, (_, i) => `palabra${i}`) },
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

function scripted(script: readonly ScriptLine[]): Pick<DeepgramStandInOptions, "words"> {
  return { words: scriptedWords({ lines: script, time: "stream" }) };
}

/** Everything that is said of so much silence. */
async function hear(
  options: Partial<DeepgramStandInOptions>,
  query: Readonly<Record<string, string>>,
  ms: number,
): Promise<TestClient> {
  const { url } = await start(options);
  const client = await TestClient.open(url, { query: { ...liveQuery, ...query } });
  await client.sendAudio(silence(ms));
  await client.finish();
  return client;
}

function ofType(client: TestClient, type: string): ServerFrame[] {
  return client.frames.filter((frame) => frame.type === type);
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
    expect(client.frames.at(-1)?.sha256).toMatch(/^[0-9a-f]{64}$/u);
    expect(sessions()[0]).toMatchObject({ receivedMs: 8000, frames: 80, closeStreams: 1 });
  });

  it("says nothing of audio that did not come", async () => {
    const client = await hear({}, {}, 1500);
    expect(client.said(0)).toBe("Buenos días, le");
    expect(client.said(1)).toBe("");
  });

  it("places segments end to end on each channel, with interims of their start, about one a second", async () => {
    const client = await hear({}, {}, 12_000);
    for (const channel of [0, 1]) {
      let start = 0;
      for (const frame of client.results.filter(({ channel_index: index }) => index?.[0] === channel)) {
        expect(frame.start).toBeCloseTo(start, 4);
        expect(frame.channel_index).toEqual([channel, 2]);
        if (frame.is_final === true) start += frame.duration ?? 0;
        if (frame.speech_final === true) expect(frame.is_final).toBe(true);
        for (const word of frame.channel?.alternatives[0]?.words ?? []) {
          expect(word.start).toBeGreaterThanOrEqual((frame.start ?? 0) - 1e-4);
          expect(word.end).toBeLessThanOrEqual((frame.start ?? 0) + (frame.duration ?? 0) + 1e-4);
        }
      }
      expect(client.interims(channel).length).toBeGreaterThanOrEqual(10);
      expect(client.interims(channel).length).toBeLessThanOrEqual(12);
    }
  });

  it("has times in 32 bits", async () => {
    const client = await hear({}, {}, 8000);
    const times = client.results.flatMap((frame) => [
      frame.start ?? 0,
      ...(frame.channel?.alternatives[0]?.words.map(({ start }) => start) ?? []),
    ]);
    for (const time of times) expect(String(time).replace(/\D/gu, "").length).toBeLessThanOrEqual(10);
    expect(times.some((time) => !Number.isInteger(time * 1000))).toBe(true);
  });

  it("says the whole turn on a pause: one final, speech_final, with silence after its last word", async () => {
    const client = await hear({}, { endpointing: "300" }, 3200);
    const [first] = client.finals(0);
    expect(first).toMatchObject({ start: 0, speech_final: true, from_finalize: false });
    expect(first?.duration).toBeCloseTo(2.8, 4);
    expect(transcriptOf(first ?? { type: "" })).toBe("Buenos días, le llamo de Acme.");
  });

  it("says it never on a pause without endpointing", async () => {
    const { url } = await start();
    const client = await TestClient.open(url, { query: { ...liveQuery, endpointing: "false" } });
    await client.sendAudio(silence(20_000));
    await client.until((frame) => (frame.start ?? 0) + (frame.duration ?? 0) >= 19);
    expect(client.finals(0).length).toBeGreaterThan(1);
    expect(client.finals(0).every((frame) => frame.speech_final === false)).toBe(true);
  });

  it("cuts who goes on speaking after 3 to 9 s at a word, often before the last one it had shown", async () => {
    const client = await hear(scripted(monologue), {}, 30_500);
    const cuts = client.finals(0).filter((frame) => frame.speech_final === false);
    expect(cuts.length).toBeGreaterThanOrEqual(3);
    for (const { duration } of cuts.slice(0, -1)) expect(duration).toBeLessThanOrEqual(9);
    for (const { duration } of cuts.slice(0, -1)) expect(duration).toBeGreaterThan(1);
    expect(client.said(0)).toBe((monologue[0]?.words ?? []).join(" "));
    const endsEarly = client.finals(0).some((final) => {
      const shown = client.interims(0).filter(({ start }) => start === final.start);
      return shown.some(({ duration }) => (duration ?? 0) > (final.duration ?? 0));
    });
    expect(endsEarly).toBe(true);
  });

  it("says empty results of silence", async () => {
    const client = await hear(scripted([]), {}, 15_000);
    expect(client.finals(0).length).toBeGreaterThan(0);
    for (const frame of client.results) {
      expect(frame.channel?.alternatives).toEqual([{ transcript: "", confidence: 0, words: [] }]);
    }
  });

  it("shows interims only to who asked for them", async () => {
    const client = await hear({}, { interim_results: "false" }, 8000);
    expect(client.interims(0)).toEqual([]);
    expect(client.said(0)).toBe("Buenos días, le llamo de Acme. Será un minuto.");
  });

  it("hears all channels as one without multichannel, with channel_index [0, 1]", async () => {
    const client = await hear({}, { multichannel: "false" }, 8000);
    expect(new Set(client.results.map((frame) => String(frame.channel_index)))).toEqual(new Set(["0,1"]));
    expect(client.said(0)).toBe("Buenos días, le llamo de Acme. Ahora no tengo tiempo. Será un minuto.");
    expect(client.frames.at(-1)?.channels).toBe(1);
  });

  it("writes words plainly, with punctuated_word and speaker only where they were asked for", async () => {
    const bare = await hear({}, { punctuate: "false" }, 8000);
    expect(bare.said(0)).toBe("buenos días le llamo de acme será un minuto");
    const words = (client: TestClient) =>
      client.finals(0).flatMap((frame) => frame.channel?.alternatives[0]?.words ?? []);
    expect(words(bare)[1]).toMatchObject({ word: "días" });
    expect(words(bare)[1]).not.toHaveProperty("punctuated_word");
    expect(words(bare)[1]).not.toHaveProperty("speaker");
    await standIn?.close();
    const full = await hear({}, { smart_format: "true", diarize: "true", punctuate: "false" }, 8000);
    expect(words(full)[1]).toMatchObject({ word: "días", punctuated_word: "días,", speaker: 0 });
    expect(words(full)[1]).not.toHaveProperty("speaker_confidence");
  });

  it("tells with multi the language of each word, and which a result has, most spoken first", async () => {
    const mixed: readonly ScriptLine[] = [
      { channel: 0, startMs: 0, endMs: 1000, words: ["Nuestro"], language: "es" },
      { channel: 0, startMs: 1000, endMs: 2000, words: ["cloud", "pricing"], language: "en" },
    ];
    const client = await hear(scripted(mixed), { language: "multi", endpointing: "100" }, 3000);
    const [alternative] = client.finals(0)[0]?.channel?.alternatives ?? [];
    expect(alternative?.languages).toEqual(["en", "es"]);
    expect(alternative?.words.map(({ language }) => language)).toEqual(["es", "en", "en"]);
    await standIn?.close();
    const one = await hear(scripted(mixed), { language: "es" }, 3000);
    expect(one.finals(0)[0]?.channel?.alternatives[0]).not.toHaveProperty("languages");
  });

  it("tells that speech began, and that an utterance ended, to who asked for it", async () => {
    const client = await hear({}, { vad_events: "true", utterance_end_ms: "1000" }, 9000);
    expect(ofType(client, "SpeechStarted")).toEqual([
      { type: "SpeechStarted", channel: [0, 2], timestamp: 0.5 },
      { type: "SpeechStarted", channel: [1, 2], timestamp: 3 },
      { type: "SpeechStarted", channel: [0, 2], timestamp: 6 },
    ]);
    expect(ofType(client, "UtteranceEnd")).toEqual([
      { type: "UtteranceEnd", channel: [0, 2], last_word_end: 2.5 },
      { type: "UtteranceEnd", channel: [1, 2], last_word_end: 4.2 },
      { type: "UtteranceEnd", channel: [0, 2], last_word_end: 7 },
    ]);
    await standIn?.close();
    const silent = await hear({}, {}, 9000);
    expect([...ofType(silent, "SpeechStarted"), ...ofType(silent, "UtteranceEnd")]).toEqual([]);
  });

  it("takes frames of any size, half samples included", async () => {
    const { url } = await start();
    const client = await TestClient.open(url);
    const pcm = silence(8000);
    for (let at = 0; at < pcm.byteLength; at += 4999) client.socket.send(pcm.subarray(at, at + 4999));
    await client.finish();
    expect(client.said(0)).toBe("Buenos días, le llamo de Acme. Será un minuto.");
  });
});

describe("what a client says", () => {
  it("flushes on Finalize, which a result says, and goes on at the same place", async () => {
    const { url } = await start();
    const client = await TestClient.open(url);
    await client.sendAudio(silence(1600));
    client.send("Finalize");
    const flushed = await client.until((frame) => frame.from_finalize === true);
    expect(flushed).toMatchObject({ is_final: true, start: 0 });
    expect(transcriptOf(flushed)).toBe("Buenos días, le");
    await client.sendAudio(silence(6400));
    await client.finish();
    expect(client.said(0)).toBe("Buenos días, le llamo de Acme. Será un minuto.");
  });

  it("gets no result on Finalize when little is buffered", async () => {
    const { url } = await start();
    const client = await TestClient.open(url);
    await client.sendAudio(silence(100));
    client.send("Finalize");
    await client.finish();
    expect(client.frames.some((frame) => frame.from_finalize === true)).toBe(false);
  });

  it("ends the stream with an empty binary frame, as with CloseStream", async () => {
    const { url, sessions } = await start();
    const client = await TestClient.open(url);
    await client.sendAudio(silence(3000));
    client.socket.send(new Uint8Array(0));
    expect((await client.closed).code).toBe(1000);
    expect(client.said(0)).toBe("Buenos días, le llamo de Acme.");
    expect(sessions()[0]?.emptyFrames).toBe(1);
  });

  it("gets no answer to KeepAlive", async () => {
    const { url, sessions } = await start();
    const client = await TestClient.open(url);
    client.send("KeepAlive");
    client.send("KeepAlive");
    await client.finish();
    expect(client.frames.map(({ type }) => type)).toEqual(["Metadata"]);
    expect(sessions()[0]?.keepAlives).toBe(2);
  });

  it.each(["not JSON", '{"type":"Sing"}', "[]"])(
    "gets a SchemaError for %s, and the stream goes on",
    async (text) => {
      const { url } = await start();
      const client = await TestClient.open(url);
      client.socket.send(text);
      expect(await client.until(({ type }) => type === "Error")).toMatchObject({ variant: "SchemaError" });
      await client.sendAudio(silence(3000));
      await client.finish();
      expect(client.said(0)).toBe("Buenos días, le llamo de Acme.");
    },
  );

  it("is closed with 1008 DATA-0000 for audio without an encoding", async () => {
    const { url } = await start();
    const client = await TestClient.open(url, { query: { model: "nova-3", language: "es" } });
    await client.sendAudio(silence(100));
    const { code, reason } = await client.closed;
    expect(code).toBe(1008);
    expect(reason).toMatch(/data-?0000/iu);
  });
});

describe("time limits", () => {
  it("close with 1011 NET-0001 who sends neither audio nor text", async () => {
    const { url } = await start({ idleTimeoutMs: 300 });
    const client = await TestClient.open(url);
    await client.sendAudio(silence(100));
    const { code, reason } = await client.closed;
    expect(code).toBe(1011);
    expect(reason).toMatch(/net-?0001/iu);
  });

  it("are kept off by KeepAlive, but not before the first audio", async () => {
    const { url } = await start({ idleTimeoutMs: 500 });
    const spoke = await TestClient.open(url);
    const silent = await TestClient.open(url);
    await spoke.sendAudio(silence(100));
    const beats = setInterval(() => {
      for (const client of [spoke, silent]) client.send("KeepAlive");
    }, 50);
    expect((await silent.closed).reason).toMatch(/net-?0001/iu);
    await sleep(1000);
    expect(spoke.socket.readyState).toBe(spoke.socket.OPEN);
    clearInterval(beats);
    await spoke.finish();
  });

  it("close with 1011 NET-0000 when audio has no answer for so long", async () => {
    const { url } = await start({ answerTimeoutMs: 400, faults: { mute: {} } });
    const client = await TestClient.open(url);
    const sending = setInterval(() => {
      client.socket.send(silence(50));
    }, 50);
    const { code, reason } = await client.closed;
    clearInterval(sending);
    expect(code).toBe(1011);
    expect(reason).toMatch(/net-?0000/iu);
    expect(client.frames).toEqual([]);
  });

  it("let audio be read at no more than 1.25 times real time: what is sent at once comes later, all of it", async () => {
    const { url } = await start({ readSpeed: 1.25 });
    const client = await TestClient.open(url);
    const startedMs = performance.now();
    await client.sendAudio(silence(5000));
    await client.finish();
    const tookMs = performance.now() - startedMs;
    expect(tookMs).toBeGreaterThan(5000 / 1.25 - 300);
    expect(client.said(0)).toBe("Buenos días, le llamo de Acme.");
    expect(client.said(1)).toBe("Ahora no tengo tiempo.");
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

  it("says a word twice that is sent twice, and none whose audio has a hole", async () => {
    const { url } = await start({ words: scriptedWords({ lines, time: "marked" }) });
    const pcm = markAudio(silence(8000), 2);
    const piece = (fromMs: number, toMs: number) => pcm.subarray(fromMs * 64, toMs * 64);
    const client = await TestClient.open(url);
    await client.sendAudio(piece(0, 3250));
    await client.sendAudio(piece(3350, 3950));
    await client.sendAudio(piece(2900, 8000));
    await client.finish();
    expect(client.said(1)).toBe("tengo Ahora no tengo tiempo.");
  });

  it("hears nothing in audio without marks", async () => {
    const { url } = await start({ words: scriptedWords({ lines, time: "marked" }) });
    const client = await TestClient.open(url);
    await client.sendAudio(silence(8000));
    await client.finish();
    expect(client.said(0) + client.said(1)).toBe("");
  });
});
