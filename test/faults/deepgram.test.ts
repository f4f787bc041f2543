import { afterAll, describe, expect, it, vi } from "vitest";
import {
  engineAt,
  KeptTelemetry,
  settings,
  speak,
  spokenPcm,
  type CallOptions,
  type HeardCall,
} from "../../lib/transcription/deepgram/testing/spoken-call.ts";
import type { DeepgramSettings } from "../../lib/transcription/deepgram/listen-parameters.ts";
import type { FaultSwitches } from "../stand-ins/deepgram/faults.ts";
import { scriptedWords, type ScriptLine } from "../stand-ins/deepgram/scripted-words.ts";
import {
  startDeepgramStandIn,
  type DeepgramStandIn,
  type DeepgramStandInOptions,
} from "../stand-ins/deepgram/stand-in.ts";
import { times } from "./counts.ts";
import { FaultReport } from "./fault-report.ts";

const timeoutMs = 120_000;
// Every call waits for its own audio to be spoken. Figures are taken with few at once.
vi.setConfig({ maxConcurrency: times(1, "FAULT_ROUNDS") > 1 ? 4 : 12 });
const report = new FaultReport("deepgram");
afterAll(() => {
  report.finish();
});

/** Two people in turn, no word twice: each turn 2 s long, then a pause of 0.8 s. */
function conversation(turns: number): readonly ScriptLine[] {
  return Array.from({ length: turns }, (_, turn): ScriptLine => {
    const startMs = 400 + turn * 2800;
    const words = Array.from({ length: 5 }, (_, i) => `palabra${turn * 5 + i}`);
    return { channel: turn % 2, startMs, endMs: startMs + 2000, words };
  });
}

const wordsOf = (lines: readonly ScriptLine[], channel: number): string =>
  lines
    .filter((line) => line.channel === channel)
    .flatMap(({ words }) => words)
    .join(" ");

interface Scene {
  readonly service: DeepgramStandIn;
  readonly kept: KeptTelemetry;
  readonly heard: HeardCall;
  readonly lines: readonly ScriptLine[];
}

async function call(
  turns: number,
  options: {
    readonly faults?: FaultSwitches;
    readonly standIn?: Partial<DeepgramStandInOptions>;
    readonly settings?: Partial<DeepgramSettings>;
    readonly speech?: Partial<CallOptions>;
    readonly meanwhile?: (service: DeepgramStandIn) => Promise<void>;
  } = {},
): Promise<Scene> {
  const lines = conversation(turns);
  const service = await startDeepgramStandIn({
    words: scriptedWords({ lines, time: "marked" }),
    ...(options.faults === undefined ? {} : { faults: options.faults }),
    ...options.standIn,
  });
  const kept = new KeptTelemetry();
  try {
    const speaking = speak({
      engine: engineAt(service.url, kept, options.settings),
      pcm: spokenPcm(lines, 0.4 + turns * 2.8 + 0.6, 2),
      channels: 2,
      ...options.speech,
    });
    const [heard] = await Promise.all([speaking, options.meanwhile?.(service)]);
    return { service, kept, heard, lines };
  } finally {
    await service.close();
  }
}

/** Every word once, in its place, whatever has happened; and the key in no line of the log. */
function expectWhole({ heard, kept, lines, service }: Scene): void {
  expect(heard.failure).toBeNull();
  for (const channel of [0, 1]) expect(heard.said(channel)).toBe(wordsOf(lines, channel));
  for (const { text, words } of heard.finals) {
    const [first] = words;
    const spoken = lines.find((line) => line.words.includes(first?.text ?? ""));
    if (spoken === undefined || first === undefined) continue;
    const index = spoken.words.indexOf(first.text);
    expect(Math.abs(first.startSample / 16 - (spoken.startMs + index * 400)), text).toBeLessThan(60);
  }
  expect(service.sessions().every(({ emptyFrames }) => emptyFrames === 0)).toBe(true);
  expectSecret(kept, heard);
}

function expectSecret(kept: KeptTelemetry, heard: HeardCall): void {
  expect(kept.lines.join("\n")).not.toContain(settings.apiKey);
  expect(JSON.stringify(heard.troubles)).not.toContain(settings.apiKey);
  expect(String(heard.failure)).not.toContain(settings.apiKey);
}

/** Milliseconds from each trouble to the time it was over. */
function note(fault: string, provoked: string, heard: HeardCall): void {
  const recoveriesMs: number[] = [];
  let sinceMs: number | null = null;
  for (const { atMs, event } of heard.told) {
    if (event.type !== "trouble") continue;
    if (event.state === "live" && sinceMs !== null) {
      recoveriesMs.push(atMs - sinceMs);
      sinceMs = null;
    } else if (event.state !== "live") sinceMs ??= atMs;
  }
  addRow(fault, provoked, recoveriesMs);
}

