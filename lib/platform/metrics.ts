import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import type { LatencyStage, Telemetry } from "../call/ports.ts";
import type { TelemetryCounter } from "../call/telemetry-counters.ts";

export interface StageLatency {
  /** Measurements since the start. */
  readonly count: number;
  /** Over the newest measurements, at most `latencyWindow`. */
  readonly p50Ms: number;
  readonly p95Ms: number;
}

export type LatencySummary = Readonly<Partial<Record<LatencyStage, StageLatency>>>;

export interface Metrics extends Telemetry {
  /** Prometheus text. */
  text(): Promise<string>;
  readonly contentType: string;
  /** Percentiles by stage; a stage without a measurement is left out. */
  latencySummary(): LatencySummary;
  /** Milliseconds by which timers came late, over the last one to two minutes. */
  eventLoopDelayMs(): { readonly p50: number; readonly p99: number; readonly max: number };
  close(): void;
}

/** Measurements of a stage that its percentiles are taken over. */
export const latencyWindow = 1000;
const bucketsMs = [10, 25, 50, 100, 200, 300, 400, 500, 700, 900, 1100, 1500, 2000, 3000, 5000, 10_000];
const delayResolutionMs = 10;
const delayWindowMs = 60_000;

const counterHelp: Readonly<Record<TelemetryCounter, string>> = {
  audio_seconds: "Seconds of call audio that became durable",
  audio_refused: "Audio frames refused, by code",
  audio_lost_seconds: "Seconds of audio declared lost",
  interims_dropped: "Interim texts given up because the machine could not keep up",
  events_sent: "Call events published, by type",
  malformed_messages: "Socket messages that were malformed, by code",
  messages_refused: "Socket messages that got an error, by code",
  connections_opened: "Connections of calls, by transport and role",
  connections_closed: "Connections that ended, by close code and reason; slow_reader: it did not read",
  connections_refused: "Connections turned away before they had a seat, by reason",
  connections_slowed: "Times a connection was not read because it sent too much too fast",
  reads_refused: "Searches and downloads refused because too many were waiting",
  calls_started: "Calls started",
  calls_completed: "Calls completed, by reason",
  audit_failures: "Attempts to write the audit log that failed",
  calls_deleted: "Stored calls deleted, by reason: retention or request",
  rate_limited: "Requests and connections told to wait, by what they wanted",
  persist_retries: "Writes to the database that were tried again",
  persist_refused: "Entries that the database refused for good and that were set aside",
  engine_restarts: "Engine workers started again after a failure",
  engine_switches: "Times a call went on with another engine, by the engine that took it over",
  billed_seconds: "Seconds of audio times channels that a transcription service bills",
  engine_audio_seconds: "Seconds of audio, times channels, by what became of them: sent, repaired or spared",
  model_requests: "Questions to a language model, by how they ended",
  model_tokens: "Tokens that a language model server says it took, by type: prompt or completion",
  model_switches: "Times a language model was given up for a while, or was back",
  engine_connections_lost: "Connections to an engine's service that were lost or refused, by how",
};

/** Labels counters may carry; anything else is left out rather than let a caller open new series. */
const labelNames = ["code", "reason", "type", "engine", "transport", "role"] as const;

type Labels = Partial<Record<(typeof labelNames)[number], string>>;

/** Counted several times for each frame of every call, and asked for now and then: the library's own sums cost more. */
class LabelledSums {
  readonly #sums = new Map<string, { readonly labels: Labels; by: number }>();

  add(labels: Labels, by: number): void {
    let key = "";
    for (const name of labelNames) key += `${labels[name] ?? ""}\n`;
    const sum = this.#sums.get(key);
    if (sum !== undefined) {
      sum.by += by;
      return;
    }
    const known: Labels = {};
    for (const name of labelNames) if (labels[name] !== undefined) known[name] = labels[name];
    this.#sums.set(key, { labels: known, by });
  }

