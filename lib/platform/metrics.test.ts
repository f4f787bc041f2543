import { afterEach, describe, expect, it } from "vitest";
import { createMetrics, latencyWindow, type Metrics } from "./metrics.ts";

describe("the metrics", () => {
  let metrics: Metrics | undefined;
  afterEach(() => metrics?.close());

  it("are Prometheus text with live calls, counters, latencies and event-loop delay", async () => {
    let live = 2;
    metrics = createMetrics({ liveCalls: () => live });
    metrics.count("audio_seconds", 1.5);
    metrics.count("audio_seconds");
    metrics.count("audio_refused", 1, { code: "audio_gap" });
    metrics.latency("interim", 120);
    live = 3;
    const text = await metrics.text();
    expect(text).toContain("coach_live_calls 3");
    expect(text).toContain("coach_audio_seconds_total 2.5");
    expect(text).toContain('coach_audio_refused_total{code="audio_gap"} 1');
    expect(text).toContain('coach_latency_ms_bucket{le="200",stage="interim"} 1');
    expect(text).toMatch(/coach_event_loop_delay_ms\{quantile="0.99"\} \d/);
  });

  it("drop labels nobody declared and values that are no measurement", async () => {
    metrics = createMetrics({ liveCalls: () => 0 });
    metrics.count("events_sent", 1, { call: "call_1", type: "status" });
    metrics.count("events_sent", -4);
    metrics.latency("final", Number.NaN);
    metrics.latency("final", -1);
    const text = await metrics.text();
    expect(text).toContain('coach_events_sent_total{type="status"} 1');
    expect(text).not.toContain("call_1");
    expect(metrics.latencySummary()).toEqual({});
  });

  it("give nearest-rank percentiles by stage, over the newest measurements", () => {
    metrics = createMetrics({ liveCalls: () => 0 });
    for (let ms = 100; ms >= 1; ms -= 1) metrics.latency("objection", ms);
    expect(metrics.latencySummary()).toEqual({ objection: { count: 100, p50Ms: 50, p95Ms: 95 } });
    for (let i = 0; i < latencyWindow; i += 1) metrics.latency("objection", 7);
    expect(metrics.latencySummary().objection).toEqual({ count: 100 + latencyWindow, p50Ms: 7, p95Ms: 7 });
  });

  it("notice that the event loop was held up", async () => {
    metrics = createMetrics({ liveCalls: () => 0 });
    const rest = () => new Promise((resolve) => setTimeout(resolve, 50));
    // The monitor needs a first turn of its own, which a busy machine may hold back.
    for (let i = 0; i < 20 && metrics.eventLoopDelayMs().max < 100; i += 1) {
      await rest();
      const untilMs = performance.now() + 150;
      while (performance.now() < untilMs);
      await rest();
    }
    expect(metrics.eventLoopDelayMs().max).toBeGreaterThan(100);
  });
});
