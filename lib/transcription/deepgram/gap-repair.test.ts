import { describe, expect, it } from "vitest";
import type { Clock, Logger } from "../../call/ports.ts";
import { BackOff } from "./back-off.ts";
import { GapRepair } from "./gap-repair.ts";
import { RecordedAudioError } from "./recorded-audio.ts";
import type { Utterance } from "./result-assembler.ts";

const rate = 1000;
const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quiet,
};

interface SpokenWord {
  readonly channel: number;
  readonly text: string;
  readonly startSample: number;
}

/** A recording in which a word of 400 ms is loud on its channel, and a service that hears what is loud. */
function repairOf(words: readonly SpokenWord[], seconds: number, failures: readonly (number | null)[] = []) {
  const recording = new Int16Array(seconds * rate * 2);
  for (const { channel, startSample } of words) {
    for (let i = startSample; i < startSample + 400; i++) recording[i * 2 + channel] = 4000;
  }
  let nowMs = 0;
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after: (ms, run) => {
      const timer = setImmediate(() => {
        nowMs += ms;
        run();
      });
      return () => {
        clearImmediate(timer);
      };
    },
  };
  const said: Utterance[] = [];
  const asked: number[] = [];
  const left = [...failures];
  let ids = 0;
  let first = 0;
  const repair = new GapRepair({
    sampleRateHz: rate,
    channels: 2,
    pauseMs: 1000,
    clock,
    logger: quiet,
    backOff: new BackOff(() => 0.5),
    readRecording: (sample, samples) => {
      first = sample;
      return Promise.resolve(new Uint8Array(recording.slice(sample * 2, (sample + samples) * 2).buffer));
    },
    transcribe: (wav) => {
      asked.push((wav.byteLength - 44) / 4 / rate);
      const status = left.shift();
      if (status !== undefined) {
        return Promise.reject(new RecordedAudioError("no", { status, code: null, requestId: "request-1" }));
      }
      const heard = new Int16Array(wav.slice(44).buffer);
      return Promise.resolve(
        [0, 1].map((channel) =>
          words
            .filter(
              (word) =>
                word.channel === channel && heard[(word.startSample - first + 200) * 2 + channel] === 4000,
            )
            .map(({ startSample, text }) => ({
              word: text,
              start: (startSample - first) / rate,
              end: (startSample - first + 400) / rate,
            })),
        ),
      );
    },
    nextUtteranceId: (channel) => `${channel}-${(ids += 1)}`,
    onUtterance: (utterance) => said.push(utterance),
    onRepaired: () => undefined,
  });
  return { repair, said, asked };
}

const word = (text: string, channel: number, seconds: number): SpokenWord => ({
  channel,
  text,
  startSample: Math.round(seconds * rate),
});

describe("the repair of a gap", () => {
  it("hears each channel between its own ends, and goes on with what people have seen", async () => {
    const { repair, said } = repairOf(
      [word("antes", 0, 1), word("sí", 1, 2), word("caro", 0, 4), word("después", 1, 8)],
      10,
    );
    repair.add([
      { from: 3000, until: 9000, shown: { utteranceId: "seen", startSample: 3900, voice: undefined } },
      { from: 1000, until: 7000, shown: null },
    ]);
    expect(repair.pendingSample(0)).toBe(3000);
    expect(await repair.done(0)).toBeNull();
    expect(
      said.map(({ channel, reason, text, utteranceId }) => [channel, utteranceId, text, reason]),
    ).toEqual([
      [1, "1-1", "sí", "repair"],
      [0, "seen", "caro", "repair"],
    ]);
    expect(repair.pendingSample(0)).toBe(Infinity);
  });

  it("takes a long one in pieces, and no word is lost or said twice where they meet", async () => {
    const words = Array.from({ length: 230 }, (_, i) => word(`p${i}`, i % 2, 1 + i * 1.3));
    const { asked, repair, said } = repairOf(words, 310);
    repair.add([
      { from: 0, until: 305_000, shown: null },
      {
        from: 200_000,
        until: 305_000,
        shown: { utteranceId: "seen", startSample: 199_900, voice: undefined },
      },
    ]);
    expect(await repair.done(0)).toBeNull();
    expect(asked.every((seconds) => seconds <= 120)).toBe(true);
    const heard = (channel: number): string[] =>
      said.filter((one) => one.channel === channel).flatMap(({ text }) => text.split(" "));
    const spoken = (channel: number, from: number): string[] =>
      words.filter((one) => one.channel === channel && one.startSample >= from).map(({ text }) => text);
    expect(heard(0)).toEqual(spoken(0, 0));
    expect(heard(1)).toEqual(spoken(1, 199_500));
    expect(said.filter(({ utteranceId }) => utteranceId === "seen")).toHaveLength(1);
  });

  it("ends what people have seen, also where nothing was said in it", async () => {
    const { repair, said } = repairOf([], 10);
    repair.add([
      { from: 0, until: 5000, shown: { utteranceId: "seen", startSample: 100, voice: undefined } },
      { from: 0, until: 5000, shown: null },
    ]);
    expect(await repair.done(0)).toBeNull();
    expect(said.map(({ isFinal, text, utteranceId }) => [utteranceId, text, isFinal])).toEqual([
      ["seen", "", true],
    ]);
  });

  it("is tried again after what passes, and given up at what does not", async () => {
    const passing = repairOf([word("hola", 0, 1)], 4, [503, null, 429]);
    passing.repair.add([{ from: 0, until: 3000, shown: null }]);
    expect(await passing.repair.done(60_000)).toBeNull();
    expect(passing.said.map(({ text }) => text)).toEqual(["hola"]);

    const refused = repairOf([word("hola", 0, 1)], 4, [401]);
    refused.repair.add([{ from: 0, until: 3000, shown: null }]);
    expect(await refused.repair.done(60_000)).toMatchObject({ status: 401, requestId: "request-1" });
    expect(refused.repair.pendingSample(0)).toBe(0);
  });

  it("fails for no longer than it is given at the end of a call", async () => {
    const { asked, repair } = repairOf(
      [word("hola", 0, 1)],
      4,
      Array.from({ length: 100 }, () => 503),
    );
    repair.add([{ from: 0, until: 3000, shown: null }]);
    expect(await repair.done(10_000)).toMatchObject({ status: 503 });
    expect(asked.length).toBeLessThan(20);
  });
});
