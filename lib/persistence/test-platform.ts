import type { Clock, LogFields, Logger } from "../call/ports.ts";

// Stand-ins for the platform in the tests of this folder.

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};

export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly fields: LogFields;
  readonly message: string;
}

/** A log that keeps its lines. */
export function keptLog(lines: LogLine[] = []): Logger {
  const at = (level: LogLine["level"]) => (fields: LogFields, message: string) => {
    lines.push({ level, fields, message });
  };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: () => keptLog(lines),
  };
}

export const migrationsFolder = new URL("../../prisma/sqlite/migrations", import.meta.url).pathname;

/** `--import tsx` alone registers nothing within worker threads on Node 20. */
const typescriptLoader = `data:text/javascript,${encodeURIComponent(
  `import { register } from ${JSON.stringify(import.meta.resolve("tsx/esm/api"))}; register();`,
)}`;

/** The storage worker, run from sources. */
export const storeWorker = {
  workerUrl: new URL("../../workers/store.ts", import.meta.url),
  execArgv: ["--import", typescriptLoader],
};
