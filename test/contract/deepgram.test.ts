import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import { rateHz, spokenPcm } from "../../lib/transcription/deepgram/testing/spoken-call.ts";
import { scriptedWords, type ScriptLine } from "../stand-ins/deepgram/scripted-words.ts";
import { startDeepgramStandIn, type DeepgramStandIn } from "../stand-ins/deepgram/stand-in.ts";
import { connectRaw, joined, play, transports } from "./call-client.ts";
import { ask, expectProblem, readCall, startBuiltServer, startCall } from "./server-under-test.ts";

const key = "dg-5d41402abc4b2a76b9719d911017c592";
const lines: readonly ScriptLine[] = [
  { channel: 0, startMs: 500, endMs: 2500, words: ["Buenos", "días,", "le", "llamo", "de", "Acme."] },
  { channel: 1, startMs: 3000, endMs: 5000, words: ["Es", "demasiado", "caro", "para", "nosotros."] },
];
const sound = { sampleRateHz: rateHz, channels: 2, pcm: Buffer.from(spokenPcm(lines, 7, 2)) };

let service: DeepgramStandIn;
let server: RunningServer;
beforeAll(async () => {
  service = await startDeepgramStandIn({ words: scriptedWords({ lines, time: "marked" }), keys: [key] });
  server = await startBuiltServer({
    DEEPGRAM_API_KEY: key,
    DEEPGRAM_BASE_URL: service.url,
    LOG_LEVEL: "debug",
  });
}, 120_000);
afterEach(() => {
  service.setFaults({});
});
afterAll(async () => {
  await server.stop();
  await service.close();
});

describe.each(transports)("a call that Deepgram transcribes, on $name", ({ connect }) => {
  it("§7 has its words with their times and confidence, and is coached", async () => {
    const call = await startCall(server, { language: "es", customer: { name: "Ana Ruiz", company: "Olmo" } });
    const host = connect(server, call);
    const started = await joined(host);
    expect(started.transcriber).toBe("deepgram");
    await play(host, sound, { speed: 1 });
    host.send("stop_transcription");
    const completed = await host.next("call_completed");
    expect(completed.reason).toBe("stopped");
    expect(host.all("objection_detected")[0]).toMatchObject({ type: "price", speaker: 1 });
    const stored = await readCall(server, call.call_id);
    expect(stored.call_metadata.transcriber).toBe("deepgram");
    expect(stored.segments.map(({ speaker, text }) => [speaker, text])).toEqual([
      [0, "Buenos días, le llamo de Acme."],
      [1, "Es demasiado caro para nosotros."],
    ]);
    const [word] = stored.segments[1]?.words ?? [];
    expect(word).toMatchObject({ text: "Es", ts_ms: 3000, end_ms: 3400, confidence: 0.95 });
    expect(word).not.toHaveProperty("estimated");
  });
});

describe("a call that Deepgram transcribes over a poor connection", () => {
  it("§5 goes on over a lost connection, which is told", async () => {
    service.setFaults({ drop: { kind: "reset", afterAudioMs: 4000, times: 1 } });
    const call = await startCall(server, { language: "es" });
    const host = connectRaw(server, call);
    await joined(host);
    await play(host, sound, { speed: 1 });
    host.send("stop_transcription");
    await host.next("call_completed");
    expect(host.all("status").map(({ state, reason }) => [state, reason])).toContainEqual([
      "reconnecting",
      "engine_connection",
    ]);
    const stored = await readCall(server, call.call_id);
    expect(stored.segments.map(({ text }) => text)).toEqual([
      "Buenos días, le llamo de Acme.",
      "Es demasiado caro para nosotros.",
    ]);
  });
});

describe("the settings of Deepgram", () => {
  it("§3 refuse with 422 what Deepgram would refuse, and name the setting", async () => {
    const english = await startBuiltServer({
      DEEPGRAM_API_KEY: key,
      DEEPGRAM_BASE_URL: service.url,
      DEEPGRAM_REDACT: "pci",
      LANGUAGE: "en",
    });
    try {
      const answer = await ask(english, "/session/start", { body: { language: "es" } });
      const problem = expectProblem(answer, 422, "language_not_supported");
      expect(problem.detail).toContain("DEEPGRAM_REDACT");
      await startCall(english, { language: "en" });
    } finally {
      await english.stop();
    }
  });

  it("§8 let the key be seen by nobody", () => {
    expect(server.output()).toContain("connected to Deepgram");
    expect(server.output()).not.toContain(key);
    for (const { query } of service.requests()) expect(JSON.stringify(query)).not.toContain(key);
  });
});