function addRow(fault: string, provoked: string, recoveriesMs: readonly number[]): void {
  report.add({ fault, provoked, times: 1, lostSamples: 0, lostEvents: 0, lostRows: 0, recoveriesMs });
}

describe.concurrent("a connection that is lost in mid-call", { timeout: timeoutMs }, () => {
  it.each([
    ["reset", { kind: "reset", afterAudioMs: 3300 }],
    ["cut", { kind: "cut", afterAudioMs: 4700 }],
    ["close 1011", { kind: "close", code: 1011, reason: "net0000", afterAudioMs: 5100 }],
    ["close 1008", { kind: "close", code: 1008, reason: "DATA-0000", afterAudioMs: 2100 }],
    ["close 1000", { kind: "close", code: 1000, reason: "", afterAudioMs: 6400 }],
  ] as const)("by %s costs no word, and no word comes twice", async (name, drop) => {
    const scene = await call(6, { faults: { drop: { ...drop, times: 1 } } });
    expectWhole(scene);
    expect(scene.service.sessions().length).toBeGreaterThan(1);
    expect(scene.heard.troubles.map(({ state }) => state).slice(0, 2)).toEqual(["reconnecting", "live"]);
    note(`connection lost: ${name}`, "stand-in", scene.heard);
  });

  it("again and again costs no word", async () => {
    const scene = await call(8, { faults: { drop: { kind: "reset", afterAudioMs: 2300, times: 5 } } });
    expectWhole(scene);
    expect(scene.service.sessions().length).toBeGreaterThan(4);
    note("connection lost five times", "reset", scene.heard);
  });

  it("and refused at first is made again", async () => {
    const scene = await call(6, {
      faults: {
        drop: { kind: "reset", afterAudioMs: 4000, times: 1 },
      },
      meanwhile: async (service) => {
        await until(() => service.sessions().some(({ closed }) => closed !== null));
        service.setFaults({ handshake: { kind: "refuse", status: 503, times: 2 } });
      },
    });
    expectWhole(scene);
    note("lost, then refused with 503", "reset and 503", scene.heard);
  });

  it("while the machine does not answer at all is made again, and the gap is repaired", async () => {
    const scene = await call(9, {
      meanwhile: async (service) => {
        await until(() => (service.sessions()[0]?.readMs ?? 0) > 6000);
        service.setFaults({ drop: { kind: "reset", times: 1 }, refuseConnectionsMs: 9000 });
      },
      settings: { fallbackAfterSec: 5 },
    });
    expectWhole(scene);
    expect(scene.service.requests().filter(({ kind }) => kind === "recorded").length).toBeGreaterThan(0);
    expect(scene.heard.finals.some(({ reason }) => reason === "repair")).toBe(true);
    expect(scene.heard.troubles.map(({ reason, state }) => `${state} ${reason}`)).toEqual([
      "reconnecting engine_connection",
      "degraded engine_away",
      "live engine_connection",
    ]);
    expect(scene.kept.counted.get("engine_audio_seconds repaired")).toBeGreaterThan(5);
    note("nothing listens for 9 s", "ECONNREFUSED", scene.heard);
  });
});

describe.concurrent("a peer that stalls", { timeout: timeoutMs }, () => {
  const stalls: readonly (readonly [name: string, faults: FaultSwitches])[] = [
    ["reads nothing more", { stall: { afterAudioMs: 4000, times: 1 } }],
    ["says nothing more", { mute: { afterAudioMs: 4000, times: 1 } }],
  ];
  it.each(stalls)("and %s is noticed, and costs no word", async (name, faults) => {
    const scene = await call(8, { faults });
    expectWhole(scene);
    expect(scene.kept.counted.get("engine_connections_lost stalled")).toBe(1);
    const gone = scene.heard.told.find(({ event }) => event.type === "trouble");
    const noticedMs = (gone?.atMs ?? Infinity) - (scene.heard.begunMs + 4000);
    addRow(`peer ${name}: noticed`, "stand-in", [noticedMs]);
    note(`peer ${name}: connected again`, "stand-in", scene.heard);
  });

  it("in the handshake is given up and tried again", async () => {
    const scene = await call(4, { faults: { handshake: { kind: "hang", times: 1 } } });
    expectWhole(scene);
    note("handshake hangs", "stand-in", scene.heard);
  });

  it("at the end of the call does not keep it from ending, with every word", async () => {
    const scene = await call(3, { faults: { ignoreCloseStream: true, ignoreFinalize: true } });
    expectWhole(scene);
    const late = await call(3, { faults: { stall: { afterAudioMs: 7000, times: 1 } } });
    expectWhole(late);
  });
});

