// Many calls with random faults, on the client's side and the server's, and what is left of them at the end.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { freePort } from "../bin/running-server.ts";
import { LoadProcess, type LoadReading } from "./load-process.ts";
import { callerFaults, SoakCaller } from "./soak-caller.ts";
import { proveCall, type SoakProof } from "./soak-proof.ts";

const usage = `Usage: npx tsx bench/soak-calls.ts [--calls N] [--seconds N] [--json]

  --calls    live calls at once (default 50)
  --seconds  how long they last (default 1200)`;
const { values } = parseArgs({
  options: {
    calls: { type: "string", default: "50" },
    seconds: { type: "string", default: "1200" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const [calls, seconds] = [Number(values.calls), Number(values.seconds)];
if (values.help || ![calls, seconds].every((number) => Number.isInteger(number) && number > 0)) {
  process.stderr.write(`${usage}\n`);
  process.exit(values.help ? 0 : 2);
}

/** The calls are asked to stop and their transcripts end; on a busy machine that takes its time. */
const completeWithinMs = 120_000;
const startCallWithinMs = 30_000;

const problems: string[] = [];
process.on("uncaughtException", (error) => problems.push(error.stack ?? error.message));
const folder = await mkdtemp(join(tmpdir(), "sales-coach-soak-"));
const port = await freePort();
let server = await startServer();
let rejections = 0;
const died = { kill: 0, term: 0 };

async function startServer(): Promise<LoadProcess> {
  return await LoadProcess.start({ engine: "scripted", exposeGc: true, dataFolder: folder, port });
}

async function bringDown(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  rejections += (await server.measure()).rejections;
  const code = await server.end(signal);
  if (signal === "SIGTERM" && code !== 0) problems.push(`SIGTERM ended the server with ${String(code)}`);
  died[signal === "SIGKILL" ? "kill" : "term"] += 1;
  server = await startServer();
}

const callers: SoakCaller[] = [];
const running: Promise<void>[] = [];
async function begin(): Promise<void> {
  const reply = await fetch(`${server.url}/session/start`, {
    method: "POST",
    signal: AbortSignal.timeout(startCallWithinMs),
  });
  if (reply.status !== 200) throw new Error(`/session/start is ${reply.status} ${await reply.text()}`);
  const { call_id: callId } = (await reply.json()) as { call_id: string };
  const caller = new SoakCaller(callers.length + 1, callId, () => server.url);
  callers.push(caller);
  running.push(caller.run());
}

type Reading = LoadReading & { readonly atSec: number };
const suffered: Record<string, number> = {};

/** The calls with their faults; the server goes down in the first half, its memory is watched in the second. */
async function suffer(): Promise<readonly Reading[]> {
  for (let index = 0; index < calls; index += 1) await begin();
  const readings: Reading[] = [];
  const startedMs = performance.now();
  const atSec = (): number => (performance.now() - startedMs) / 1000;
  const deaths = ["SIGKILL", "SIGKILL", "SIGTERM", "SIGKILL"] as const;
  let nextDeath = 0;
  let nextReadingSec = seconds * 0.55;
  // On a busy machine starting again takes its time: no death is left out for that.
  while (atSec() < seconds || nextDeath < deaths.length) {
    await sleep(Math.max(50, 4000 / calls));
    const death = deaths[nextDeath];
    if (death !== undefined && atSec() > (seconds * 0.5 * (nextDeath + 1)) / (deaths.length + 1)) {
      nextDeath += 1;
      await bringDown(death);
      // SIGTERM completes the calls: others take their places.
      await sleep(1500);
      const missing = calls - callers.filter((caller) => !caller.ended).length;
      for (let index = 0; index < missing; index += 1) await begin();
    }
    if (atSec() > nextReadingSec && nextDeath === deaths.length) {
      nextReadingSec += seconds / 40;
      readings.push({ atSec: atSec(), ...(await server.measure()) });
    }
    const caller = callers[Math.floor(Math.random() * callers.length)];
    const fault = callerFaults[Math.floor(Math.random() * callerFaults.length)];
    if (caller === undefined || fault === undefined || caller.ended) continue;
    suffered[fault] = (suffered[fault] ?? 0) + 1;
    void caller.suffer(fault);
  }
  await sleep(4000);
  for (const caller of callers) caller.stop();
  await Promise.race([Promise.all(running), sleep(completeWithinMs)]);
  for (const caller of callers) caller.giveUp();
  return readings;
}

/** By least squares, in MiB an hour. */
function slopeMibPerHour(readings: readonly Reading[], of: (reading: Reading) => number): number {
  const points = readings.map((reading) => [reading.atSec / 3600, of(reading) / 1024 / 1024] as const);
  const mean = (at: 0 | 1): number => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const over = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const under = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return Math.round(over / under);
}

/** What the server held in the second half, and when all calls were over. */
async function watchMemory(readings: readonly Reading[]): Promise<Readonly<Record<string, unknown>>> {
  const last = await server.measure();
  rejections += last.rejections;
  const first = readings[0] ?? last;
  const newest = readings.at(-1) ?? last;
  const mib = (bytes: number): number => Number((bytes / 1024 / 1024).toFixed(1));
  const growthMib = mib(newest.heapBytes - first.heapBytes);
  // Live calls hold a little more the longer they last; what leaks grows with every fault.
  if (growthMib > 20 + calls * 0.5) problems.push(`the heap grew by ${growthMib} MiB`);
  if (last.files > first.files || last.threads > first.threads + 2) {
    problems.push(`files ${first.files} → ${last.files}, threads ${first.threads} → ${last.threads}`);
  }
  return {
    heap: {
      firstMib: mib(first.heapBytes),
      newestMib: mib(newest.heapBytes),
      lastMib: mib(last.heapBytes),
      mibPerHour: slopeMibPerHour(readings, (one) => one.heapBytes),
    },
    rss: {
      firstMib: mib(first.rssBytes),
      newestMib: mib(newest.rssBytes),
      mibPerHour: slopeMibPerHour(readings, (one) => one.rssBytes),
    },
    files: [first.files, newest.files, last.files],
    threads: [first.threads, newest.threads, last.threads],
    handles: [first.handles, newest.handles, last.handles],
  };
}

async function soak(): Promise<Readonly<Record<string, unknown>>> {
  const readings = await suffer();
  const proofs: SoakProof[] = [];
  for (const caller of callers) proofs.push(await proveCall(server.url, caller));
  problems.push(...proofs.flatMap((proof) => proof.problems));
  const sum = (of: (proof: SoakProof) => number): number =>
    proofs.reduce((total, proof) => total + of(proof), 0);
  const lostSamples = sum((proof) => proof.lostSamples);
  const lostEvents = sum((proof) => proof.lostEvents);
  if (lostSamples > 0) problems.push(`${lostSamples} samples are lost or wrong`);
  if (lostEvents > 0) problems.push(`${lostEvents} events that were sent are not stored as they were sent`);
  await sleep(1000);
  const memory = await watchMemory(readings);
  if (rejections > 0) problems.push(`${rejections} unhandled rejections or exceptions`);
  const recoveriesMs = callers.flatMap((caller) => caller.recoveriesMs).sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(recoveriesMs[Math.floor(recoveriesMs.length * share)] ?? 0);
  return {
    callsInAll: callers.length,
    connections: callers.reduce((total, caller) => total + caller.connections, 0),
    audioSeconds: Math.round(sum((proof) => proof.audioSeconds)),
    lostSamples,
    checkedEvents: sum((proof) => proof.checkedEvents),
    lostEvents,
    recoveryMs: { n: recoveriesMs.length, p50: at(0.5), p95: at(0.95) },
    ...memory,
  };
}

let measured: Readonly<Record<string, unknown>> = {};
try {
  measured = await soak();
} catch (error) {
  problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
await server.end();
await rm(folder, { recursive: true, force: true });
const summary = { calls, seconds, faults: { ...suffered, ...died }, ...measured, rejections, problems };
process.stdout.write(`${JSON.stringify(summary, null, values.json ? 0 : 2)}\n`);
process.exit(problems.length === 0 ? 0 : 1);
