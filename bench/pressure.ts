// What well-behaved calls notice of one bad client: p99 of their event latency (the median of the turns) with it, in turns
// with the same client sending as much to a process that discards it (its own CPU is then in both), and with none.
import { fork } from "node:child_process";
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
  --rounds   turns with each bad client, with its traffic going elsewhere, and without (default 3)
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

/** Until it has connected. What it may then send at once is part of what is measured. */
const settleMs = 1500;

interface Server {
  readonly url: string;
  /** Of processor time that all its threads have used; null where it is not known. */
  cpuSeconds(): Promise<number | null>;
  stop(): Promise<void>;
}

async function scriptedServer(): Promise<Server> {
  const server = await LoadProcess.start({ engine: "scripted", isBuilt: true });
  return {
    url: server.url,
    cpuSeconds: async () => {
      const { system, user } = (await server.measure()).cpu;
      return (system + user) / 1_000_000;
    },
    stop: async () => {
      await server.end();
    },
  };
}

interface Sink {
  readonly url: string;
  pace(bytesPerSec: number): void;
  stop(): void;
}

async function startSink(): Promise<Sink> {
  const child = fork(fileURLToPath(new URL("pressure-sink.ts", import.meta.url)), {
    execArgv: ["--import", "tsx"],
    stdio: "inherit",
  });
  const { port } = await new Promise<{ port: number }>((resolve, reject) => {
    child.once("message", (message) => {
      resolve(message as { port: number });
    });
    child.once("exit", (code) => {
      reject(new Error(`the sink ended with ${String(code)}`));
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    pace: (bytesPerSec) => child.send(bytesPerSec),
    stop: () => child.kill("SIGKILL"),
  };
}

interface Turn {
  readonly latenciesMs: readonly number[];
  readonly sentBytesPerSec: number;
  /** Of one core, that the server used; NaN where it is not known. */
  readonly cpuShare: number;
}

/** What the calls notice in a turn, and what the server does in it. */
async function watched(): Promise<Omit<Turn, "sentBytesPerSec">> {
  const before = await server.cpuSeconds();
  const startedMs = performance.now();
  collected();
  await sleep(seconds * 1000);
  const latenciesMs = collected();
  const after = await server.cpuSeconds();
  const cpuShare =
    before === null || after === null ? NaN : ((after - before) * 1000) / (performance.now() - startedMs);
  return { latenciesMs, cpuShare };
}

/** What a process has written to files and sockets. */
async function writtenBytes(pid: number): Promise<number> {
  return Number(/^wchar: (\d+)$/mu.exec(await readFile(`/proc/${pid}/io`, "utf8"))?.[1]);
}

/** The client at the lowest priority: it is not on the machine of the server, and must not measure as its load. */
async function turnWith(kind: BadKind, url: string): Promise<Turn> {
  const entry = fileURLToPath(new URL("bad-clients.ts", import.meta.url));
  const child = fork(entry, [kind, url], { execArgv: ["--import", "tsx"], stdio: "ignore" });
  const { pid } = child;
  if (pid === undefined) throw new Error("the bad client could not be started");
  setPriority(pid, constants.priority.PRIORITY_LOW);
  try {
    // Its start is not what is measured, and takes its time on a busy machine.
    await new Promise((resolve) => {
      for (const event of ["message", "exit"]) child.once(event, resolve);
    });
    await sleep(settleMs);
    const before = await writtenBytes(pid);
    const turn = await watched();
    return { ...turn, sentBytesPerSec: ((await writtenBytes(pid)) - before) / seconds };
  } finally {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
    await sleep(1000);
  }
}

function p99(latenciesMs: readonly number[]): number {
  const sorted = [...latenciesMs].sort((a, b) => a - b);
  // No event at all is the worst there is.
  return sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)] ?? Infinity;
}

/** Of the turns, because another guest of the machine that takes its cores for a moment spoils one of them, not all. */
function medianP99(turns: readonly (readonly number[])[]): number {
  const sorted = turns.map(p99).sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}

const server: Server = embedded
  ? {
      ...(await startServer({ LOG_LEVEL: "fatal", MAX_LIVE_CALLS: "100" })),
      cpuSeconds: () => Promise.resolve(null),
    }
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
  readonly sentBytesPerSec: number;
  readonly withoutP99Ms: number;
  readonly elsewhereP99Ms: number;
  readonly withP99Ms: number;
  /** With it over with its traffic going elsewhere. */
  readonly ratio: number;
  /** Between the turns without it and those with its traffic elsewhere: the server does the same in both. */
  readonly noiseRatio: number;
  /** Shares of one core that the server used: what others could lack does not depend on the machine's other load. */
  readonly cpuWith: number;
  readonly cpuWithout: number;
}

async function measure(kind: BadKind, sink: Sink): Promise<Result> {
  const quiet: number[][] = [];
  const elsewhere: number[][] = [];
  const bad: number[][] = [];
  const rates: number[] = [];
  const cpu = { with: 0, without: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const turn = await turnWith(kind, server.url);
    bad.push([...turn.latenciesMs]);
    rates.push(turn.sentBytesPerSec);
    cpu.with += turn.cpuShare / rounds;
    sink.pace(turn.sentBytesPerSec);
    elsewhere.push([...(await turnWith(kind, sink.url)).latenciesMs]);
    const calm = await watched();
    quiet.push([...calm.latenciesMs]);
    cpu.without += calm.cpuShare / rounds;
  }
  const [withoutP99Ms, elsewhereP99Ms, withP99Ms] = [medianP99(quiet), medianP99(elsewhere), medianP99(bad)];
  return {
    kind,
    events: bad.flat().length,
    sentBytesPerSec: Math.round(rates.reduce((sum, rate) => sum + rate, 0) / rates.length),
    withoutP99Ms,
    elsewhereP99Ms,
    withP99Ms,
    ratio: withP99Ms / elsewhereP99Ms,
    noiseRatio: Math.max(withoutP99Ms, elsewhereP99Ms) / Math.min(withoutP99Ms, elsewhereP99Ms),
    cpuWith: cpu.with,
    cpuWithout: cpu.without,
  };
}

await sleep(3000);
const sink = await startSink();
const results: Result[] = [];
for (const kind of kinds) {
  const result = await measure(kind, sink);
  results.push(result);
  if (values.json) continue;
  const ms = (value: number): string => value.toFixed(1).padStart(6);
  const percent = (share: number): string => (Number.isNaN(share) ? "?" : `${(share * 100).toFixed(0)} %`);
  const mbPerSec = (result.sentBytesPerSec / 1_000_000).toFixed(2).padStart(6);
  process.stdout.write(
    `${kind.padEnd(32)} n ${String(result.events).padStart(5)} ${mbPerSec} MB/s  p99 without ${ms(result.withoutP99Ms)}  elsewhere ${ms(result.elsewhereP99Ms)}  with ${ms(result.withP99Ms)} ms  ratio ${result.ratio.toFixed(2)}  (noise ${result.noiseRatio.toFixed(2)})  server ${percent(result.cpuWithout)} → ${percent(result.cpuWith)} of a core\n`,
  );
}
const faults = good.reduce((sum, call) => sum + call.faults, 0);
for (const call of good) call.stop();
sink.stop();
await server.stop();
const summary = { engine: values.engine, calls, rounds, seconds, loadAfter: loadavg()[0], faults, results };
process.stdout.write(
  values.json
    ? `${JSON.stringify(summary, null, 2)}\n`
    : `errors or closes told to well-behaved calls: ${faults}\n`,
);
process.exit(faults === 0 ? 0 : 1);
