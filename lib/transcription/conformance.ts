import { describe, expect, it } from "vitest";
import type { EngineEvent, TranscriptionEngine, TranscriptionStream } from "../call/transcription-ports.ts";
import type { ScriptedUtterance } from "./scripted-engine.ts";
import type { SpokenLanguage } from "./speech-models.ts";

/** Two people on two channels at 16 kHz, and what they say. */
export interface SpeechFixture {
  readonly language: SpokenLanguage;
  readonly channels: readonly [Float32Array, Float32Array];
  readonly lines: readonly {
    readonly channel: number;
    readonly startMs: number;
    readonly endMs: number;
    readonly text: string;
  }[];
}

export interface ConformanceOptions {
  readonly name: string;
  readonly fixture: SpeechFixture;
  /** An engine that is started; one that cannot hear says the script. */
  readonly engineFor: (script: readonly ScriptedUtterance[]) => Promise<TranscriptionEngine>;
  /** Whether the engine finds out by itself that there is no speech. */
  readonly hears: boolean;
}

const fixtureRateHz = 16_000;
const frameMs = 100;
/** A bound on what must end, not on how fast it is. */
const timeoutMs = 120_000;

/** What every engine owes to a call, whatever it recognises with. */
export function describeEngineConformance(options: ConformanceOptions): void {
  const { fixture } = options;

  async function transcribe(feed: FeedOptions): Promise<Heard> {
    const shiftMs = ((feed.firstSample ?? 0) / (feed.sampleRateHz ?? fixtureRateHz)) * 1000;
    const script = fixture.lines.map((line) => ({
      channel: feed.mono === true ? 0 : line.channel,
      startMs: line.startMs + shiftMs,
      endMs: line.endMs + shiftMs,
      words: line.text.split(" "),
    }));
    const engine = await options.engineFor(feed.silent === true ? [] : script);
    return feedEngine(engine, fixture, feed);
  }

  function expectAllSaid(heard: Heard, mono = false): void {
    for (const line of fixture.lines) {
      const said = heard.finals
        .filter(({ channel }) => channel === (mono ? 0 : line.channel))
        .map(({ text }) => text)
        .join(" ");
      expect(shareOfWords(line.text, said), `"${line.text}" in "${said}"`).toBeGreaterThanOrEqual(0.6);
    }
  }

  describe(`the ${options.name} engine, as every engine`, { timeout: timeoutMs }, () => {
    it("hears both channels, each by itself, and keeps the order and identity of utterances", async () => {
      const heard = await transcribe({});
      expectLawful(heard);
      expectAllSaid(heard);
      for (const line of fixture.lines) {
        const other = heard.finals.filter(({ channel }) => channel !== line.channel);
        expect(other.every(({ text }) => shareOfWords(line.text, text) < 0.8)).toBe(true);
      }
    });

    it("shows interims while an utterance is spoken, and ends them under the same id", async () => {
      const heard = await transcribe({ realTimeSpeed: 1, untilMs: firstLineEnd(fixture) + 1500 });
      expectLawful(heard);
      const [first] = heard.finals;
      const interims = heard.utterances.filter(({ isFinal }) => !isFinal);
      expect(
        interims.some(({ utteranceId, text }) => utteranceId === first?.utteranceId && text !== ""),
      ).toBe(true);
    });

    it("hears one channel with both voices", async () => {
      const heard = await transcribe({ mono: true });
      expectLawful(heard);
      expectAllSaid(heard, true);
    });

    it.each([8000, 44_100, 48_000])(
      "hears audio of %i Hz and counts in its samples",
      async (sampleRateHz) => {
        const heard = await transcribe({ sampleRateHz });
        expectLawful(heard);
        expectAllSaid(heard);
        const [firstLine] = fixture.lines;
        const [first] = heard.finals.filter(({ channel }) => channel === firstLine?.channel);
        const startMs = ((first?.words[0]?.startSample ?? 0) / sampleRateHz) * 1000;
        expect(Math.abs(startMs - (firstLine?.startMs ?? 0))).toBeLessThan(600);
      },
    );

    it("counts positions from the first sample it was told", async () => {
      const firstSample = 1_234_567;
      const heard = await transcribe({ firstSample });
      expectLawful(heard);
      expectAllSaid(heard);
      expect(heard.utterances.every(({ startSample }) => startSample >= firstSample)).toBe(true);
    });

    it("takes frames of any size, a single sample included", async () => {
      const heard = await transcribe({ frameSamples: [1, 1601, 37, 4000, 333] });
      expectLawful(heard);
      expectAllSaid(heard);
    });

    it("takes audio twenty times as fast as it was spoken, in order and to the end", async () => {
      const heard = await transcribe({ realTimeSpeed: 20 });
      expectLawful(heard);
      expectAllSaid(heard);
    });

    it("finishes only after its last event, and the same when asked twice", async () => {
      const heard = await transcribe({ finishTwice: true });
      expect(heard.eventsAfterFinish).toBe(0);
      expect(heard.finals.length).toBeGreaterThan(0);
    });

    it("says nothing any more once it is aborted, and finishes at once", async () => {
      const heard = await transcribe({ abortAfterMs: firstLineEnd(fixture) - 300 });
      expect(heard.eventsAfterFinish).toBe(0);
    });

    it("says no word where there is none", async () => {
      const heard = await transcribe({ silent: true });
      expectLawful(heard);
      expect(heard.finals.every(({ text }) => text === "")).toBe(true);
      if (options.hears) expect(heard.progress.at(-1)?.settledSample).toBeGreaterThan(0);
    });

    it("never speaks from within write", async () => {
      const heard = await transcribe({ untilMs: firstLineEnd(fixture) });
      expect(heard.eventsWithinWrite).toBe(0);
    });
  });
}