describe.concurrent("a host that is away", { timeout: timeoutMs }, () => {
  // The service hangs up after 30 s in which it had nothing to answer; here it is sooner.
  const standIn = { answerTimeoutMs: 17_000 };
  const away = { fromMs: 4000, forMs: 19_000 };

  it("in the middle of a word costs none, and nothing is told of the service", async () => {
    const scene = await call(4, { standIn, speech: { away } });
    expectWhole(scene);
    expect(scene.heard.troubles).toEqual([]);
    expect(scene.service.sessions()).toHaveLength(2);
    expect(scene.service.sessions()[0]?.closed?.by).toBe("client");
    // What had no final is sent once more.
    expect(scene.heard.billedSeconds).toBeLessThan(2 * (0.4 + 4 * 2.8 + 0.6) + 2 * 6);
  });

  it.each([
    // No silence behind the last word: it has had no final.
    ["in mid-sentence leaves a transcript of all that was heard", 5.3, 2],
    ["with nothing left to say costs no other connection", 8, 1],
  ])("and does not come back %s", async (_name, seconds, connections) => {
    const lines = conversation(2);
    const service = await startDeepgramStandIn({ words: scriptedWords({ lines, time: "marked" }) });
    try {
      const kept = new KeptTelemetry();
      const heard = await speak({
        engine: engineAt(service.url, kept),
        pcm: spokenPcm(lines, seconds, 2),
        channels: 2,
        away: { fromMs: seconds * 1000, forMs: 17_000 },
      });
      expectWhole({ service, kept, heard, lines });
      expect(heard.troubles).toEqual([]);
      expect(service.sessions()).toHaveLength(connections);
    } finally {
      await service.close();
    }
  });
});

describe.concurrent("a refused handshake", { timeout: timeoutMs }, () => {
  it.each([
    [400, /DEEPGRAM_/],
    [401, /DEEPGRAM_API_KEY/],
    [402, /credit/],
    [403, /right/],
  ])("with %i is final, and told with the service's reason and request id", async (status, remedy) => {
    const { heard, kept, service } = await call(2, { faults: { handshake: { kind: "refuse", status } } });
    expect(service.requests().filter(({ kind }) => kind === "stream")).toHaveLength(1);
    const [refused] = heard.troubles.filter(({ reason }) => reason === "engine_refused");
    expect(refused?.state).toBe("degraded");
    expect(refused?.detail).toMatch(remedy);
    expect(refused?.detail).toContain(service.requests()[0]?.requestId);
    expect(String(heard.failure)).toContain(String(status));
    expectSecret(kept, heard);
  });

  it.each([429, 500, 502, 503])("with %i is worth another attempt", async (status) => {
    const scene = await call(3, { faults: { handshake: { kind: "refuse", status, times: 2 } } });
    expectWhole(scene);
    expect(scene.service.requests().filter(({ kind }) => kind === "stream").length).toBeGreaterThan(2);
    note(`handshake refused with ${status}, twice`, "stand-in", scene.heard);
  });
});

describe.concurrent("a service that is merely difficult", { timeout: timeoutMs }, () => {
  const difficulties: readonly (readonly [name: string, faults: FaultSwitches])[] = [
    ["whose channels come late and apart", { channelDelaysMs: [0, 700], jitterMs: 200 }],
    ["whose ends of utterances come late", { utteranceEnds: "late" }],
    ["whose ends of utterances have no place", { utteranceEnds: "minus_one" }],
    ["that revises its interims", { reviseInterims: true }],
    ["that reports errors now and then", { errorEvery: 3 }],
  ];
  it.each(difficulties)("%s costs no word", async (_, faults) => {
    expectWhole(await call(5, { faults }));
  });
});

describe.concurrent("the repair of a gap", { timeout: timeoutMs }, () => {
  it("is tried again until the service takes it", async () => {
    const scene = await call(8, {
      faults: { recorded: { kind: "refuse", status: 503, times: 2 } },
      meanwhile: async (service) => {
        await until(() => (service.sessions()[0]?.readMs ?? 0) > 4000);
        service.setFaults({
          drop: { kind: "reset", times: 1 },
          refuseConnectionsMs: 8000,
          recorded: { kind: "refuse", status: 503, times: 2 },
        });
      },
    });
    expectWhole(scene);
    expect(scene.service.requests().filter(({ kind }) => kind === "recorded")).toHaveLength(3);
  });
});

async function until(isSo: () => boolean): Promise<void> {
  for (let looks = 0; looks < 1200; looks++) {
    if (isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("it did not come to that within a minute");
}
