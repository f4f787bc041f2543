// The whole server but for recognition and pages, as a process of its own: `fork` it, wait for its address.
import { mkdtempSync, rmSync } from "node:fs";
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
import { createSilentEngine } from "../lib/transcription/silent-engine.ts";

const folder = mkdtempSync(join(tmpdir(), "sales-coach-load-"));
const { config } = loadConfig({ DATA_DIR: folder, MAX_LIVE_CALLS: "1000" });
const logger = createLogger({ level: "error" });
const shutdown = createShutdown({ clock: systemClock, logger, deadlineMs: 10_000 });
const httpServer = createServer();
shutdown.add("folder", () => {
  rmSync(folder, { recursive: true, force: true });
});
const app = await composeApp({
  config,
  logger,
  shutdown,
  httpServer,
  appRoot: fileURLToPath(new URL("..", import.meta.url)),
  entryUrl: import.meta.url,
  version: "bench",
  engines: new Map([["scripted", createSilentEngine({ maxLiveCalls: 1000 })]]),
  devUpgrade: null,
  stopServing: () => {
    httpServer.closeAllConnections();
    return Promise.resolve();
  },
});
httpServer.on("request", (request, response) => {
  void app.front.take(request, response).then(async (taken) => {
    if (taken.answered || app.takeSocketRequest(request, response)) return;
    if (request.method === "POST") {
      const { call } = await app.container.accessFor(localPrincipal).start({});
      response.end(JSON.stringify({ call_id: call.callId }));
      return;
    }
    response.end(await app.container.metrics.text());
  });
});
process.on("message", (message) => {
  if (message === "measure") {
    const { p50, p99, max } = app.container.metrics.eventLoopDelayMs();
    process.send?.({
      delayMs: { p50, p99, max },
      rssBytes: process.memoryUsage().rss,
      cpu: process.cpuUsage(),
    });
  } else {
    void shutdown.run("done").then(() => process.exit(0));
  }
});
httpServer.listen(0, "127.0.0.1", () => {
  const address = httpServer.address();
  if (address !== null && typeof address === "object") process.send?.({ port: address.port });
});
