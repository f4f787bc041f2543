import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../artifacts/reports/faults", import.meta.url));

export interface FaultRow {
  readonly fault: string;
  readonly provoked: string;
  readonly times: number;
  readonly lostSamples: number;
  readonly lostEvents: number;
  readonly lostRows: number;
  /** From the fault, or from its end where it lasts, until the call was served as before. */
  readonly recoveriesMs: readonly number[];
}

function percentile(values: readonly number[], share: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  return value === undefined ? "–" : `${String(Math.round(value))} ms`;
}

/** What was provoked and what it cost: printed as a table and kept as JSON in artifacts. */
export class FaultReport {
  readonly #name: string;
  readonly #rows: FaultRow[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  add(row: FaultRow): void {
    this.#rows.push(row);
  }

  finish(): void {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${this.#name}.json`), `${JSON.stringify(this.#rows, null, 2)}\n`);
    const cells = this.#rows.map((row) => [
      row.fault,
      row.provoked,
      String(row.times),
      String(row.lostSamples),
      String(row.lostEvents),
      String(row.lostRows),
      percentile(row.recoveriesMs, 0.5),
      percentile(row.recoveriesMs, 0.95),
    ]);
    const head = ["fault", "provoked by", "times", "samples", "events", "rows", "p50", "p95"];
    const lines = [head, head.map(() => "---"), ...cells].map((line) => `| ${line.join(" | ")} |`);
    process.stdout.write(`\n${lines.join("\n")}\n`);
  }
}