type Utterance = Extract<EngineEvent, { type: "utterance" }>;
type Progress = Extract<EngineEvent, { type: "progress" }>;

interface FeedOptions {
  readonly sampleRateHz?: number;
  readonly mono?: boolean;
  readonly firstSample?: number;
  /** Sizes of frames, in turn. */
  readonly frameSamples?: readonly number[];
  /** Without it the audio comes as fast as the engine lets it. */
  readonly realTimeSpeed?: number;
  readonly untilMs?: number;
  readonly abortAfterMs?: number;
  readonly finishTwice?: boolean;
  /** Faint noise in place of speech. */
  readonly silent?: boolean;
}

interface Heard {
  readonly events: readonly EngineEvent[];
  readonly utterances: readonly Utterance[];
  readonly finals: readonly Utterance[];
  readonly progress: readonly Progress[];
  readonly writtenUntil: number;
  readonly eventsWithinWrite: number;
  readonly eventsAfterFinish: number;
}

async function feedEngine(
  engine: TranscriptionEngine,
  fixture: SpeechFixture,
  feed: FeedOptions,
): Promise<Heard> {
  const sampleRateHz = feed.sampleRateHz ?? fixtureRateHz;
  const firstSample = feed.firstSample ?? 0;
  const channels = feed.mono === true ? 1 : 2;
  const pcm = pcmOf(fixture, feed, sampleRateHz);
  const sampleBytes = 2 * channels;
  const events: EngineEvent[] = [];
  let consumedSample = firstSample;
  let written = firstSample;
  let writing = false;
  let eventsWithinWrite = 0;
  const stream: TranscriptionStream = engine.open({
    callId: "conformance",
    language: fixture.language,
    sampleRateHz,
    channels,
    firstSample,
    vadEnabled: true,
    keyterms: [],
    diarize: false,
    readRecording: (first, samples) =>
      Promise.resolve(
        pcm.slice(
          (first - firstSample) * sampleBytes,
          Math.min((first - firstSample + samples) * sampleBytes, (written - firstSample) * sampleBytes),
        ),
      ),
    onEvent: (event) => {
      if (writing) eventsWithinWrite += 1;
      events.push(event);
      if (event.type === "progress") consumedSample = event.consumedSample;
    },
  });

  const sizes = feed.frameSamples ?? [Math.round((sampleRateHz * frameMs) / 1000)];
  const begunMs = performance.now();
  for (let i = 0, from = 0; from < pcm.byteLength; i++) {
    const bytes = (sizes[i % sizes.length] ?? 1) * sampleBytes;
    const frame = pcm.subarray(from, from + bytes);
    from += frame.byteLength;
    const audioMs = (from / sampleBytes / sampleRateHz) * 1000;
    if (feed.realTimeSpeed !== undefined)
      await pause(Math.max(0, audioMs / feed.realTimeSpeed - (performance.now() - begunMs)));
    while (written - consumedSample > engine.maxAheadSeconds * sampleRateHz) await pause(5);
    writing = true;
    stream.write(frame);
    writing = false;
    written += frame.byteLength / sampleBytes;
    if (feed.abortAfterMs !== undefined && audioMs > feed.abortAfterMs) {
      stream.abort();
      break;
    }
  }
  await stream.finish();
  if (feed.finishTwice === true) await stream.finish();
  const eventsAtFinish = events.length;
  await pause(150);
  const utterances = events.filter((event) => event.type === "utterance");
  return {
    events,
    utterances,
    finals: utterances.filter(({ isFinal }) => isFinal),
    progress: events.filter((event) => event.type === "progress"),
    writtenUntil: written,
    eventsWithinWrite,
    eventsAfterFinish: events.length - eventsAtFinish,
  };
}

