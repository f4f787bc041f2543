import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Clock, Logger } from "../call/ports.ts";
import type { EngineEvent, TranscriptionStream } from "../call/transcription-ports.ts";
import type { Language } from "../contract/vocabulary.ts";
import { createFallbackEngine } from "./fallback-engine.ts";
import { ListeningEngine, recorded, type Line } from "./testing/listening-engine.ts";

const sampleRateHz = 1000;
const frameSamples = 25;

const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quiet,
};

/** A call of two channels over both engines, its audio in a recording as it would be. */
class TwoEngines {
  nowMs = 0;
  readonly primary = new ListeningEngine("deepgram", ["es", "en", "multi"]);
  readonly fallback = new ListeningEngine("embedded", ["es", "en"]);
  readonly events: EngineEvent[] = [];
  readonly switched: string[] = [];
  readonly pcm: Uint8Array;
  readonly stream: TranscriptionStream;
  written = 0;

  constructor(pcm: Uint8Array, language: Language = "es") {
    this.pcm = pcm;
    const clock: Clock = {
      nowMs: () => this.nowMs,
      monotonicMs: () => this.nowMs,
      after: () => () => undefined,
    };
    const engine = createFallbackEngine({
      primary: this.primary,
      fallback: this.fallback,
      clock,
      logger: quiet,
      telemetry: {
        count: (_name, _by, labels) => this.switched.push(labels?.engine ?? ""),
        latency: () => undefined,
      },
    });
    this.stream = engine.open({
      callId: "call",
      language,
      sampleRateHz,
      channels: 2,
      firstSample: 0,
      vadEnabled: true,
      keyterms: [],
      diarize: false,
      readRecording: (first, samples) =>
        Promise.resolve(this.pcm.slice(first * 4, Math.min(first + samples, this.written) * 4)),
      onEvent: (event) => this.events.push(event),
    });
  }

  get samples(): number {
    return this.pcm.byteLength / 4;
  }

  /** The next frame, and all that comes of it. */
  async frame(samples = frameSamples): Promise<void> {
    const from = this.written;
    this.written = Math.min(this.samples, from + samples);
    this.stream.write(this.pcm.subarray(from * 4, this.written * 4));
    this.nowMs += samples;
    await settled();
  }

  async rest(): Promise<void> {
    while (this.written < this.samples) await this.frame();
  }

  words(channel: number): string[] {
    return this.events
      .filter((event) => event.type === "utterance")
      .filter((event) => event.isFinal && event.channel === channel)
      .sort((a, b) => a.startSample - b.startSample)
      .flatMap((event) => event.words.map(({ text }) => text));
  }

  of<T extends EngineEvent["type"]>(type: T): Extract<EngineEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<EngineEvent, { type: T }> => event.type === type);
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 60; turn += 1) await Promise.resolve();
}

const monologue = (words: number): Line[] =>
  Array.from({ length: words }, () => ({ channel: 1, pauseSamples: 60, words: [40, 30] }));

function expectLawful({ events }: TwoEngines): void {
  const ended = new Set<string>();
  const begun = new Set<string>();
  let consumed = 0;
  let settledSample = 0;
  for (const event of events) {
    if (event.type === "progress") {
      expect(event.consumedSample).toBeGreaterThanOrEqual(consumed);
      expect(event.settledSample).toBeGreaterThanOrEqual(settledSample);
      expect(event.settledSample).toBeLessThanOrEqual(event.consumedSample);
      consumed = event.consumedSample;
      settledSample = event.settledSample;
    } else if (event.type === "utterance") {
      expect(ended.has(event.utteranceId), "nothing after a final").toBe(false);
      if (event.text !== "") expect(event.startSample).toBeGreaterThanOrEqual(settledSample);
      begun.add(event.utteranceId);
      if (event.isFinal) ended.add(event.utteranceId);
    }
  }
  expect(
    [...begun].filter((id) => !ended.has(id)),
    "no interim is left standing",
  ).toEqual([]);
}

const lines = fc.array(
  fc.record({
    channel: fc.nat({ max: 1 }),
    pauseSamples: fc.nat({ max: 120 }),
    words: fc.array(fc.integer({ min: 5, max: 60 }), { minLength: 1, maxLength: 5 }),
  }),
  { minLength: 1, maxLength: 14 },
);
const happening = fc.constantFrom("away", "refused", "away", "back", "back", "gap", "gap over", "none");

