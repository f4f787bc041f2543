// The whole pipeline on a WAV file; nothing is kept.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { CallError } from "../lib/call/errors.ts";
import { composeCalls } from "../lib/compose.ts";
import { systemClock } from "../lib/platform/clock.ts";
import { ConfigError, loadConfig } from "../lib/platform/config.ts";
import { createLogger } from "../lib/platform/logger.ts";
import { createMetrics } from "../lib/platform/metrics.ts";
import { createShutdown } from "../lib/platform/shutdown.ts";
import { readWav } from "../lib/recording/wav-reader.ts";
import { playCall } from "./play-call.ts";

const usage = `Usage: npm run -s transcribe -- FILE.wav --language es|en [--layout LR|RL] [--speed N] [--json]

Runs the whole pipeline on a 16-bit WAV file, one or two channels, and stores nothing.
  --language  the language spoken (default: LANGUAGE, else es)
  --layout    in stereo: LR, the rep is the left channel (default), or RL
  --speed     1 is real time, for true latencies; default: as fast as the machine can
  --json      segments, objections, suggestions, summary and timings as one JSON document`;

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function readArguments() {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        language: { type: "string" },
        layout: { type: "string", default: "LR" },
        speed: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      process.stdout.write(`${usage}\n`);
      process.exit(0);
    }
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0) return fail(usage);
    if (values.layout !== "LR" && values.layout !== "RL") return fail(`--layout is LR or RL.\n\n${usage}`);
    const speed = values.speed === undefined ? null : Number(values.speed);
    if (speed !== null && !(speed > 0)) return fail(`--speed is a number above 0.\n\n${usage}`);
    return { path, layout: values.layout, speed, json: values.json, language: values.language } as const;
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

async function main(): Promise<void> {
  const options = readArguments();
  const wav = readWav(await readFile(options.path));
  const folder = await mkdtemp(join(tmpdir(), "sales-coach-"));
  const { config } = loadConfig({
    DATA_DIR: folder,
    LANGUAGE: options.language ?? process.env.LANGUAGE,
    PLAYBOOK_PATH: process.env.PLAYBOOK_PATH,
    VAD_ENABLED: process.env.VAD_ENABLED,
    VAD_THRESHOLD: process.env.VAD_THRESHOLD,
    REDACT: process.env.REDACT,
    SESSION_TIMEOUT_SEC: "86400",
  });
  const logger = createLogger({ level: "silent" });
  const shutdown = createShutdown({ clock: systemClock, logger, deadlineMs: 10_000 });
  const metrics = createMetrics({ liveCalls: () => 0 });
  shutdown.add("folder", () => rm(folder, { recursive: true, force: true }));
  shutdown.add("metrics", () => {
    metrics.close();
  });
  try {
    const startedMs = systemClock.monotonicMs();
    const calls = await composeCalls({
      config,
      appRoot: fileURLToPath(new URL("..", import.meta.url)),
      entryUrl: import.meta.url,
      voiceThreshold: config.vadThreshold,
      clock: systemClock,
      logger,
      telemetry: metrics,
      shutdown,
    });
    const [engine] = calls.engines.values();
    await engine?.start();
    const readyMs = systemClock.monotonicMs();
    const callId = await playCall(calls.registry, wav, {
      request: { language: config.language, stereo_layout: options.layout },
      speed: options.speed,
    });
    const processingMs = systemClock.monotonicMs() - readyMs;
    if (options.json) {
      const document = await calls.library.document(callId);
      if (document === null) throw new CallError("internal", "The call came to nothing.");
      const durationMs = document.call_metadata.duration_ms;
      const timings = {
        warm_up_ms: Math.round(readyMs - startedMs),
        processing_ms: Math.round(processingMs),
        real_time_factor: Number((processingMs / Math.max(1, durationMs)).toFixed(3)),
        stages: metrics.latencySummary(),
      };
      process.stdout.write(`${JSON.stringify({ file: options.path, ...document, timings }, null, 2)}\n`);
    } else {
      const text = await calls.library.render(callId, "txt");
      process.stdout.write(text?.body ?? "");
    }
  } finally {
    await shutdown.run("done");
  }
}

try {
  await main();
  process.exit(0);
} catch (error) {
  const known = error instanceof CallError || error instanceof ConfigError;
  const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
  if (known || missing) fail(error.message);
  throw error;
}
