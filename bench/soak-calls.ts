// Many calls with random faults, on the client's side and the server's, and what is left of them at the end.
import { fork, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { WebSocket } from "ws";
import type { ServerMessage } from "../lib/contract/events.ts";
import { readWav } from "../lib/recording/wav-reader.ts";
import { callerFaults, SoakCaller, soundAt } from "./soak-caller.ts";

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

interface Reading {
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly files: number;
  readonly threads: number;
  readonly handles: number;
  readonly rejections: number;
}

const folder = await mkdtemp(join(tmpdir(), "sales-coach-soak-"));
const port = await new Promise<number>((resolve, reject) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const address = probe.address();
    probe.close(() => {
      if (address !== null && typeof address === "object") resolve(address.port);
      else reject(new Error("no free port"));
    });
  });
});
const url = `http://127.0.0.1:${port}`;
let rejections = 0;

async function startServer(): Promise<ChildProcess> {
  const started = fork(fileURLToPath(new URL("load-server.ts", import.meta.url)), {
    execArgv: ["--import", "tsx", "--expose-gc"],
    env: { ...process.env, LOAD_ENGINE: "scripted", LOAD_DATA_DIR: folder, LOAD_PORT: String(port) },
    stdio: "inherit",
  });
  await new Promise((resolve, reject) => {
    started.once("message", resolve);
    started.once("exit", (code) => {
      reject(new Error(`the server ended with ${String(code)}`));
    });
  });
  return started;
}

async function measure(): Promise<Reading> {
  return await new Promise((resolve) => {
    server.once("message", (reading) => {
      resolve(reading as Reading);
    });
    server.send("measure");
  });
}

const died = { kill: 0, term: 0 };
async function bringDown(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  rejections += (await measure()).rejections;
  const gone = new Promise<number | null>((resolve) => server.once("exit", resolve));
  server.kill(signal);
  const code = await gone;
  if (signal === "SIGTERM" && code !== 0) problems.push(`SIGTERM ended the server with ${String(code)}`);
  died[signal === "SIGKILL" ? "kill" : "term"] += 1;
  server = await startServer();
}

const problems: string[] = [];
let server = await startServer();
async function newCaller(seed: number): Promise<SoakCaller> {
  const reply = await fetch(`${url}/session/start`, { method: "POST" });
  const { call_id: callId } = (await reply.json()) as { call_id: string };
  return new SoakCaller(seed, callId, () => url);
}
const callers: SoakCaller[] = [];
const running: Promise<void>[] = [];
async function begin(): Promise<void> {
  const caller = await newCaller(callers.length + 1);
  callers.push(caller);
  running.push(caller.run());
}
for (let index = 0; index < calls; index += 1) await begin();

const readings: (Reading & { readonly atSec: number })[] = [];
const suffered: Record<string, number> = {};
const startedMs = performance.now();
const atSec = (): number => (performance.now() - startedMs) / 1000;
// The server goes down in the first half; its memory is then watched in one life.
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
    while (callers.filter((caller) => !caller.completed).length < calls) await begin();
  }
  if (atSec() > nextReadingSec && nextDeath === deaths.length) {
    nextReadingSec += seconds / 40;
    readings.push({ atSec: atSec(), ...(await measure()) });
  }
  const caller = callers[Math.floor(Math.random() * callers.length)];
  const fault = callerFaults[Math.floor(Math.random() * callerFaults.length)];
  if (caller === undefined || fault === undefined || caller.completed) continue;
  suffered[fault] = (suffered[fault] ?? 0) + 1;
  void caller.suffer(fault);
}
await sleep(4000);
for (const caller of callers) caller.stop();
await Promise.race([
  Promise.all(running),
  sleep(120_000).then(() => {
    problems.push("not every call was completed two minutes after the end");
  }),
]);

