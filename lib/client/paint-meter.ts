import type { CallEvent } from "../contract/events.ts";
import { LatencyStats, type LatencyRow, type PaintStage } from "./latency-stats.ts";

interface Arrival {
  readonly stage: PaintStage;
  readonly id: string;
  readonly serverMs: number | null;
  readonly arrivedMs: number;
}

function stageOf(event: CallEvent): Omit<Arrival, "arrivedMs"> | null {
  switch (event.type) {
    case "transcript_update":
      return {
        stage: event.data.is_final ? "final" : "interim",
        id: event.data.segment_id,
        serverMs: event.data.latency_ms ?? null,
      };
    case "objection_detected":
      return { stage: "objection", id: event.data.objection_id, serverMs: event.data.latency_ms };
    case "suggestion_ready":
      return { stage: "suggestion", id: event.data.suggestion_id, serverMs: event.data.latency_ms };
    case "insight":
    case "coach_changed":
    case "status":
    case "call_completed":
      return null;
  }
}

/** Measures the last stretch of every event: from its arrival in the browser to after the next paint. */
export class PaintMeter {
  readonly #stats = new LatencyStats();
  readonly #suggestionMs = new Map<string, number>();
  #arrivals: Arrival[] = [];

  arrived(event: CallEvent, arrivedMs: number): void {
    const stage = stageOf(event);
    if (stage !== null) this.#arrivals.push({ ...stage, arrivedMs });
  }

  /** What arrived has just been laid out: the next task comes after its paint. */
  laidOut(): void {
    if (this.#arrivals.length === 0) return;
    const arrivals = this.#arrivals;
    this.#arrivals = [];
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      const paintedMs = performance.now();
      for (const { stage, serverMs, arrivedMs, id } of arrivals) {
        const paintMs = paintedMs - arrivedMs;
        this.#stats.record(stage, serverMs, paintMs);
        if (stage === "suggestion" && !this.#suggestionMs.has(id)) this.#suggestionMs.set(id, paintMs);
      }
    };
    channel.port2.postMessage(null);
  }

  rows(): readonly LatencyRow[] {
    return this.#stats.rows();
  }

  /** Arrival to paint of a suggestion, once it is known. */
  suggestionMs(suggestionId: string): number | null {
    return this.#suggestionMs.get(suggestionId) ?? null;
  }
}
