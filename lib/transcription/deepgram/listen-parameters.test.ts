import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readListenQuery } from "../../../test/stand-ins/deepgram/listen-query.ts";
import {
  keptKeyterms,
  keytermLimits,
  languagesOf,
  listenParameters,
  recordedParameters,
  refusalOf,
  type DeepgramSettings,
  type ListenCall,
  type ListenParameters,
} from "./listen-parameters.ts";

const settings: DeepgramSettings = {
  apiKey: "secret-key",
  baseUrl: null,
  model: "nova-3",
  language: null,
  endpointingMs: null,
  utteranceEndMs: 1000,
  interimResults: true,
  smartFormat: true,
  numerals: true,
  vadEvents: true,
  profanityFilter: false,
  noDelay: false,
  redact: [],
  fallbackAfterSec: 10,
};
const call: ListenCall = {
  language: "es",
  sampleRateHz: 16_000,
  channels: 2,
  diarize: false,
  keyterms: [],
};

function queryOf(parameters: ListenParameters): URLSearchParams {
  return new URLSearchParams(
    Object.entries(parameters).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, one]),
    ),
  );
}

describe("the query of a live connection", () => {
  it("names the model, the language and the format, and never the key", () => {
    expect(listenParameters(settings, call)).toEqual({
      model: "nova-3",
      language: "es",
      encoding: "linear16",
      sample_rate: "16000",
      channels: "2",
      multichannel: "true",
      interim_results: "true",
      endpointing: "300",
      utterance_end_ms: "1000",
      vad_events: "true",
      smart_format: "true",
      numerals: "true",
    });
  });

  it("has voices told apart in mono, where it is asked for", () => {
    const mono = listenParameters(settings, { ...call, channels: 1, diarize: true });
    expect(mono).toMatchObject({ channels: "1", diarize: "true" });
    expect(mono).not.toHaveProperty("multichannel");
  });

  it.each([
    [null, "es", "300"],
    [null, "multi", "100"],
    [450, "multi", "450"],
    [0, "es", "false"],
  ] as const)("with endpointing %s and language %s asks for %s", (endpointingMs, language, asked) => {
    expect(listenParameters({ ...settings, endpointingMs }, { ...call, language }).endpointing).toBe(asked);
  });

  it("leaves out what the service refuses without interims", () => {
    const parameters = listenParameters({ ...settings, interimResults: false }, call);
    expect(parameters).not.toHaveProperty("utterance_end_ms");
  });

  it("asks for punctuation where nothing implies it", () => {
    expect(listenParameters({ ...settings, smartFormat: false }, call).punctuate).toBe("true");
  });

  it("is one that the service takes, whatever the settings and the call", () => {
    fc.assert(
      fc.property(
        fc.record({
          language: fc.constantFrom(null, "es-419", "multi", "en-GB"),
          endpointingMs: fc.option(fc.integer({ min: 0, max: 10_000 })),
          utteranceEndMs: fc.integer({ min: 1000, max: 5000 }),
          interimResults: fc.boolean(),
          smartFormat: fc.boolean(),
          numerals: fc.boolean(),
          vadEvents: fc.boolean(),
          profanityFilter: fc.boolean(),
          noDelay: fc.boolean(),
          redact: fc.subarray(["numbers", "pci", "ssn"]),
        }),
        fc.record({
          language: fc.constantFrom("es" as const, "en" as const, "multi" as const),
          sampleRateHz: fc.constantFrom(8000, 16_000, 44_100, 48_000),
          channels: fc.constantFrom(1 as const, 2 as const),
          diarize: fc.boolean(),
          keyterms: fc.array(fc.string({ maxLength: 60, unit: "grapheme" }), { maxLength: 150 }),
        }),
        (changes, someCall) => {
          const some = { ...settings, ...changes };
          if (!languagesOf(some).includes(someCall.language)) return;
          if (refusalOf(some, someCall.language) !== null) return;
          const live = readListenQuery(queryOf(listenParameters(some, someCall)), "live");
          expect(live).toMatchObject({ channels: someCall.channels, sampleRateHz: someCall.sampleRateHz });
          expect(live).not.toHaveProperty("status");
          const recorded = readListenQuery(queryOf(recordedParameters(some, someCall)), "file");
          expect(recorded).not.toHaveProperty("status");
        },
      ),
    );
  });
});

describe("what Deepgram would refuse", () => {
  it("is told with the setting's name", () => {
    expect(refusalOf({ ...settings, redact: ["pci"] }, "es")).toMatch(/^DEEPGRAM_REDACT has pci/);
    expect(refusalOf({ ...settings, redact: ["pci"] }, "multi")).toMatch(/^DEEPGRAM_REDACT/);
    expect(refusalOf({ ...settings, redact: ["pci"] }, "en")).toBeNull();
    expect(refusalOf({ ...settings, redact: ["numbers"] }, "es")).toBeNull();
    expect(refusalOf({ ...settings, model: "nova-3-medical" }, "es")).toMatch(/^DEEPGRAM_MODEL/);
  });

  it("is a call in a language that is not asked for", () => {
    expect(languagesOf({ language: null })).toEqual(["es", "en", "multi"]);
    expect(languagesOf({ language: "multi" })).toEqual(["es", "en", "multi"]);
    expect(languagesOf({ language: "es-419" })).toEqual(["es"]);
    expect(languagesOf({ language: "en-US" })).toEqual(["en"]);
  });
});

describe("key terms", () => {
  it("are sent once each, in their order, without blanks around them", () => {
    expect(keptKeyterms([" Olmo  Plus ", "olmo plus", "", "Nube"])).toEqual(["Olmo Plus", "Nube"]);
  });

  it("stay within what a request may carry", () => {
    const many = Array.from({ length: 150 }, (_, i) => `p${i}`);
    expect(keptKeyterms(many)).toHaveLength(keytermLimits.terms);
    const long = Array.from({ length: 80 }, (_, i) => `producto especial ${i}`);
    const kept = keptKeyterms(long);
    expect(kept.length).toBeGreaterThan(20);
    expect(kept.length).toBeLessThan(80);
  });
});
