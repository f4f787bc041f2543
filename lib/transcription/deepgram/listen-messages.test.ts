import { describe, expect, it } from "vitest";
import { heardWords } from "./heard-words.ts";
import { parseListenMessage } from "./listen-messages.ts";

const results = {
  type: "Results",
  channel_index: [1, 2],
  start: 1.5,
  duration: 2.25,
  is_final: true,
  channel: {
    alternatives: [{ transcript: "sí", confidence: 0.9, words: [{ word: "sí", start: 1.6, end: 1.9 }] }],
  },
};

describe("messages of the service", () => {
  it("may leave out what was not asked for, or say null", () => {
    const word = {
      word: "sí",
      start: 1.6,
      end: 1.9,
      confidence: null,
      punctuated_word: null,
      speaker: null,
      language: null,
    };
    const nulls = {
      ...results,
      speech_final: null,
      from_finalize: null,
      channel: { alternatives: [{ transcript: "sí", confidence: null, words: [word] }] },
    };
    const read = parseListenMessage(nulls);
    expect(read).toMatchObject({ is_final: true, speech_final: false, from_finalize: false });
    const words = read?.type === "Results" ? (read.channel.alternatives[0]?.words ?? []) : [];
    const places = { startAt: (seconds: number) => seconds * 10, endAt: (seconds: number) => seconds * 10 };
    expect(heardWords(words, places)).toEqual([
      { text: "sí", startSample: 16, endSample: 19, confidence: null, estimated: false },
    ]);
    expect(parseListenMessage(results)).toMatchObject({ speech_final: false, from_finalize: false });
  });

  it("may carry what nobody here knows, and be of a kind that nobody here knows", () => {
    expect(parseListenMessage({ ...results, entities: [], metadata: { request_id: "r" } })?.type).toBe(
      "Results",
    );
    expect(parseListenMessage({ type: "SpeechStarted", channel: [0], timestamp: 1 })).toBeNull();
    expect(parseListenMessage("Results")).toBeNull();
  });
});
