import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import type { LatencyStage } from "../lib/call/ports.ts";
import { readWav } from "../lib/recording/wav-reader.ts";
import type { StageShares } from "./cpu-stages.ts";
import { spreadOf, type Spread } from "./latency.ts";
import { LoadProcess, type LoadReading } from "./load-process.ts";
import type { LoopDelay } from "./loop-delay.ts";
import { SpokenCalls, type Way } from "./spoken-calls.ts";

/** A stage's measurements in one run. */
export interface StageSpread {
  readonly n: number;
  /** Interpolated between the metric's buckets. */
  readonly p50: number;
  readonly p95: number;
  readonly within50: number;
}

export interface DeepgramLoad {
  readonly way: Exclude<Way, "relay">;
  readonly vad: boolean;
  readonly calls: number;
  readonly seconds: number;
  /** Of all threads of the server, in percent of one core, for one call; of the relay in the same run. */
  readonly cpuPerCall: number;
  readonly relayCpuPerCall: number;
  readonly ratio: number;
  /** Of the stand-in, while the server was measured. */
  readonly serviceCpuPerCall: number;
  readonly delayMs: LoopDelay;
  /** Of the relay and of the stand-in, which say how much of it is the machine's. */
  readonly relayDelayMs: LoopDelay;
  readonly serviceDelayMs: LoopDelay;
  readonly own: { readonly send: StageSpread; readonly event: StageSpread };
  /** Transactions: what lasts is in the database before its event is sent. */
  readonly persist: StageSpread;
  /** The service's measure: seconds sent minus seconds heard, by channel. */
  readonly cursor: StageSpread;
  /** On the client's side, from the frame with a word's end to the word. */
  readonly word: Spread;
  readonly finals: number;
  /** To the stand-in, by reason, since the server started. */
  readonly lostConnections: Readonly<Record<string, number>>;
  /** Of what the main thread does, from a profile behind the measurement. */
  readonly stages: StageShares;
  /** In percent of one core for one call, the main thread first; smallest ones left out. */
  readonly threads: readonly number[];
}

export interface DeepgramLoadOptions {
  readonly way: Exclude<Way, "relay">;
  readonly vad: boolean;
  readonly calls: number;
  /** Of each part: relay and server take turns. */
  readonly seconds: number;
  readonly turns: number;
}

interface Busy {
  readonly cpu: NodeJS.CpuUsage;
  readonly newDelayMs: LoopDelay;
}

/** Of the stand-in: what has come to it is what was passed on, on a machine that is too slow as well. */
interface Served extends Busy {
  readonly receivedSeconds: number;
}

const warmUpSeconds = 4;
/** Calls do not begin all at once. */
const joinSeconds = 5;
const profiledSeconds = 5;
const betweenMs = 1000;

function cpuMsOf({ cpu }: { readonly cpu: NodeJS.CpuUsage }): number {
  return (cpu.user + cpu.system) / 1000;
}

/** Calls through the server to a stand-in in another process, and as many through a bare relay, in turns. */
export async function deepgramLoad(options: DeepgramLoadOptions): Promise<DeepgramLoad> {
  const { calls, seconds, turns, vad, way } = options;
  const service = await LoadProcess.start({ program: "listen-service", isBuilt: true });
  const relay = await LoadProcess.start({
    program: "bare-relay",
    isBuilt: true,
    environment: { RELAY_TO: service.url },
  });
  const server = await LoadProcess.start({
    engine: "deepgram",
    isBuilt: true,
    environment: { LOAD_SERVICE: service.url, LOAD_VAD: String(vad) },
  });
  const sound = await soundOfCalls();

  async function relayed(): Promise<Relayed> {
    const spoken = await SpokenCalls.start(relay.url, "relay", calls, sound);
    await spoken.speak(warmUpSeconds, joinSeconds);
    const read = (): Promise<[Busy, Served]> =>
      Promise.all([relay.ask("measure") as Promise<Busy>, service.ask("measure") as Promise<Served>]);
    const before = await read();
    await spoken.speak(seconds);
    const after = await read();
    await spoken.stop();
    return { relay: [before[0], after[0]], service: [before[1], after[1]] };
  }

  async function served(isLast: boolean): Promise<Measured & { stages: StageShares }> {
    const spoken = await SpokenCalls.start(server.url, way, calls, sound);
    await spoken.speak(warmUpSeconds, joinSeconds);
    spoken.takeWordMs();
    const finals = spoken.heard.finals;
    const read = (): Promise<[LoadReading, Served, string]> =>
      Promise.all([server.measure(), service.ask("measure") as Promise<Served>, metricsOf(server.url)]);
    const before = await read();
    await spoken.speak(seconds);
    const after = await read();
    const measured: Measured = {
      server: [before[0], after[0]],
      service: [before[1], after[1]],
      metrics: [before[2], after[2]],
      wordMs: spoken.takeWordMs(),
      finals: spoken.heard.finals - finals,
    };
    let stages: StageShares = {};
    if (isLast) {
      await server.ask("profile");
      await spoken.speak(profiledSeconds);
      stages = (await server.ask("profiled")) as StageShares;
    }
    await spoken.stop();
    if (spoken.heard.closed > 0) throw new Error(`${spoken.heard.closed} calls were closed`);
    return { ...measured, stages };
  }

  try {
    const relays: Relayed[] = [];
    const serves: Awaited<ReturnType<typeof served>>[] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      relays.push(await relayed());
      serves.push(await served(turn === turns - 1));
      await sleep(betweenMs);
    }
    return summaryOf(options, relays, serves);
  } finally {
    await Promise.all([server.end(), relay.end(), service.end()]);
  }
}

