import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Logger } from "../../../lib/call/ports.ts";
import { systemClock } from "../../../lib/platform/clock.ts";
import type { SpeechFixture } from "../../../lib/transcription/conformance.ts";
import { createEmbeddedEngine, type EmbeddedEngine } from "../../../lib/transcription/embedded-engine.ts";
import { recordedSpeech } from "../../../lib/transcription/recorded-speech.ts";
import { recognisedWords } from "./recognised-words.ts";
import { startDeepgramStandIn, type DeepgramStandIn } from "./stand-in.ts";
import { liveQuery, silence, TestClient, transcriptOf, wavOf, type ServerFrame } from "./test-client.ts";

const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quiet,
};
/** A bound on what must end, not on how fast it is. */
const timeoutMs = 120_000;
const spanish: SpeechFixture = await recordedSpeech("es", 4);

let engine: EmbeddedEngine;
let standIn: DeepgramStandIn;
beforeAll(async () => {
  engine = createEmbeddedEngine({
    logger: quiet,
    telemetry: { count: () => undefined, latency: () => undefined },
    clock: systemClock,
    recognizerUrl: new URL("../../../workers/recognizer.ts", import.meta.url),
    recognizerExecArgv: ["--import", "tsx"],
    warmLanguages: ["es"],
  });
  await engine.start();
  standIn = await startDeepgramStandIn({
    words: recognisedWords({ engine, multiLanguage: "es" }),
    readSpeed: Infinity,
  });
}, timeoutMs);
afterAll(async () => {
  await standIn.close();
  await engine.close();
});

/** Both sides, one a channel or both in one. */
function pcmOf({ channels: [left, right] }: SpeechFixture, channels: 1 | 2): Uint8Array {
  const view = new DataView(new ArrayBuffer(left.length * 2 * channels));
  const value = (sample: number) => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_767)));
  for (let i = 0; i < left.length; i += 1) {
    const [l = 0, r = 0] = [left[i], right[i]];
    if (channels === 1) view.setInt16(i * 2, value(l + r), true);
    else {
      view.setInt16(i * 4, value(l), true);
      view.setInt16(i * 4 + 2, value(r), true);
    }
  }
  return new Uint8Array(view.buffer);
}