/** Everything that the server says of the call now. */
async function replay(callId: string): Promise<Map<number, string>> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws/${callId}`, { perMessageDeflate: false });
  const events = new Map<number, string>();
  await new Promise<void>((resolve) => {
    socket.on("open", () => {
      socket.send('{"type":"start_transcription","data":{"after_seq":0}}');
    });
    socket.on("message", (bytes: Buffer) => {
      const message = JSON.parse(bytes.toString("utf8")) as ServerMessage;
      if ("seq" in message.data) events.set(message.data.seq, JSON.stringify(message));
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      resolve();
    });
  });
  return events;
}

let audioSeconds = 0;
let lostSamples = 0;
let lostEvents = 0;
let checkedEvents = 0;
for (const caller of callers) {
  for (const fault of caller.faults) problems.push(`${caller.callId}: ${fault}`);
  const stored = await replay(caller.callId);
  for (const event of caller.lasting()) {
    checkedEvents += 1;
    if (stored.get(event.data.seq) !== JSON.stringify(event)) lostEvents += 1;
  }
  for (const [view, channel] of [
    ["mic", 0],
    ["loop", 1],
  ] as const) {
    const { pcm } = readWav(
      new Uint8Array(await (await fetch(`${url}/calls/${caller.callId}/audio/${view}.wav`)).arrayBuffer()),
    );
    const samples = pcm.byteLength / 2;
    if (samples < caller.durable) lostSamples += caller.durable - samples;
    const view16 = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
    const sent = soundAt(caller.seed, 0, samples);
    for (let index = 0; index < samples; index += 1) {
      if (view16.getInt16(index * 2, true) !== sent.readInt16LE(index * 4 + channel * 2)) lostSamples += 1;
    }
    if (channel === 0) audioSeconds += samples / 16_000;
  }
}
await sleep(1000);
const last = await measure();
rejections += last.rejections;

/** By least squares, in MiB an hour. */
function slopeMibPerHour(of: (reading: Reading) => number): number {
  const points = readings.map((reading) => [reading.atSec / 3600, of(reading) / 1024 / 1024] as const);
  const mean = (at: 0 | 1): number => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const over = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const under = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return over / under;
}
const first = readings[0] ?? last;
const newest = readings.at(-1) ?? last;
const growthMib = (newest.heapBytes - first.heapBytes) / 1024 / 1024;
const recoveriesMs = callers.flatMap((caller) => caller.recoveriesMs).sort((a, b) => a - b);
const at = (share: number): number => Math.round(recoveriesMs[Math.floor(recoveriesMs.length * share)] ?? 0);
if (lostSamples > 0) problems.push(`${lostSamples} samples are lost or wrong`);
if (lostEvents > 0) problems.push(`${lostEvents} events that were sent are not stored as they were sent`);
if (rejections > 0) problems.push(`${rejections} unhandled rejections or exceptions`);
// Live calls hold a little more the longer they last; what leaks grows with every fault.
const allowedMib = 20 + calls * 0.5;
if (growthMib > allowedMib) problems.push(`the heap grew by ${growthMib.toFixed(1)} MiB`);
if (last.files > first.files || last.threads > first.threads + 2) {
  problems.push(`files ${first.files} → ${last.files}, threads ${first.threads} → ${last.threads}`);
}

const summary = {
  calls,
  seconds,
  callsInAll: callers.length,
  connections: callers.reduce((sum, caller) => sum + caller.connections, 0),
  faults: { ...suffered, ...died },
  audioSeconds: Math.round(audioSeconds),
  lostSamples,
  checkedEvents,
  lostEvents,
  recoveryMs: { n: recoveriesMs.length, p50: at(0.5), p95: at(0.95) },
  heap: {
    growthMib: Number(growthMib.toFixed(1)),
    mibPerHour: Math.round(slopeMibPerHour((one) => one.heapBytes)),
  },
  rss: {
    firstMib: Math.round(first.rssBytes / 1024 / 1024),
    newestMib: Math.round(newest.rssBytes / 1024 / 1024),
    mibPerHour: Math.round(slopeMibPerHour((one) => one.rssBytes)),
  },
  files: [first.files, newest.files, last.files],
  threads: [first.threads, newest.threads, last.threads],
  handles: [first.handles, newest.handles, last.handles],
  rejections,
  problems,
};
process.stdout.write(`${JSON.stringify(summary, null, values.json ? 0 : 2)}\n`);
const gone = new Promise((resolve) => server.once("exit", resolve));
server.kill("SIGTERM");
await gone;
await rm(folder, { recursive: true, force: true });
process.exit(problems.length === 0 ? 0 : 1);
