import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Clock, Logger } from "../call/ports.ts";
import type { TelemetryCounter } from "../call/telemetry-counters.ts";
import type { EngineEvent, TranscriptionEngine } from "../call/transcription-ports.ts";
import { describeEngineConformance, type SpeechFixture } from "./conformance.ts";
import {
  createEmbeddedEngine,
  liveCallsFor,
  type EmbeddedEngine,
  type EmbeddedEngineOptions,
} from "./embedded-engine.ts";
import { recordedSpeech } from "./recorded-speech.ts";

const timeoutMs = 120_000;
const counted = new Map<TelemetryCounter, number>();
const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quiet,
};
const clock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};

function embedded(options: Partial<EmbeddedEngineOptions> = {}): EmbeddedEngine {
  return createEmbeddedEngine({
    logger: quiet,
    telemetry: {
      count: (name, by = 1) => counted.set(name, (counted.get(name) ?? 0) + by),
      latency: () => undefined,
    },
    clock,
    recognizerUrl: new URL("../../workers/recognizer.ts", import.meta.url),
    recognizerExecArgv: ["--import", "tsx"],
    ...options,
  });
}

const spanish: SpeechFixture = await recordedSpeech("es", 4);
const english: SpeechFixture = await recordedSpeech("en", 2);

let engine: TranscriptionEngine;
beforeAll(async () => {
  engine = embedded();
  await engine.start();
}, timeoutMs);
afterAll(() => engine.close());

describeEngineConformance({
  name: "embedded",
  hears: true,
  fixture: spanish,
  engineFor: () => Promise.resolve(engine),
});

function interleaved(fixture: SpeechFixture): Uint8Array {
  const [left, right] = fixture.channels;
  const view = new DataView(new ArrayBuffer(left.length * 4));
  for (let i = 0; i < left.length; i++) {
    view.setInt16(i * 4, (left[i] ?? 0) * 32_767, true);
    view.setInt16(i * 4 + 2, (right[i] ?? 0) * 32_767, true);
  }
  return new Uint8Array(view.buffer);
}

function listen(to: TranscriptionEngine, fixture: SpeechFixture, onEvent: (event: EngineEvent) => void) {
  return to.open({
    callId: "call",
    language: fixture.language,
    sampleRateHz: 16_000,
    channels: 2,
    firstSample: 0,
    vadEnabled: true,
    keyterms: [],
    diarize: false,
    readRecording: () => Promise.resolve(new Uint8Array()),
    onEvent,
  });
}

describe("the embedded engine", { timeout: timeoutMs }, () => {
  it("hears English with the English weights while Spanish calls go on", async () => {
    const finals: string[] = [];
    const collect = (event: EngineEvent) => {
      if (event.type === "utterance" && event.isFinal) finals.push(event.text);
    };
    const streams = [english, spanish].map((fixture) => {
      const stream = listen(engine, fixture, collect);
      stream.write(interleaved(fixture));
      return stream.finish();
    });
    await Promise.all(streams);
    const said = finals.join(" ").toLowerCase();
    for (const line of [english.lines[0], spanish.lines[0]]) {
      const word = line?.text.toLowerCase().match(/\p{L}{5,}/u)?.[0] ?? "?";
      expect(said).toContain(word);
    }
  });

  it("goes on in another process when the recogniser dies: nothing said is lost or said twice", async () => {
    const own = embedded({ warmLanguages: ["es"] });
    await own.start();
    try {
      const events: EngineEvent[] = [];
      const stream = listen(own, spanish, (event) => events.push(event));
      const pcm = interleaved(spanish);
      const half = Math.floor(pcm.byteLength / 8) * 4;
      stream.write(pcm.subarray(0, half));
      await until(() => events.some((event) => event.type === "utterance" && event.isFinal));
      const processId = own.recognizerProcessId();
      expect(processId).not.toBeNull();
      process.kill(processId ?? 0, "SIGKILL");
      stream.write(pcm.subarray(half));
      await stream.finish();

      const finals = events.filter((event) => event.type === "utterance").filter(({ isFinal }) => isFinal);
      expect(new Set(finals.map(({ utteranceId }) => utteranceId)).size).toBe(finals.length);
      for (const line of spanish.lines) {
        const around = finals.filter(
          ({ channel, startSample, endSample }) =>
            channel === line.channel && startSample / 16 < line.endMs && endSample / 16 > line.startMs,
        );
        expect(around.length, line.text).toBeGreaterThan(0);
        const overlapping = around.flatMap(({ startSample, endSample }, i) =>
          around
            .slice(i + 1)
            .filter((other) => other.startSample < endSample && other.endSample > startSample),
        );
        expect(overlapping).toEqual([]);
      }
      expect(counted.get("engine_restarts")).toBe(1);
      const troubles = events.filter((event) => event.type === "trouble").map(({ state }) => state);
      expect(troubles).toContain("reconnecting");
      expect(troubles.at(-1)).toBe("live");
    } finally {
      await own.close();
    }
  });

  it("refuses a call in several languages", () => {
    expect(() =>
      engine.open({
        callId: "call",
        language: "multi",
        sampleRateHz: 16_000,
        channels: 1,
        firstSample: 0,
        vadEnabled: true,
        keyterms: [],
        diarize: false,
        readRecording: () => Promise.resolve(new Uint8Array()),
        onEvent: () => undefined,
      }),
    ).toThrow(expect.objectContaining({ code: "language_not_supported" }));
  });

  it("does not start when its recogniser cannot run", async () => {
    const broken = embedded({ recognizerUrl: new URL("./no-such-recognizer.ts", import.meta.url) });
    await expect(broken.start()).rejects.toMatchObject({ code: "engine_failed" });
    await broken.close();
  });

  it("names the licence of the weights of each language", () => {
    expect(engine.notice("es")?.licence).toContain("Moonshine AI Community License");
    expect(engine.notice("es")?.attribution).toBe("Powered by Moonshine AI");
    expect(engine.notice("en")?.licence).toContain("MIT");
  });

  it("carries fewer calls on a slower machine, and always one", () => {
    expect(liveCallsFor(80, 1)).toBeGreaterThan(1);
    expect(liveCallsFor(80, 2)).toBeGreaterThan(liveCallsFor(160, 2));
    expect(liveCallsFor(5000, 1)).toBe(1);
    expect(engine.maxLiveCalls()).toBeGreaterThanOrEqual(1);
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}