  /** What has come since it was asked last. */
  take(add: (labels: Labels, by: number) => void): void {
    for (const sum of this.#sums.values()) {
      if (sum.by > 0) add(sum.labels, sum.by);
      sum.by = 0;
    }
  }
}

class Ring {
  count = 0;
  readonly #values = new Float64Array(latencyWindow);

  add(value: number): void {
    this.#values[this.count % latencyWindow] = value;
    this.count += 1;
  }

  /** Nearest-rank percentiles of what is held. */
  summary(): StageLatency {
    const sorted = this.#values.slice(0, Math.min(this.count, latencyWindow)).sort();
    const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
    return { count: this.count, p50Ms: at(0.5), p95Ms: at(0.95) };
  }
}

/**
 * How late timers came, over a window of one to two minutes: two monitors, emptied in turn, read from the
 * one that has watched longer. Node's monitor records the whole interval, so its resolution is taken off.
 */
function watchEventLoop(): { delayMs: Metrics["eventLoopDelayMs"]; close(): void } {
  let older = monitorEventLoopDelay({ resolution: delayResolutionMs });
  let newer = monitorEventLoopDelay({ resolution: delayResolutionMs });
  older.enable();
  newer.enable();
  const turns = setInterval(() => {
    [older, newer] = [newer, older];
    newer.reset();
  }, delayWindowMs);
  turns.unref();
  const lateMs = (ns: number): number => Math.max(0, ns / 1e6 - delayResolutionMs);
  return {
    delayMs: () => ({
      p50: lateMs(older.percentile(50)),
      p99: lateMs(older.percentile(99)),
      max: lateMs(older.max),
    }),
    close: () => {
      clearInterval(turns);
      older.disable();
      newer.disable();
    },
  };
}

/** `liveCalls`: the calls under way, asked at every reading. */
export function createMetrics(options: { readonly liveCalls: () => number }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: "coach_" });
  const loop = watchEventLoop();

  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  };
  gauge("coach_live_calls", "Calls that are not completed", options.liveCalls);
  new Gauge({
    name: "coach_event_loop_delay_ms",
    help: "Milliseconds by which timers came late, over the last one to two minutes",
    labelNames: ["quantile"],
    registers,
    collect() {
      const delay = loop.delayMs();
      this.set({ quantile: "0.5" }, delay.p50);
      this.set({ quantile: "0.99" }, delay.p99);
      this.set({ quantile: "1" }, delay.max);
    },
  });

  const counters = new Map(
    Object.entries(counterHelp).map(([name, help]) => {
      const sums = new LabelledSums();
      new Counter({
        name: `coach_${name}_total`,
        help,
        labelNames,
        registers,
        collect() {
          sums.take((labels, by) => {
            this.inc(labels, by);
          });
        },
      });
      return [name, sums] as const;
    }),
  );
  const stages = new Map<LatencyStage, { readonly newest: Ring; readonly observe: (ms: number) => void }>();
  const latencies = new Histogram({
    name: "coach_latency_ms",
    help: "Milliseconds from the arrival of the audio that caused it, by stage",
    labelNames: ["stage"],
    buckets: bucketsMs,
    registers,
  });

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    count(name, by = 1, labels = {}) {
      if (by > 0) counters.get(name)?.add(labels, by);
    },
    latency(stage, ms) {
      if (!Number.isFinite(ms) || ms < 0) return;
      let known = stages.get(stage);
      if (known === undefined) {
        const labelled = latencies.labels(stage);
        known = {
          newest: new Ring(),
          observe: (value) => {
            labelled.observe(value);
          },
        };
        stages.set(stage, known);
      }
      known.observe(ms);
      known.newest.add(ms);
    },
    latencySummary: () =>
      Object.fromEntries([...stages].map(([stage, { newest }]) => [stage, newest.summary()])),
    eventLoopDelayMs: () => loop.delayMs(),
    close: () => {
      loop.close();
      registry.clear();
    },
  };
}