function plainWords(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Of the words that were spoken on the channel, the share that was heard. */
function shareHeard(said: string, channel: number | null): number {
  const wanted = spanish.lines
    .filter((line) => channel === null || line.channel === channel)
    .flatMap(({ text }) => plainWords(text));
  const heard = new Set(plainWords(said));
  return wanted.filter((word) => heard.has(word)).length / wanted.length;
}

function expectInPlace(results: readonly ServerFrame[]): void {
  let end = 0;
  for (const frame of results.filter(({ is_final }) => is_final === true)) {
    expect(frame.start).toBeCloseTo(end, 3);
    end = (frame.start ?? 0) + (frame.duration ?? 0);
    for (const word of frame.channel?.alternatives[0]?.words ?? []) {
      expect(word.start).toBeGreaterThanOrEqual((frame.start ?? 0) - 1e-3);
      expect(word.end).toBeLessThanOrEqual(end + 1e-3);
    }
  }
}

describe("recognised words", { timeout: timeoutMs }, () => {
  it("are those that were spoken, on their channels, once", async () => {
    const client = await TestClient.open(standIn.url);
    await client.sendAudio(pcmOf(spanish, 2), 2, 6);
    await client.finish();
    for (const channel of [0, 1]) {
      expect(shareHeard(client.said(channel), channel)).toBeGreaterThan(0.7);
      expect(shareHeard(client.said(channel), 1 - channel)).toBeLessThan(0.6);
      expectInPlace(client.results.filter((frame) => frame.channel_index?.[0] === channel));
    }
    const spoken = spanish.lines.flatMap(({ text }) => plainWords(text)).length;
    const heard = plainWords(`${client.said(0)} ${client.said(1)}`).length;
    expect(heard).toBeLessThan(spoken * 1.15);
    expect(client.finals(0).some((frame) => frame.speech_final === true)).toBe(true);
  });

  it("come as interims while they are spoken", async () => {
    const client = await TestClient.open(standIn.url);
    const firstEndMs = spanish.lines[0]?.endMs ?? 0;
    await client.sendAudio(pcmOf(spanish, 2).subarray(0, (firstEndMs + 1500) * 64), 2, 1);
    const interims = client.interims(spanish.lines[0]?.channel ?? 0);
    expect(interims.some((frame) => transcriptOf(frame) !== "")).toBe(true);
    await client.finish();
  });

  it("are all there on Finalize, and the stream goes on after it", async () => {
    const client = await TestClient.open(standIn.url);
    const pcm = pcmOf(spanish, 2);
    const half = 64 * Math.floor(pcm.byteLength / 128);
    await client.sendAudio(pcm.subarray(0, half));
    client.send("Finalize");
    await client.until((frame) => frame.from_finalize === true);
    await client.sendAudio(pcm.subarray(half));
    await client.finish();
    expect(shareHeard(`${client.said(0)} ${client.said(1)}`, null)).toBeGreaterThan(0.7);
    expectInPlace(client.results.filter((frame) => frame.channel_index?.[0] === 0));
  });

  it("are none where nobody speaks", async () => {
    const client = await TestClient.open(standIn.url);
    await client.sendAudio(silence(15_000));
    await client.finish();
    expect(client.said(0) + client.said(1)).toBe("");
    expect(client.finals(0).length).toBeGreaterThan(0);
  });

  it("say with diarization which voice they are, by its pitch", async () => {
    const query = { ...liveQuery, channels: "1", multichannel: "false", diarize: "true" };
    const client = await TestClient.open(standIn.url, { query });
    await client.sendAudio(pcmOf(spanish, 1), 1);
    await client.finish();
    expect(client.results.every((frame) => frame.channel_index?.[1] === 1)).toBe(true);
    const words = client.finals().flatMap((frame) => frame.channel?.alternatives[0]?.words ?? []);
    expect(shareHeard(client.said(), null)).toBeGreaterThan(0.7);
    const voicesOf = (line: SpeechFixture["lines"][number]) =>
      words
        .filter(({ start, end }) => start * 1000 >= line.startMs - 100 && end * 1000 <= line.endMs + 400)
        .map(({ speaker }) => speaker ?? -1);
    // The most frequent one of a line: words at its borders may be taken for the other's.
    const voices = spanish.lines.map((line) => {
      const said = voicesOf(line).sort();
      return said[Math.floor(said.length / 2)];
    });
    const first = spanish.lines.findIndex(({ channel }) => channel === 0);
    const second = spanish.lines.findIndex(({ channel }) => channel === 1);
    expect(new Set([voices[first], voices[second]])).toEqual(new Set([0, 1]));
    expect(voices).toEqual(spanish.lines.map(({ channel }) => voices[channel === 0 ? first : second]));
  });

  it("are refused in a language that the recogniser does not hear", async () => {
    const refused = await TestClient.refused(standIn.url, { query: { ...liveQuery, language: "fr" } });
    expect(refused.status).toBe(400);
  });

  it("are given for a recorded file, with the service's metadata", async () => {
    const pcm = pcmOf(spanish, 2);
    const reply = await fetch(
      `${standIn.url}/v1/listen?model=nova-3&language=es&multichannel=true&punctuate=true`,
      {
        method: "POST",
        headers: { authorization: "Token of-a-test", "content-type": "audio/wav" },
        body: wavOf(pcm, 2),
      },
    );
    expect(reply.status).toBe(200);
    const answer = (await reply.json()) as {
      metadata: { request_id: string; channels: number; duration: number };
      results: { channels: Required<ServerFrame>["channel"][] };
    };
    expect(answer.metadata.request_id).toBe(reply.headers.get("dg-request-id"));
    expect(answer.metadata.channels).toBe(2);
    expect(answer.metadata.duration).toBeCloseTo(pcm.byteLength / 64_000, 2);
    answer.results.channels.forEach((channel, i) => {
      expect(shareHeard(channel.alternatives[0]?.transcript ?? "", i)).toBeGreaterThan(0.7);
    });
  });
});