function summaryOf(
  { calls, seconds, turns, vad, way }: DeepgramLoadOptions,
  relays: readonly Relayed[],
  serves: readonly (Measured & { readonly stages: StageShares })[],
): DeepgramLoad {
  /** Of the seconds of calls that were passed on; all of them where the machine is fast enough. */
  const share = (ms: readonly number[], passed: readonly Pick<Relayed, "service">[] = serves): number => {
    const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);
    const callSeconds = passed.map(({ service }) => service[1].receivedSeconds - service[0].receivedSeconds);
    return (sum(ms) / (sum(callSeconds) * 1000)) * 100;
  };
  const cpuPerCall = share(serves.map(({ server: [before, after] }) => cpuMsOf(after) - cpuMsOf(before)));
  const relayCpuPerCall = share(
    relays.map(({ relay: [before, after] }) => cpuMsOf(after) - cpuMsOf(before)),
    relays,
  );
  const threads = serves[0]?.server[0].threadsMs.map((_, thread) =>
    share(
      serves.map(
        ({ server: [before, after] }) => (after.threadsMs[thread] ?? 0) - (before.threadsMs[thread] ?? 0),
      ),
    ),
  );
  const stage = (name: LatencyStage): StageSpread => spreadOfStage(name, serves);
  return {
    way,
    vad,
    calls,
    seconds: seconds * turns,
    cpuPerCall,
    relayCpuPerCall,
    ratio: cpuPerCall / relayCpuPerCall,
    serviceCpuPerCall: share(serves.map(({ service: [before, after] }) => cpuMsOf(after) - cpuMsOf(before))),
    delayMs: worst(serves.map(({ server }) => server[1].newDelayMs)),
    relayDelayMs: worst(relays.map(({ relay }) => relay[1].newDelayMs)),
    serviceDelayMs: worst(serves.map(({ service }) => service[1].newDelayMs)),
    own: { send: stage("engine_send"), event: stage("engine_event") },
    persist: stage("persist"),
    cursor: stage("engine_cursor"),
    word: spreadOf(serves.flatMap(({ wordMs }) => wordMs)),
    finals: serves.reduce((sum, { finals }) => sum + finals, 0),
    lostConnections: lostConnections(serves.at(-1)?.metrics[1] ?? ""),
    stages: serves.at(-1)?.stages ?? {},
    threads: (threads ?? []).filter((value) => value >= 0.001),
  };
}

function worst(delays: readonly LoopDelay[]): LoopDelay {
  const most = (name: keyof LoopDelay): number => Math.max(...delays.map((delay) => delay[name]));
  return { p50: most("p50"), p99: most("p99"), max: most("max") };
}

/** Before and behind what was said, as everything here. */
interface Relayed {
  readonly relay: readonly [Busy, Busy];
  readonly service: readonly [Served, Served];
}

interface Measured {
  readonly server: readonly [LoadReading, LoadReading];
  readonly service: readonly [Served, Served];
  /** Prometheus text. */
  readonly metrics: readonly [string, string];
  readonly wordMs: readonly number[];
  readonly finals: number;
}

