// What well-behaved calls notice of one bad client: p99 of their event latency with and without it, in turns.
import { fork, type ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import { constants, loadavg, setPriority } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startServer } from "../bin/running-server.ts";
import { readWav } from "../lib/recording/wav-reader.ts";
import { badKinds, type BadKind } from "./bad-clients.ts";
import { GoodCall } from "./event-latency.ts";
import { LoadProcess } from "./load-process.ts";

const usage = `Usage: npx tsx bench/pressure.ts [--engine scripted|embedded] [--calls N] [--rounds N] [--seconds N] [--only WORDS] [--json]

  --engine   scripted: whole server, no recognition (default); embedded: the built server with real speech
  --calls    well-behaved calls (default 8; 1 with the embedded engine)
  --rounds   turns without and with each bad client (default 3)
  --seconds  length of a turn (default 6)
  --only     bad clients whose names hold these words`;

const { values } = parseArgs({
  options: {
    engine: { type: "string", default: "scripted" },
    calls: { type: "string", default: "" },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "6" },
    only: { type: "string", default: "" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const embedded = values.engine === "embedded";
const calls = Number(values.calls === "" ? (embedded ? "1" : "8") : values.calls);
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
const kinds = badKinds.filter((kind) => kind.includes(values.only));
if (
  values.help ||
  kinds.length === 0 ||
  ![calls, rounds, seconds].every((n) => Number.isInteger(n) && n > 0)
) {
  process.stderr.write(`${usage}\n`);
  process.exit(values.help ? 0 : 2);
}

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

async function scriptedServer(): Promise<Server> {
  const server = await LoadProcess.start({ engine: "scripted" });
  return {
    url: server.url,
    stop: async () => {
      await server.end();
    },
  };
}

/** At the lowest priority: a bad client is not on the machine of the server, and must not measure as its load. */
function startBad(kind: BadKind, url: string): ChildProcess {
  const entry = fileURLToPath(new URL("bad-clients.ts", import.meta.url));
  const child = fork(entry, [kind, url], { execArgv: ["--import", "tsx"], stdio: "ignore" });
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  return child;
}

function p99(latenciesMs: readonly number[]): number {
  const sorted = [...latenciesMs].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)] ?? NaN;
}

const server = embedded
  ? await startServer({ LOG_LEVEL: "fatal", MAX_LIVE_CALLS: "100" })
  : await scriptedServer();
const callsFolder = fileURLToPath(new URL("../data/calls/", import.meta.url));
const sound = readWav(await readFile(join(callsFolder, "es-short", "call.wav")));
const good: GoodCall[] = [];
for (let index = 0; index < calls; index += 1) {
  const reply = await fetch(`${server.url}/session/start`, { method: "POST" });
  const { call_id: callId } = (await reply.json()) as { call_id: string };
  const call = await GoodCall.start(server.url, callId, Buffer.from(sound.pcm));
  void call.play();
  good.push(call);
}
const collected = (): number[] => good.flatMap((call) => call.takeLatencies());

interface Result {
  readonly kind: string;
  readonly events: number;
  readonly withoutP99Ms: number;
  readonly withP99Ms: number;
  readonly ratio: number;
  /** Between two halves of the turns without, which nothing but the machine sets apart. */
  readonly noiseRatio: number;
}

async function measure(kind: BadKind): Promise<Result> {
  const quiet: number[][] = [];
  const bad: number[][] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (let half = 0; half < 2; half += 1) {
      collected();
      await sleep((seconds * 1000) / 2);
      quiet.push(collected());
    }
    const child = startBad(kind, server.url);
    // The start of its process is not what is measured.
    await sleep(1500);
    collected();
    await sleep(seconds * 1000);
    bad.push(collected());
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
    await sleep(1000);
  }
  const halves = [0, 1].map((half) => p99(quiet.flatMap((turn, index) => (index % 2 === half ? turn : []))));
  const [first = NaN, second = NaN] = halves;
  const [withoutP99Ms, withP99Ms] = [p99(quiet.flat()), p99(bad.flat())];
  return {
    kind,
    events: quiet.flat().length + bad.flat().length,
    withoutP99Ms,
    withP99Ms,
    ratio: withP99Ms / withoutP99Ms,
    noiseRatio: Math.max(first, second) / Math.min(first, second),
  };
}

await sleep(3000);
const results: Result[] = [];
for (const kind of kinds) {
  const result = await measure(kind);
  results.push(result);
  if (values.json) continue;
  const ms = (value: number): string => value.toFixed(1).padStart(8);
  process.stdout.write(
    `${kind.padEnd(34)} n ${String(result.events).padStart(5)}  p99 without ${ms(result.withoutP99Ms)}  with ${ms(result.withP99Ms)} ms  ratio ${result.ratio.toFixed(2)}  (noise ${result.noiseRatio.toFixed(2)})\n`,
  );
}
const faults = good.reduce((sum, call) => sum + call.faults, 0);
for (const call of good) call.stop();
await server.stop();
const summary = { engine: values.engine, calls, rounds, seconds, loadAfter: loadavg()[0], faults, results };
process.stdout.write(
  values.json
    ? `${JSON.stringify(summary, null, 2)}\n`
    : `errors or closes told to well-behaved calls: ${faults}\n`,
);
process.exit(faults === 0 ? 0 : 1);
