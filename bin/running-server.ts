import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export interface RunningServer {
  readonly url: string;
  readonly dataFolder: string;
  readonly process: ChildProcess;
  /** What the server has written so far. */
  output(): string;
  /** SIGTERM, waits for the end and removes the data. */
  stop(): Promise<void>;
}

const readyWithinMs = 120_000;
const appRoot = fileURLToPath(new URL("..", import.meta.url));

/** A port of the loopback that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

export interface StartOptions {
  /** `listening`: answers requests; its engine may still be warming up. */
  readonly until?: "warm" | "listening";
  /** What the server is started with, such as `["prlimit", "--fsize=1000000"]`. */
  readonly launcher?: readonly string[];
}

/** The built server as a process of its own, on a free port, with data that goes with it. */
export async function startServer(
  settings: Readonly<Record<string, string>> = {},
  { until = "warm", launcher = [] }: StartOptions = {},
): Promise<RunningServer> {
  const dataFolder = await mkdtemp(join(tmpdir(), "sales-coach-"));
  const [program, ...words] = [...launcher, process.execPath, "dist/server.js"] as const;
  const child = spawn(program, words, {
    cwd: appRoot,
    // Nothing of the caller's own settings leaks in.
    env: { PATH: process.env.PATH, NODE_ENV: "production", PORT: "0", DATA_DIR: dataFolder, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let written = "";
  const exited = new Promise<void>((resolve) =>
    child.once("exit", () => {
      resolve();
    }),
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      written = `${written}${chunk.toString("utf8")}`.slice(-200_000);
    });
  }
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await exited;
    await rm(dataFolder, { recursive: true, force: true });
  };
  try {
    const { PORT: port = "0" } = settings;
    // With a PUBLIC_URL the server names that one; who gave it a port knows where it listens.
    const known = port === "0" ? null : `http://127.0.0.1:${port}`;
    const url = await readyUrl(child, () => written, known, until === "warm" ? "/readyz" : "/healthz");
    return { url, dataFolder, process: child, output: () => written, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function readyUrl(
  child: ChildProcess,
  written: () => string,
  known: string | null,
  path: string,
): Promise<string> {
  const deadlineMs = performance.now() + readyWithinMs;
  while (performance.now() < deadlineMs) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the server ended:\n${written()}`);
    const url = known ?? /is at (http:\/\/[^\s/]+)\//u.exec(written())?.[1];
    if (url !== undefined) {
      const ready = await fetch(`${url}${path}`).catch(() => null);
      if (ready?.status === 200) return url;
    }
    await sleep(50);
  }
  throw new Error(`the server was not ready in time:\n${written()}`);
}