/** What holds for the events of every stream that was finished. */
function expectLawful({ events, utterances, finals, progress, writtenUntil }: Heard): void {
  const finalIds = finals.map(({ utteranceId }) => utteranceId);
  expect(new Set(finalIds).size, "one final for each utterance").toBe(finalIds.length);
  expect(new Set(utterances.map(({ utteranceId }) => utteranceId)).size, "no utterance without final").toBe(
    finalIds.length,
  );

  const ended = new Set<string>();
  const begun = new Map<string, Utterance>();
  let consumed = 0;
  let settled = 0;
  for (const event of events) {
    if (event.type === "progress") {
      expect(event.consumedSample).toBeGreaterThanOrEqual(consumed);
      expect(event.settledSample).toBeGreaterThanOrEqual(settled);
      expect(event.settledSample).toBeLessThanOrEqual(event.consumedSample);
      consumed = event.consumedSample;
      settled = event.settledSample;
    } else if (event.type === "utterance") {
      expect(ended.has(event.utteranceId), "nothing after a final").toBe(false);
      expect(event.startSample, "nothing begins before what is settled").toBeGreaterThanOrEqual(settled);
      const first = begun.get(event.utteranceId) ?? event;
      expect([event.channel, event.startSample]).toEqual([first.channel, first.startSample]);
      begun.set(event.utteranceId, first);
      if (event.isFinal) ended.add(event.utteranceId);
      expectWordsInPlace(event);
    }
  }
  expect(progress.at(-1)?.consumedSample, "everything was listened to").toBe(writtenUntil);

  for (const channel of [0, 1]) {
    let until = 0;
    // What a repair brings is told when it is there.
    const inOrder = finals.filter((final) => final.channel === channel && final.reason !== "repair");
    for (const final of inOrder) {
      expect(final.startSample, "finals of a channel in order, without overlap").toBeGreaterThanOrEqual(
        until,
      );
      until = final.endSample;
    }
  }
}

function expectWordsInPlace({ text, words, startSample, endSample }: Utterance): void {
  expect(words.map((word) => word.text).join(" ")).toBe(text);
  let until = startSample;
  for (const word of words) {
    expect(word.startSample).toBeGreaterThanOrEqual(until);
    expect(word.endSample).toBeGreaterThanOrEqual(word.startSample);
    until = word.endSample;
  }
  expect(until).toBeLessThanOrEqual(endSample);
}

function firstLineEnd(fixture: SpeechFixture): number {
  return fixture.lines[0]?.endMs ?? 0;
}

function plainWords(text: string): string[] {
  return text
    .toLowerCase()
    .normalize("NFD")
    .replace(/[^\p{L}\p{N} ]/gu, "")
    .split(/\s+/u)
    .filter((word) => word !== "");
}

function shareOfWords(wanted: string, said: string): number {
  const saidWords = new Set(plainWords(said));
  const words = plainWords(wanted);
  return words.filter((word) => saidWords.has(word)).length / Math.max(1, words.length);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The fixture as interleaved PCM16 at the wanted rate. */
function pcmOf(fixture: SpeechFixture, feed: FeedOptions, sampleRateHz: number): Uint8Array {
  const [left, right] = fixture.channels;
  const length = Math.round(
    (Math.min(feed.untilMs ?? Infinity, (left.length / fixtureRateHz) * 1000) * fixtureRateHz) / 1000,
  );
  const faint = (_: number, i: number) => (((i * 16_807) % 65_537) / 65_537 - 0.5) * 0.004;
  const sources = (feed.mono === true ? [left.map((value, i) => value + (right[i] ?? 0))] : [left, right])
    .map((channel) => channel.subarray(0, length))
    .map((channel) => (feed.silent === true ? channel.map(faint) : channel))
    .map((channel) => atRate(channel, sampleRateHz));
  const samples = sources[0]?.length ?? 0;
  const view = new DataView(new ArrayBuffer(samples * 2 * sources.length));
  sources.forEach((source, channel) => {
    source.forEach((value, i) => {
      const clipped = Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768)));
      view.setInt16((i * sources.length + channel) * 2, clipped, true);
    });
  });
  return new Uint8Array(view.buffer);
}

/** Hann-windowed sinc interpolation, plain and slow: independent of the resampler that is under test. */
function atRate(samples: Float32Array, rateHz: number): Float32Array {
  if (rateHz === fixtureRateHz) return samples;
  const cutoff = Math.min(1, rateHz / fixtureRateHz);
  const reach = Math.ceil(12 / cutoff);
  return Float32Array.from({ length: Math.floor((samples.length * rateHz) / fixtureRateHz) }, (_, i) => {
    const instant = (i * fixtureRateHz) / rateHz;
    let sum = 0;
    for (let at = Math.ceil(instant - reach); at <= instant + reach; at++) {
      const x = (at - instant) * cutoff;
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
      sum += (samples[at] ?? 0) * sinc * cutoff * (0.5 + 0.5 * Math.cos((Math.PI * (at - instant)) / reach));
    }
    return sum;
  });
}
