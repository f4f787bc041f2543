export type PaintStage = "interim" | "final" | "objection" | "suggestion";
const paintStages = ["interim", "final", "objection", "suggestion"] as const;

/** Measurements kept per stage; enough for a call, bounded for four hours of it. */
const keptMeasurements = 2000;

export interface LatencyRow {
  readonly stage: PaintStage;
  readonly count: number;
  /** The server's part, from the last sample of the words to the event; null where it tells none. */
  readonly server: Percentiles | null;
  /** From the event's arrival to after the next paint. */
  readonly paint: Percentiles;
}

export interface Percentiles {
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** Nearest-rank percentile of an unsorted, non-empty list. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function percentiles(values: readonly number[]): Percentiles {
  return { p50Ms: percentile(values, 0.5), p95Ms: percentile(values, 0.95) };
}

/** How long events took, by what they carried: the server's part and the browser's. */
export class LatencyStats {
  readonly #server = new Map<PaintStage, number[]>();
  readonly #paint = new Map<PaintStage, number[]>();

  record(stage: PaintStage, serverMs: number | null, paintMs: number): void {
    LatencyStats.#keep(this.#paint, stage, paintMs);
    if (serverMs !== null) LatencyStats.#keep(this.#server, stage, serverMs);
  }

  rows(): readonly LatencyRow[] {
    return paintStages.flatMap((stage) => {
      const paint = this.#paint.get(stage);
      if (paint === undefined) return [];
      const server = this.#server.get(stage);
      return [
        {
          stage,
          count: paint.length,
          server: server === undefined ? null : percentiles(server),
          paint: percentiles(paint),
        },
      ];
    });
  }

  static #keep(kept: Map<PaintStage, number[]>, stage: PaintStage, ms: number): void {
    const values = kept.get(stage) ?? [];
    values.push(ms);
    if (values.length > keptMeasurements) values.shift();
    kept.set(stage, values);
  }
}
