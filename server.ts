import { readFileSync } from "node:fs";
import { createServer, Server } from "node:http";
import { fileURLToPath } from "node:url";
import next from "next";
import { composeApp } from "./lib/compose.ts";
import { damageAdvice } from "./lib/persistence/damage-advice.ts";
import { FolderInUseError } from "./lib/persistence/folder-claim.ts";
import { isDamage } from "./lib/persistence/sqlite-faults.ts";
import { systemClock } from "./lib/platform/clock.ts";
import { ConfigError, loadConfig, loadEnvironmentFile, type LoadedConfig } from "./lib/platform/config.ts";
import { createLogger } from "./lib/platform/logger.ts";
import { runAs } from "./lib/platform/request-principal.ts";
import { createShutdown } from "./lib/platform/shutdown.ts";
import { printAddress, printFirstSteps, printNotices } from "./lib/platform/greeting.ts";

// What is written down of calls is for this user of the machine alone.
process.umask(0o077);

const shutdownMs = 9500;
/** Of HTTP and sockets together; one more is closed at once. */
const maxConnections = 12_000;

const isSource = import.meta.url.endsWith(".ts");
const dev = isSource && process.env.NODE_ENV !== "production";
const appRoot = fileURLToPath(new URL(isSource ? "." : "..", import.meta.url));

function readConfig(): LoadedConfig {
  try {
    loadEnvironmentFile(".env");
    return loadConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

const { config, warnings } = readConfig();
const logger = createLogger({ level: config.logLevel });
for (const warning of warnings) logger.warn({}, warning);
const shutdown = createShutdown({ clock: systemClock, logger, deadlineMs: shutdownMs });
const { version } = JSON.parse(readFileSync(`${appRoot}/package.json`, "utf8")) as { version: string };

function endWith(reason: string, code: number): void {
  void shutdown.run(reason).then((clean) => {
    process.exit(clean ? code : 1);
  });
}
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    endWith(signal, 0);
  });
}
// Whoever read the log may go before the server does. What can no longer be told must not end calls.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
process.on("unhandledRejection", (error) => {
  logger.error({ err: error }, "unhandled rejection");
});
process.on("uncaughtException", (error) => {
  logger.error({ err: error }, "uncaught exception");
  endWith("uncaught exception", 1);
});

// Next is given a server of its own, so that upgrades of sockets never reach it.
const decoy = new Server();
const pages = next({ dev, dir: appRoot, httpServer: decoy, hostname: config.host, port: config.port });
// A missing Host is the guard's to answer. Whoever sends a request slowly is let go; bodies are 64 KiB at most.
const httpServer = createServer({
  requireHostHeader: false,
  headersTimeout: 15_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 2000,
});
httpServer.maxConnections = maxConnections;

async function stopServing(): Promise<void> {
  await new Promise<void>((resolve) => {
    httpServer.close(() => {
      resolve();
    });
    httpServer.closeAllConnections();
  });
  await pages.close();
}

try {
  const app = await composeApp({
    config,
    logger,
    shutdown,
    httpServer,
    appRoot,
    entryUrl: import.meta.url,
    version,
    stopServing,
    devUpgrade: dev ? (request, socket, head) => void decoy.emit("upgrade", request, socket, head) : null,
  });
  await pages.prepare();
  const handlePage = pages.getRequestHandler();
  httpServer.on("clientError", (error, socket) => {
    app.front.answerBrokenRequest(error, socket);
  });
  // Node's own answer to an expectation that it does not know lacks our headers; it may be ignored (RFC 9110, 10.1.1).
  httpServer.on("checkExpectation", (request, response) => {
    httpServer.emit("request", request, response);
  });
  httpServer.on("request", (request, response) => {
    void app.front.take(request, response).then((taken) => {
      if (taken.answered || app.takeSocketRequest(request, response)) return;
      const { principal } = taken;
      if (principal === null) void handlePage(request, response);
      else void runAs(principal, () => handlePage(request, response));
    });
  });
  await new Promise<void>((resolve, reject) => {
    httpServer.once("error", reject);
    httpServer.listen(config.port, config.host, resolve);
  });
  printAddress(httpServer.address(), config);
  printFirstSteps(app);
  printNotices(app.container);
  await app.warm;
  logger.info({ ...app.container.readiness() }, "ready");
} catch (error) {
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
    process.stderr.write(
      `Port ${config.port} is in use. Stop the program that uses it, or choose another one: PORT=8001 npm start\n`,
    );
  } else if (error instanceof FolderInUseError) {
    process.stderr.write(
      `${error.message} Perhaps this server runs already, on port ${config.port}? Stop it, or choose another folder and port: DATA_DIR=./data-2 PORT=8001 npm start\n`,
    );
  } else if (isDamage(error)) {
    logger.error({ err: error }, "the server could not start: its database is damaged");
    process.stderr.write(damageAdvice(config.databaseUrl, config.dataDir));
  } else {
    logger.error({ err: error }, "the server could not start");
  }
  endWith("could not start", 1);
}
