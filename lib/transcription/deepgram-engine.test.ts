import { afterAll, describe, expect, it } from "vitest";
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

const services: DeepgramStandIn[] = [];
afterAll(async () => {
  await Promise.all(services.map((service) => service.close()));
});

async function start(options: Partial<DeepgramStandInOptions> = {}): Promise<DeepgramStandIn> {
  const service = await startDeepgramStandIn({ words: scriptedWords({ lines, time: "marked" }), ...options });
  services.push(service);
  return service;
}

describe.concurrent("a call with Deepgram", { timeout: timeoutMs }, () => {
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

  it("does not send long silence, keeps the connection, and misses no first word", async () => {
    const apart: readonly ScriptLine[] = [
      { channel: 0, startMs: 300, endMs: 1500, words: ["¿Hola?", "¿Me", "oye?"] },
      { channel: 1, startMs: 13_000, endMs: 14_200, words: ["Sí,", "le", "oigo."] },
    ];
    const service = await start({ words: scriptedWords({ lines: apart, time: "marked" }) });
    const kept = new KeptTelemetry();
    const heard = await speak({
      engine: engineAt(service.url, kept),
      pcm: spokenPcm(apart, 22, 2),
      channels: 2,
      vadEnabled: true,
    });
    expect(heard.said(0)).toBe("¿Hola? ¿Me oye?");
    expect(heard.said(1)).toBe("Sí, le oigo.");
    const late = heard.finals.find(({ channel }) => channel === 1);
    expect(Math.abs((late?.startSample ?? 0) / 16 - 13_000)).toBeLessThan(60);
    const [session] = service.sessions();
    expect(service.sessions()).toHaveLength(1);
    expect(session?.receivedMs).toBeLessThan(12_000);
    expect(session?.keepAlives).toBeGreaterThan(0);
    expect(session?.finalizes).toBeGreaterThan(0);
    const [sent = 0, spared = 0] = ["sent", "spared"].map((what) =>
      kept.counted.get(`engine_audio_seconds ${what}`),
    );
    expect(sent + spared).toBeCloseTo(44, 1);
    expect(heard.billedSeconds).toBeCloseTo(sent, 5);
    const progress = heard.told.map(({ event }) => event).filter((event) => event.type === "progress");
    const inSilence = progress.find(({ consumedSample }) => consumedSample > 11 * 16_000);
    expect(inSilence?.settledSample).toBeGreaterThan(7 * 16_000);
  });

  it("takes the silence of a service that answers no pings for silence", async () => {
    const early = [{ channel: 0, startMs: 300, endMs: 1500, words: ["¿Hola?", "¿Me", "oye?"] }];
    const service = await start({
      words: scriptedWords({ lines: early, time: "marked" }),
      answersPings: false,
    });
    const heard = await speak({
      engine: engineAt(service.url, new KeptTelemetry()),
      pcm: spokenPcm(early, 14, 2),
      channels: 2,
      vadEnabled: true,
    });
    expect(heard.said(0)).toBe("¿Hola? ¿Me oye?");
    expect(heard.troubles).toEqual([]);
    expect(service.sessions()).toHaveLength(1);
  });

  it("is told the languages of words, the voices, and the terms to listen for", async () => {
    const mixed: readonly ScriptLine[] = [
      { channel: 0, startMs: 300, endMs: 1500, words: ["Le", "mando"], language: "es", voice: 0 },
      { channel: 0, startMs: 1500, endMs: 2700, words: ["the", "quote."], language: "en", voice: 1 },
    ];
    const service = await start({ words: scriptedWords({ lines: mixed, time: "marked" }) });
    const heard = await speak({
      engine: engineAt(service.url, new KeptTelemetry()),
      pcm: spokenPcm(mixed, 4, 1),
      channels: 1,
      language: "multi",
      diarize: true,
      keyterms: ["Olmo", "Nube Plus"],
    });
    expect(heard.finals.map(({ text, voice }) => [voice, text])).toEqual([
      [0, "Le mando"],
      [1, "the quote."],
    ]);
    expect(heard.finals.flatMap(({ words }) => words).map(({ language }) => language)).toEqual([
      "es",
      "es",
      "en",
      "en",
    ]);
    expect(service.sessions()[0]?.query).toMatchObject({
      language: ["multi"],
      diarize: ["true"],
      endpointing: ["100"],
      keyterm: ["Olmo", "Nube Plus"],
    });
  });
});