async function soundOfCalls(): Promise<Buffer> {
  const file = fileURLToPath(new URL("../data/calls/es-short/call.wav", import.meta.url));
  return Buffer.from(readWav(await readFile(join(file))).pcm);
}

async function metricsOf(url: string): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}

/** Counts at or below each bound, in order. */
function bucketsOf(text: string, stage: LatencyStage): Map<number, number> {
  const line = new RegExp(`^coach_latency_ms_bucket\\{le="([^"]+)",stage="${stage}"[^}]*\\} (\\d+)`, "gmu");
  return new Map(
    [...text.matchAll(line)].map(([, bound, count]) => [
      bound === "+Inf" ? Infinity : Number(bound),
      Number(count),
    ]),
  );
}

function spreadOfStage(stage: LatencyStage, measured: readonly Pick<Measured, "metrics">[]): StageSpread {
  const counts = new Map<number, number>();
  for (const { metrics } of measured) {
    const [before, after] = metrics.map((text) => bucketsOf(text, stage));
    for (const [bound, count] of after ?? []) {
      counts.set(bound, (counts.get(bound) ?? 0) + count - (before?.get(bound) ?? 0));
    }
  }
  const n = counts.get(Infinity) ?? 0;
  const at = (quantile: number): number => {
    let [lower, below] = [0, 0];
    for (const [bound, count] of counts) {
      if (count >= quantile * n && count > below) {
        if (bound === Infinity) return lower;
        return lower + ((bound - lower) * (quantile * n - below)) / (count - below);
      }
      [lower, below] = [bound, count];
    }
    return Number.NaN;
  };
  return { n, p50: at(0.5), p95: at(0.95), within50: n === 0 ? Number.NaN : (counts.get(50) ?? 0) / n };
}

function lostConnections(text: string): Record<string, number> {
  const lines = text.matchAll(/^coach_engine_connections_lost_total\{([^}]*)\} (\d+)/gmu);
  return Object.fromEntries([...lines].map(([, labels = "", count]) => [labels, Number(count)]));
}

const ms = (value: number): string => (Number.isFinite(value) ? value.toFixed(1) : "–");

function renderStage(name: string, { n, p50, p95, within50 }: StageSpread): string {
  const within = (within50 * 100).toFixed(1);
  return `  ${name.padEnd(32)} n ${String(n).padStart(6)}  p50 ${ms(p50).padStart(6)}  p95 ${ms(p95).padStart(6)} ms  within 50 ms ${within} %`;
}

export function renderDeepgramLoad(result: DeepgramLoad): string {
  const { calls, delayMs, own, relayDelayMs, seconds, serviceDelayMs, stages, threads, vad, way, word } =
    result;
  const percent = (value: number): string => `${value.toFixed(3)} %`;
  const shares = Object.entries(stages).sort(([, a], [, b]) => b - a);
  return [
    `Deepgram: ${calls} calls over ${way === "websocket" ? "/ws" : "Socket.IO"}, VAD_ENABLED=${String(vad)}, ${seconds} s, the stand-in in another process`,
    `  CPU of a call ${percent(result.cpuPerCall)} of a core, of a bare relay ${percent(result.relayCpuPerCall)}: ${result.ratio.toFixed(2)} times (aim 3); of the stand-in ${percent(result.serviceCpuPerCall)}`,
    `  event-loop delay p50 ${ms(delayMs.p50)}, p99 ${ms(delayMs.p99)} (aim 50), max ${ms(delayMs.max)} ms; p99 of the relay ${ms(relayDelayMs.p99)}, of the stand-in ${ms(serviceDelayMs.p99)}`,
    renderStage("frame received to frame sent", own.send),
    renderStage("result received to event sent", own.event),
    renderStage("of it, written to the database", result.persist),
    renderStage("audio cursor minus transcript", result.cursor),
    `  ${"end of the word to our event".padEnd(32)} n ${String(word.n).padStart(6)}  p50 ${String(word.p50).padStart(6)}  p95 ${String(word.p95).padStart(6)} ms`,
    `  finals ${result.finals}, connections lost ${JSON.stringify(result.lostConnections)}`,
    `  main thread: ${shares.map(([stage, share]) => `${stage} ${(share * 100).toFixed(0)} %`).join(", ")}`,
    `  threads, main first: ${threads.map((thread) => thread.toFixed(3)).join(", ")} %`,
  ].join("\n");
}
