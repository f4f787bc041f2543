// The whole server but for recognition and pages, as a process of its own: `fork` it, wait for its address.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { localPrincipal } from "../lib/call/principal.ts";
import { composeApp } from "../lib/compose.ts";
import { systemClock } from "../lib/platform/clock.ts";
import { loadConfig } from "../lib/platform/config.ts";
import { createLogger } from "../lib/platform/logger.ts";
import { createShutdown } from "../lib/platform/shutdown.ts";
import { createScriptedEngine } from "../lib/transcription/scripted-engine.ts";
import { createSilentEngine } from "../lib/transcription/silent-engine.ts";
import { chatter } from "./chatter.ts";

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
const { config } = loadConfig({
  DATA_DIR: folder,
  MAX_LIVE_CALLS: "1000",
  LOG_LEVEL: process.env.LOG_LEVEL ?? "fatal",
});
const logger = createLogger({ level: config.logLevel });
const shutdown = createShutdown({ clock: systemClock, logger, deadlineMs: 10_000 });
const httpServer = createServer();
shutdown.add("folder", () => {
  if (given === undefined) rmSync(folder, { recursive: true, force: true });
});
const engine =
  process.env.LOAD_ENGINE === "scripted"
    ? createScriptedEngine({ script: chatter(scriptSeconds), maxLiveCalls: 1000 })
    : createSilentEngine({ maxLiveCalls: 1000 });
const app = await composeApp({
  config,
  logger,
  shutdown,
  httpServer,
  appRoot: fileURLToPath(new URL("..", import.meta.url)),
  entryUrl: import.meta.url,
  version: "bench",
  engines: new Map([["scripted", engine]]),
  devUpgrade: null,
  stopServing: () => {
    httpServer.closeAllConnections();
    return Promise.resolve();
  },
});
httpServer.on("request", (request, response) => {
  void app.front.take(request, response).then(async (taken) => {
    if (taken.answered || app.takeSocketRequest(request, response)) return;
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const calls = app.container.accessFor(localPrincipal);
    try {
      if (request.method === "POST") {
        const { call } = await calls.start({});
        response.end(JSON.stringify({ call_id: call.callId }));
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

function measure(): Readonly<Record<string, unknown>> {
  // Only with --expose-gc, which measurements of memory ask for.
  (globalThis as { gc?: () => void }).gc?.();
  const { p50, p99, max } = app.container.metrics.eventLoopDelayMs();
  const { rss, heapUsed, external } = process.memoryUsage();
  return {
    delayMs: { p50, p99, max },
    rssBytes: rss,
    heapBytes: heapUsed + external,
    cpu: process.cpuUsage(),
    files: readdirSync("/proc/self/fd").length,
    threads: readdirSync("/proc/self/task").length,
    handles: process.getActiveResourcesInfo().length,
    liveCalls: app.container.activeCalls(),
    rejections,
  };
}

end = () => {
  void shutdown.run("done").then((clean) => process.exit(clean ? 0 : 1));
};
process.on("SIGTERM", end);
process.on("message", (message) => {
  if (message === "measure") process.send?.(measure());
  else end();
});
httpServer.listen(Number(process.env.LOAD_PORT ?? "0"), "127.0.0.1", () => {
  const address = httpServer.address();
  if (address !== null && typeof address === "object") process.send?.({ port: address.port });
});
