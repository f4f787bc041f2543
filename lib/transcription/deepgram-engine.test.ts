import { afterEach, describe, expect, it } from "vitest";
import { scriptedWords, type ScriptLine } from "../../test/stand-ins/deepgram/scripted-words.ts";
import {
  startDeepgramStandIn,
  type DeepgramStandIn,
  type DeepgramStandInOptions,
} from "../../test/stand-ins/deepgram/stand-in.ts";
import { engineAt, KeptTelemetry, speak, spokenPcm } from "./deepgram/testing/spoken-call.ts";

const timeoutMs = 60_000;
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
  standIn = await startDeepgramStandIn({ words: scriptedWords({ lines, time: "marked" }), ...options });
  return standIn;
}

describe("a call with Deepgram", { timeout: timeoutMs }, () => {
  it("hears every word of both channels once", async () => {
    const service = await start();
    const kept = new KeptTelemetry();
    const heard = await speak({
      engine: engineAt(service.url, kept),
      pcm: spokenPcm(lines, 8, 2),
      channels: 2,
    });
    expect(heard.failure).toBeNull();
    expect(heard.said(0)).toBe("Buenos días, le llamo de Acme. Será un minuto.");
    expect(heard.said(1)).toBe("Ahora no tengo tiempo.");
    expect(heard.troubles).toEqual([]);
    expect(heard.billedSeconds).toBeCloseTo(16, 5);
    expect(service.sessions()[0]).toMatchObject({ emptyFrames: 0, closeStreams: 1, badTexts: 0 });
  });
});