describe("a call over two engines", () => {
  it("loses no word and says none twice, whenever the primary goes away and comes back", async () => {
    await fc.assert(
      fc.asyncProperty(
        lines,
        fc.array(fc.tuple(happening, fc.integer({ min: 1, max: 70 })), { maxLength: 40 }),
        async (spoken, frames) => {
          const { pcm, said } = recorded(spoken);
          const bench = new TwoEngines(pcm);
          const { primary } = bench;
          let hasGap = false;
          for (const [what, samples] of frames) {
            const stream = primary.stream;
            const isAtWork = !stream.isAborted && bench.switched.at(-1) !== "embedded";
            if (isAtWork && (what === "away" || what === "refused")) {
              stream.isAway = true;
              stream.trouble(what === "away" ? "reconnecting" : "degraded", `engine_${what}`);
              hasGap = false;
            } else if (isAtWork && what === "gap" && isBetweenWords(pcm, stream.position)) {
              stream.loseConnection();
              hasGap = true;
            } else if (isAtWork && what === "gap over" && hasGap && isBetweenWords(pcm, stream.position)) {
              stream.hearAgain();
            } else if (what === "back" && !isAtWork) {
              stream.trouble("live", "engine_away");
            }
            await bench.frame(samples);
          }
          // What is still missing is not repaired by this primary.
          if (hasGap) primary.stream.trouble("reconnecting", "engine_away");
          await bench.rest();
          await bench.stream.finish();
          expect([bench.words(0), bench.words(1)]).toEqual(said);
          expectLawful(bench);
          expect(bench.of("progress").at(-1)?.consumedSample).toBe(bench.written);
          // Every stream but the one that finished was given up and told what it had billed.
          const streams = [...bench.primary.streams, ...bench.fallback.streams];
          expect(bench.of("usage")).toHaveLength(streams.filter(({ isAborted }) => isAborted).length);
          expect(streams.filter((one) => !one.isAborted && !one.isFinished)).toEqual([]);
        },
      ),
    );
  }, 120_000);

  it("says nothing twice of one who was done while the other one was still talking", async () => {
    const { pcm, said } = recorded([
      { channel: 0, pauseSamples: 0, words: [900, 100] },
      { channel: 1, pauseSamples: 50, words: [60, 40] },
      { channel: 1, pauseSamples: 90, words: [50] },
    ]);
    const bench = new TwoEngines(pcm);
    while (bench.nowMs < 600) await bench.frame();
    expect(bench.words(1)).toEqual(said[1]);
    bench.primary.stream.isAway = true;
    bench.primary.stream.trouble("reconnecting", "engine_away");
    await bench.rest();
    await bench.stream.finish();
    expect([bench.words(0), bench.words(1)]).toEqual(said);
    expect(bench.fallback.stream.opened.firstSample).toBeLessThan(100);
  });

  it("tells which engine is at work, and ends the trouble of the one that is gone", async () => {
    const bench = new TwoEngines(recorded(monologue(20)).pcm);
    await bench.frame(200);
    bench.primary.stream.trouble("reconnecting", "engine_reconnecting");
    bench.primary.stream.isAway = true;
    await bench.frame(200);
    bench.primary.stream.trouble("reconnecting", "engine_away");
    await bench.frame(200);
    bench.primary.stream.trouble("live", "engine_away");
    await bench.rest();
    await bench.stream.finish();
    expect(bench.of("engine").map(({ name, detail }) => [name, detail])).toEqual([
      ["embedded", "Nobody answers."],
      ["deepgram", ""],
    ]);
    expect(bench.of("trouble").map(({ state, reason }) => [state, reason])).toEqual([
      ["reconnecting", "engine_reconnecting"],
      ["live", "engine_reconnecting"],
    ]);
    expect(bench.switched).toEqual(["embedded", "deepgram"]);
  });

  it("returns between two utterances", async () => {
    const { pcm } = recorded([{ channel: 1, pauseSamples: 0, words: [200, 200, 200, 200] }, ...monologue(3)]);
    const bench = new TwoEngines(pcm);
    bench.primary.stream.isAway = true;
    bench.primary.stream.trouble("reconnecting", "engine_away");
    await bench.frame(100);
    bench.primary.stream.trouble("live", "engine_away");
    await bench.frame(600);
    expect(bench.switched, "somebody is talking").toEqual(["embedded"]);
    await bench.frame(150);
    expect(bench.switched).toEqual(["embedded", "deepgram"]);
    expect(bench.primary.stream.opened.firstSample).toBeGreaterThanOrEqual(820);
  });

  it("returns in the middle of a sentence that does not end", async () => {
    const { pcm, said } = recorded([{ channel: 1, pauseSamples: 0, words: [8000, 8000] }]);
    const bench = new TwoEngines(pcm);
    bench.primary.stream.isAway = true;
    bench.primary.stream.trouble("reconnecting", "engine_away");
    await bench.frame(100);
    bench.primary.stream.trouble("live", "engine_away");
    while (bench.nowMs < 9000) await bench.frame(500);
    expect(bench.switched).toEqual(["embedded"]);
    while (bench.nowMs < 12_000) await bench.frame(500);
    expect(bench.switched).toEqual(["embedded", "deepgram"]);
    await bench.rest();
    await bench.stream.finish();
    expect(bench.words(1)).toEqual(said[1]);
    expectLawful(bench);
  });

  it("does not trust a primary at once that went away right after its return", async () => {
    const bench = new TwoEngines(recorded(monologue(400)).pcm);
    const goAndReturn = async (): Promise<void> => {
      bench.primary.stream.isAway = true;
      bench.primary.stream.trouble("reconnecting", "engine_away");
      await bench.frame(100);
      bench.primary.stream.trouble("live", "engine_away");
      for (let frames = 0; frames < 12; frames += 1) await bench.frame();
    };
    await goAndReturn();
    expect(bench.switched).toEqual(["embedded", "deepgram"]);
    await goAndReturn();
    expect(bench.switched, "held back").toEqual(["embedded", "deepgram", "embedded"]);
    while (bench.nowMs < 31_500) await bench.frame(250);
    expect(bench.switched).toEqual(["embedded", "deepgram", "embedded", "deepgram"]);
  });

  it("does not return to a primary that refuses for good", async () => {
    const { pcm, said } = recorded(monologue(10));
    const bench = new TwoEngines(pcm);
    bench.primary.stream.trouble("degraded", "engine_refused");
    expect(bench.primary.stream.isAborted).toBe(true);
    await bench.rest();
    await bench.stream.finish();
    expect(bench.primary.streams).toHaveLength(1);
    expect(bench.words(1)).toEqual(said[1]);
  });

  it("stays with the primary, and says so, in a language that the other engine lacks", async () => {
    const bench = new TwoEngines(recorded(monologue(5)).pcm, "multi");
    bench.primary.stream.trouble("reconnecting", "engine_away");
    await bench.frame(100);
    expect(bench.fallback.streams).toEqual([]);
    expect(bench.of("trouble")).toMatchObject([{ state: "reconnecting", reason: "engine_away" }]);
    expect(bench.of("trouble")[0]?.detail).toContain("No other engine");
    bench.primary.stream.trouble("live", "engine_connection");
    expect(
      bench
        .of("trouble")
        .slice(1)
        .map(({ state, reason }) => [state, reason]),
    ).toEqual([
      ["live", "engine_away"],
      ["live", "engine_connection"],
    ]);
  });

  it("goes over to the other engine when the primary is away while the call ends, or cannot finish it", async () => {
    for (const failure of ["away", "fails"] as const) {
      const { pcm, said } = recorded(monologue(6));
      const bench = new TwoEngines(pcm);
      await bench.frame(150);
      const { stream } = bench.primary;
      if (failure === "fails") stream.finish = () => Promise.reject(new Error("the peer is gone"));
      stream.isAway = true;
      await bench.rest();
      const finished = bench.stream.finish();
      await settled();
      stream.trouble("reconnecting", "engine_away");
      await finished;
      expect(bench.words(1)).toEqual(said[1]);
      expect(stream.isAborted).toBe(true);
      expectLawful(bench);
    }
  });

  it("gives up both streams when it is aborted, with what they billed, and says nothing after it", async () => {
    const bench = new TwoEngines(recorded(monologue(6)).pcm);
    bench.primary.stream.isAway = true;
    bench.primary.stream.trouble("reconnecting", "engine_away");
    await bench.frame(200);
    bench.stream.abort();
    expect(bench.of("usage")).toHaveLength(2);
    const told = bench.events.length;
    bench.fallback.stream.tell();
    await settled();
    expect(bench.events).toHaveLength(told);
    expect([bench.primary.stream.isAborted, bench.fallback.stream.isAborted]).toEqual([true, true]);
    await bench.stream.finish();
  });
});

/** No word of either channel is being said there. */
function isBetweenWords(pcm: Uint8Array, sample: number): boolean {
  const view = new DataView(pcm.buffer);
  const at = (i: number): boolean =>
    i >= 0 &&
    (i + 1) * 4 <= pcm.byteLength &&
    (view.getInt16(i * 4, true) !== 0 || view.getInt16(i * 4 + 2, true) !== 0);
  return !at(sample) && !at(sample - 1);
}
