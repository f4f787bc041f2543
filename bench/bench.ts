// Latency of live calls on the embedded engine, load on a no-op engine and on Deepgram's: a table, or --json.
import { readFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startServer } from "../bin/running-server.ts";
import { readWav } from "../lib/recording/wav-reader.ts";
import type { SpokenLanguage } from "../lib/transcription/speech-models.ts";
import { deepgramLoad, renderDeepgramLoad, type DeepgramLoad } from "./deepgram-load.ts";
import { plainWords, readAlignment, wordErrors, type AlignedLine } from "../eval/alignment.ts";
import { measure, spreadOf, type Spread } from "./latency.ts";
import { playLive } from "./live-call.ts";
import { loadCalls, type LoadMeasure } from "./load.ts";
import { decodeWhole } from "./whole-decode.ts";

const usage = `Usage: npm run bench -- [--rounds N] [--load 100,300] [--deepgram 1,100,300] [--seconds N] [--json]

  --rounds   times each recorded call is played in real time (default 1, about two minutes)
  --load     numbers of calls for the load part, none with --load "" (default 100,300)
  --deepgram numbers of calls through the Deepgram engine to a stand-in, against a bare relay, none with
             --deepgram "" (default 1,100,300; the last also over Socket.IO, and with VAD_ENABLED=true)
  --live     false: not the recorded calls
  --seconds  length of each load run (default 30)
Stored calls have a bench of their own: npx tsx bench/stored-calls.ts`;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "1" },
    load: { type: "string", default: "100,300" },
    deepgram: { type: "string", default: "1,100,300" },
    live: { type: "string", default: "true" },
    seconds: { type: "string", default: "30" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const numbersOf = (list: string): number[] =>
  list
    .split(",")
    .filter((text) => text !== "")
    .map(Number);
const loads = numbersOf(values.load);
const deepgramLoads = numbersOf(values.deepgram);
if (
  values.help ||
  ![rounds, seconds, ...loads, ...deepgramLoads].every((number) => Number.isInteger(number) && number > 0)
) {
  process.stderr.write(`${usage}\n`);
  process.exit(values.help ? 0 : 2);
}

/** Nearer aims, in milliseconds at p95, of utterances up to 6 s. */
const aims = { firstWord: 900, objection: 1100, suggestion: 1200, shortFinal: 1000 } as const;
type Stage = keyof typeof aims | "final";
const stages: readonly Stage[] = ["firstWord", "objection", "suggestion", "shortFinal", "final"];

interface LiveResult {
  readonly call: string;
  readonly stages: Readonly<Record<Stage, Spread>>;
  readonly missed: readonly string[];
  readonly falseCards: readonly string[];
  readonly wordErrorRate: number;
  /** Of the same recording decoded whole, by the same models. */
  readonly wholeWordErrorRate: number;
  readonly eventLoopDelayP99Ms: number;
}

const callsFolder = fileURLToPath(new URL("../data/calls/", import.meta.url));

async function measureLive(language: SpokenLanguage): Promise<LiveResult> {
  const call = `${language}-short`;
  const folder = join(callsFolder, call);
  const lines = await readAlignment(folder);
  const server = await startServer({ LANGUAGE: language });
  try {
    const all: Record<Stage, number[]> = {
      firstWord: [],
      objection: [],
      suggestion: [],
      shortFinal: [],
      final: [],
    };
    const missed: string[] = [];
    const falseCards: string[] = [];
    let errorRates = 0;
    for (let round = 0; round < rounds; round += 1) {
      const { events } = await playLive(server.url, folder, { language });
      const measures = measure(events, lines);
      for (const stage of stages) all[stage].push(...measures[stage]);
      missed.push(...measures.missed);
      falseCards.push(...measures.falseCards);
      errorRates += measures.wordErrorRate;
    }
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    const [, p99 = "NaN"] = /event_loop_delay_ms\{quantile="0\.99"\} ([\d.]+)/u.exec(metrics) ?? [];
    return {
      call,
      stages: {
        firstWord: spreadOf(all.firstWord),
        objection: spreadOf(all.objection),
        suggestion: spreadOf(all.suggestion),
        shortFinal: spreadOf(all.shortFinal),
        final: spreadOf(all.final),
      },
      missed,
      falseCards,
      wordErrorRate: errorRates / rounds,
      wholeWordErrorRate: await wholeErrorRate(folder, lines, language),
      eventLoopDelayP99Ms: Number(p99),
    };
  } finally {
    await server.stop();
  }
}

async function wholeErrorRate(
  folder: string,
  lines: readonly AlignedLine[],
  language: SpokenLanguage,
): Promise<number> {
  const { pcm, format } = readWav(await readFile(join(folder, "call.wav")));
  const [rep = "", prospect = ""] = await decodeWhole(pcm, format.channels, language);
  let errors = 0;
  let words = 0;
  for (const [speaker, heard] of [
    ["rep", rep],
    ["prospect", prospect],
  ] as const) {
    const said = lines.filter((line) => line.speaker === speaker).flatMap((line) => plainWords(line.text));
    errors += wordErrors(said, plainWords(heard));
    words += said.length;
  }
  return errors / words;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function renderLive(result: LiveResult): string {
  const measured = stages.filter((stage) => result.stages[stage].n > 0);
  const rows = measured.map((stage) => {
    const { n, p50, p95, max } = result.stages[stage];
    const aim = stage === "final" ? "" : `  aim ${aims[stage]} at p95`;
    return `  ${stage.padEnd(12)} n ${String(n).padStart(3)}  p50 ${String(p50).padStart(5)}  p95 ${String(p95).padStart(5)}  max ${String(max).padStart(5)} ms${aim}`;
  });
  const ratio = result.wordErrorRate / result.wholeWordErrorRate;
  return [
    `${result.call}, stereo, real time, embedded engine; from the true end of the words to the client`,
    ...rows,
    `  words wrong  ${percent(result.wordErrorRate)}, decoded whole ${percent(result.wholeWordErrorRate)}, ratio ${ratio.toFixed(2)} (aim 1.05)`,
    `  missed ${result.missed.length}, false cards ${result.falseCards.length}, event-loop delay p99 ${result.eventLoopDelayP99Ms.toFixed(1)} ms (aim 50)`,
    ...result.missed.map((line) => `    missed: ${line}`),
    ...result.falseCards.map((line) => `    false card: ${line}`),
  ].join("\n");
}

function renderLoad(result: LoadMeasure): string {
  const { p50, p99, max } = result.delayMs;
  return `${result.calls} calls for ${result.seconds} s: event-loop delay p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, max ${max.toFixed(0)} ms (aim p99 50); ${result.kibPerCall} KiB a call (aim 1024); ${result.cpuShare} CPU; durable ${percent(result.durableShare)}`;
}

const machine = {
  cpu: cpus()[0]?.model ?? "unknown",
  cores: availableParallelism(),
  node: process.version,
  loadBefore: loadavg()[0],
};
/** As soon as it is measured: the whole takes many minutes. */
function tell(text: string): void {
  if (!values.json) process.stdout.write(`${text}\n`);
}

const { cores, cpu, loadBefore, node } = machine;
tell(`${cores} cores, ${cpu}, Node ${node}, load average before ${String(loadBefore?.toFixed(1))}`);
const live: LiveResult[] = [];
for (const language of values.live === "false" ? [] : (["es", "en"] as const)) {
  const result = await measureLive(language);
  live.push(result);
  tell(renderLive(result));
}
const load: LoadMeasure[] = [];
if (loads.length > 0) tell("Load: stereo, 100 ms frames, /ws, no-op engine, client in another process");
for (const calls of loads) {
  const result = await loadCalls(calls, seconds);
  load.push(result);
  tell(renderLoad(result));
}
const deepgram: DeepgramLoad[] = [];
/** Relay and server take this many turns. */
const turns = 2;
const most = deepgramLoads.at(-1);
for (const options of [
  ...deepgramLoads.map((calls) => ({ way: "websocket", vad: false, calls }) as const),
  ...(most === undefined
    ? []
    : ([
        { way: "socket.io", vad: false, calls: most },
        { way: "websocket", vad: true, calls: most },
      ] as const)),
]) {
  const result = await deepgramLoad({ ...options, seconds: seconds / turns, turns });
  deepgram.push(result);
  tell(renderDeepgramLoad(result));
}
if (values.json) {
  process.stdout.write(`${JSON.stringify({ machine, aims, live, load, deepgram }, null, 2)}\n`);
}
process.exit(0);
