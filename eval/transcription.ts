import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { playCall } from "../bin/play-call.ts";
import { composeCalls } from "../lib/compose.ts";
import { systemClock } from "../lib/platform/clock.ts";
import { loadConfig } from "../lib/platform/config.ts";
import { createLogger } from "../lib/platform/logger.ts";
import { createMetrics } from "../lib/platform/metrics.ts";
import { createShutdown } from "../lib/platform/shutdown.ts";
import { readWav } from "../lib/recording/wav-reader.ts";
import { plainWords, readAlignment, wordErrors } from "./alignment.ts";

export interface HeardCall {
  readonly call: string;
  readonly words: number;
  readonly wordErrors: number;
  /** Objections that a line of the script is marked with, and what the pipeline made of them. */
  readonly objections: number;
  readonly found: number;
  readonly falseCards: readonly string[];
}

const appRoot = fileURLToPath(new URL("..", import.meta.url));
const nearMs = 500;

/** The short recorded calls through the whole pipeline: words wrong, objections found, false cards. */
export async function evaluateTranscription(): Promise<readonly HeardCall[]> {
  const folder = await mkdtemp(join(tmpdir(), "sales-coach-eval-"));
  const { config } = loadConfig({ DATA_DIR: folder });
  const logger = createLogger({ level: "silent" });
  const shutdown = createShutdown({ clock: systemClock, logger, deadlineMs: 10_000 });
  const metrics = createMetrics({ liveCalls: () => 0 });
  shutdown.add("folder", () => rm(folder, { recursive: true, force: true }));
  shutdown.add("metrics", () => {
    metrics.close();
  });
  try {
    const calls = await composeCalls({
      config,
      appRoot,
      entryUrl: import.meta.url,
      voiceThreshold: null,
      clock: systemClock,
      logger,
      telemetry: metrics,
      shutdown,
    });
    const heard: HeardCall[] = [];
    for (const language of ["es", "en"] as const) {
      const name = `${language}-short`;
      const source = join(appRoot, "data", "calls", name);
      const wav = readWav(await readFile(join(source, "call.wav")));
      const callId = await playCall(calls.registry, wav, { request: { language }, speed: null });
      const document = await calls.library.document(callId);
      if (document === null) throw new Error(`${name} came to nothing`);
      heard.push(compare(name, document, await readAlignment(source)));
    }
    return heard;
  } finally {
    await shutdown.run("done");
  }
}

type Document = NonNullable<
  Awaited<ReturnType<Awaited<ReturnType<typeof composeCalls>>["library"]["document"]>>
>;

function compare(
  call: string,
  document: Document,
  lines: Awaited<ReturnType<typeof readAlignment>>,
): HeardCall {
  let words = 0;
  let errors = 0;
  for (const [role, speaker] of [
    ["rep", 0],
    ["prospect", 1],
  ] as const) {
    const said = lines.filter((line) => line.speaker === role).flatMap((line) => plainWords(line.text));
    const segments = document.segments.filter((segment) => segment.speaker === speaker);
    words += said.length;
    errors += wordErrors(
      said,
      segments.flatMap((segment) => plainWords(segment.text)),
    );
  }
  const confirmed = document.objections.filter((objection) => objection.status === "confirmed");
  const isIn = (tsMs: number, line: (typeof lines)[number]): boolean =>
    tsMs >= line.start_ms - nearMs && tsMs <= line.end_ms + nearMs;
  const marked = lines.filter((line) => line.objection !== null && line.objection !== undefined);
  return {
    call,
    words,
    wordErrors: errors,
    objections: marked.length,
    found: marked.filter((line) =>
      confirmed.some(({ type, ts_ms }) => type === line.objection && isIn(ts_ms, line)),
    ).length,
    falseCards: confirmed
      .filter(({ type, ts_ms }) => !marked.some((line) => type === line.objection && isIn(ts_ms, line)))
      .map(({ type, text }) => `[${type}] ${text}`),
  };
}

export function renderTranscription(calls: readonly HeardCall[]): string {
  const rows = calls.map(({ call, words, wordErrors: errors, objections, found, falseCards }) => {
    const share = ((errors / words) * 100).toFixed(1);
    const wrong = falseCards.length === 0 ? "" : `: ${falseCards.join(", ")}`;
    return `  ${call.padEnd(10)} words wrong ${share} % of ${String(words)}, objections ${String(found)} of ${String(objections)}, false cards ${String(falseCards.length)}${wrong}`;
  });
  return ["Recorded calls through the embedded engine", ...rows, ""].join("\n");
}
