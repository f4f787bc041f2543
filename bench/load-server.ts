// The whole server but for recognition and pages, as a process of its own: `fork` it, wait for its address.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localPrincipal } from "../lib/call/principal.ts";
import { composeApp } from "../lib/compose.ts";
import { systemClock } from "../lib/platform/clock.ts";
import { loadConfig } from "../lib/platform/config.ts";
import { createLogger } from "../lib/platform/logger.ts";
import { createShutdown } from "../lib/platform/shutdown.ts";
import { deepgramSettingsOf } from "../lib/compose-engines.ts";
import type { Telemetry } from "../lib/call/ports.ts";
import type { TranscriptionEngine } from "../lib/call/transcription-ports.ts";
import { createDeepgramEngine } from "../lib/transcription/deepgram-engine.ts";
import { createFallbackEngine } from "../lib/transcription/fallback-engine.ts";
import { createScriptedEngine } from "../lib/transcription/scripted-engine.ts";
import { createSilentEngine } from "../lib/transcription/silent-engine.ts";
import { chatter } from "./chatter.ts";
import { watchLoopDelay } from "./loop-delay.ts";
import { CpuProfile, stageShares, threadTimes } from "./cpu-stages.ts";

/** Longest call that the scripted engine has words for. */
const scriptSeconds = 3600;

let rejections = 0;
process.on("unhandledRejection", () => (rejections += 1));
process.on("uncaughtException", () => (rejections += 1));

const given = process.env.LOAD_DATA_DIR;
const folder = given ?? mkdtempSync(join(tmpdir(), "sales-coach-load-"));
// Whoever started it may be gone before it runs.
let end = (): void => {
  if (given === undefined) rmSync(folder, { recursive: true, force: true });
  process.exit(1);
};
process.on("disconnect", () => {
  end();
});
if (!process.connected) end();
const serviceUrl = process.env.LOAD_SERVICE;
const { config } = loadConfig({
  DATA_DIR: folder,
  MAX_LIVE_CALLS: "1000",
  LOG_LEVEL: process.env.LOG_LEVEL ?? "fatal",
  VAD_ENABLED: process.env.LOAD_VAD ?? "true",
  ...(serviceUrl === undefined ? {} : { DEEPGRAM_API_KEY: "load", DEEPGRAM_BASE_URL: serviceUrl }),
});
const logger = createLogger({ level: config.logLevel });
const shutdown = createShutdown({ clock: systemClock, logger, deadlineMs: 9500 });
const httpServer = createServer();
const removeOwnFolder = (): void => {
  if (given === undefined) rmSync(folder, { recursive: true, force: true });
};
shutdown.add("folder", removeOwnFolder, { mayBeLeft: true });
const silent = createSilentEngine({ maxLiveCalls: 1000 });
let metrics: Telemetry | null = null;

/** As the product has it, but for what it falls back on. */
function deepgramEngine(): TranscriptionEngine {
  const telemetry: Telemetry = {
    count: (...counted) => metrics?.count(...counted),
    latency: (...measured) => metrics?.latency(...measured),
  };
  const primary = createDeepgramEngine({
    settings: deepgramSettingsOf(config, config.deepgramApiKey ?? "load"),
    voiceThreshold: null,
    clock: systemClock,
    logger,
    telemetry,
  });
  return createFallbackEngine({
    primary: { ...primary, maxLiveCalls: () => 1000 },
    fallback: silent,
    clock: systemClock,
    logger,
    telemetry,
  });
}

function chosenEngine(): TranscriptionEngine {
  if (process.env.LOAD_ENGINE === "deepgram") return deepgramEngine();
  if (process.env.LOAD_ENGINE !== "scripted") return silent;
  return createScriptedEngine({ script: chatter(scriptSeconds), maxLiveCalls: 1000 });
}

const engine = chosenEngine();
const app = await composeApp({
  config,
  logger,
  shutdown,
  httpServer,
  appRoot: process.env.LOAD_APP_ROOT ?? process.cwd(),
  entryUrl: import.meta.url,
  version: "bench",
  engines: new Map([[engine.name, engine]]),
  devUpgrade: null,
  stopServing: () => {
    httpServer.closeAllConnections();
    return Promise.resolve();
  },
});
metrics = app.container.metrics;
httpServer.on("request", (request, response) => {
  void app.front.take(request, response).then(async (taken) => {
    if (taken.answered || app.takeSocketRequest(request, response)) return;
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const calls = app.container.accessFor(localPrincipal);
    try {
      if (request.method === "POST") {
        const { call, token } = await calls.start({});
        response.end(JSON.stringify({ call_id: call.callId, token }));
      } else if (url.pathname === "/calls") {
        const query = url.searchParams.get("q");
        const none = { fromMs: null, toMs: null, objection: null, status: null, cursor: null };
        const page = await calls.search({ ...none, query, limit: 50 });
        response.end(JSON.stringify({ calls: page.rows.length }));
      } else response.end(await app.container.metrics.text());
    } catch (error) {
      response.statusCode = 500;
      response.end(error instanceof Error ? error.message : "");
    }
  });
});

const newDelayMs = watchLoopDelay();

function measure(): Readonly<Record<string, unknown>> {
  // Only with --expose-gc, which measurements of memory ask for.
  (globalThis as { gc?: () => void }).gc?.();
  const { p50, p99, max } = app.container.metrics.eventLoopDelayMs();
  const { rss, heapUsed, external } = process.memoryUsage();
  return {
    delayMs: { p50, p99, max },
    newDelayMs: newDelayMs(),
    rssBytes: rss,
    heapBytes: heapUsed + external,
    cpu: process.cpuUsage(),
    files: readdirSync("/proc/self/fd").length,
    threads: readdirSync("/proc/self/task").length,
    threadsMs: threadTimes(),
    handles: process.getActiveResourcesInfo().length,
    liveCalls: app.container.activeCalls(),
    rejections,
  };
}

end = () => {
  void shutdown.run("done").then((clean) => process.exit(clean ? 0 : 1));
};
process.on("SIGTERM", end);
let profile: CpuProfile | null = null;
process.on("message", (message) => {
  if (message === "measure") process.send?.(measure());
  else if (message === "profile") {
    profile = new CpuProfile();
    void profile.start().then(() => process.send?.({ profiling: true }));
  } else if (message === "profiled") {
    void profile?.stop().then((stopped) => process.send?.(stageShares(stopped)));
  } else end();
});
httpServer.listen(Number(process.env.LOAD_PORT ?? "0"), "127.0.0.1", () => {
  const address = httpServer.address();
  if (address !== null && typeof address === "object") process.send?.({ port: address.port });
});
