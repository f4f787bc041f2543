import { describe, expect, it } from "vitest";
import type { EngineEvent } from "../call/transcription-ports.ts";
import { describeEngineConformance } from "./conformance.ts";
import { createScriptedEngine } from "./scripted-engine.ts";

const silence = new Float32Array(16_000 * 6);

describeEngineConformance({
  name: "scripted",
  hears: false,
  fixture: {
    language: "es",
    channels: [silence, silence],
    lines: [
      { channel: 0, startMs: 500, endMs: 2000, text: "Buenos días, soy Laura" },
      { channel: 1, startMs: 2400, endMs: 3000, text: "Sí, dígame" },
      { channel: 0, startMs: 3500, endMs: 5200, text: "Le llamo por las facturas" },
    ],
  },
  engineFor: (script) => Promise.resolve(createScriptedEngine({ script })),
});

describe("the scripted engine", () => {
  it("ends with an empty final what its script takes back", async () => {
    const events: EngineEvent[] = [];
    const engine = createScriptedEngine({
      script: [{ channel: 0, startMs: 0, endMs: 1000, words: ["hola", "hola"], finalWords: [] }],
    });
    const stream = engine.open({
      callId: "call",
      language: "es",
      sampleRateHz: 8000,
      channels: 1,
      firstSample: 0,
      vadEnabled: true,
      keyterms: [],
      diarize: false,
      readRecording: () => Promise.resolve(new Uint8Array()),
      onEvent: (event) => events.push(event),
    });
    for (let i = 0; i < 12; i++) stream.write(new Uint8Array(1600));
    await stream.finish();
    const said = events
      .filter((event) => event.type === "utterance")
      .map(({ isFinal, text }) => [isFinal, text]);
    expect(said).toEqual([
      [false, "hola"],
      [true, ""],
    ]);
  });

  it("refuses a call in a language it does not have", () => {
    const engine = createScriptedEngine({ script: [] });
    const options = { callId: "call", sampleRateHz: 8000, channels: 1, firstSample: 0 } as const;
    const rest = {
      vadEnabled: true,
      keyterms: [],
      diarize: false,
      readRecording: () => Promise.resolve(new Uint8Array()),
      onEvent: () => undefined,
    } as const;
    expect(() => engine.open({ ...options, ...rest, language: "multi" })).toThrow(
      expect.objectContaining({ code: "language_not_supported" }),
    );
  });
});
