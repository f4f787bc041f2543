import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunningServer, StartOptions } from "../../bin/running-server.ts";
import { startBuiltServer } from "../contract/server-under-test.ts";

/** The built server on one data folder, through as many deaths as it takes. */
export class FaultyServer {
  readonly dataFolder: string;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #ownsFolder: boolean;
  #running: RunningServer | null = null;

  private constructor(dataFolder: string, settings: Readonly<Record<string, string>>, ownsFolder: boolean) {
    this.dataFolder = dataFolder;
    this.#settings = settings;
    this.#ownsFolder = ownsFolder;
  }

  /** `DATA_DIR` among the settings is the caller's own to remove. */
  static async start(
    settings: Readonly<Record<string, string>> = {},
    options: StartOptions = {},
  ): Promise<FaultyServer> {
    const folder = settings.DATA_DIR ?? (await mkdtemp(join(tmpdir(), "sales-coach-faults-")));
    const server = new FaultyServer(folder, settings, settings.DATA_DIR === undefined);
    await server.start(options);
    return server;
  }

  /** Null while it is dead. */
  get alive(): RunningServer | null {
    return this.#running;
  }

  get running(): RunningServer {
    if (this.#running === null) throw new Error("the server is not running");
    return this.#running;
  }

  get processId(): number {
    const { pid } = this.running.process;
    if (pid === undefined) throw new Error("the server has no process");
    return pid;
  }

  async start(options: StartOptions = {}): Promise<void> {
    this.#running = await startBuiltServer({ ...this.#settings, DATA_DIR: this.dataFolder }, options);
  }

  /** `kill -9`: no chance to write, send or tidy anything. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Resolves with how it ended and how long it took from the signal. */
  async terminate(
    signal: "SIGTERM" | "SIGINT" = "SIGTERM",
  ): Promise<{ exitCode: number | null; tookMs: number }> {
    return await this.#end(signal);
  }

  /** Kills the process, starts another and resolves with how long the server was away. */
  async killAndRestart(options: StartOptions = { until: "listening" }): Promise<number> {
    const startedMs = performance.now();
    await this.kill();
    await this.start(options);
    return performance.now() - startedMs;
  }

  /** Processes that the server has started itself: the speech recogniser. */
  async children(): Promise<number[]> {
    return await childrenOf(this.processId);
  }

  async close(): Promise<void> {
    if (this.#running !== null) await this.#end("SIGTERM");
    if (this.#ownsFolder) await rm(this.dataFolder, { recursive: true, force: true });
  }

  async #end(signal: "SIGKILL" | "SIGTERM" | "SIGINT"): Promise<{ exitCode: number | null; tookMs: number }> {
    const { running } = this;
    this.#running = null;
    const startedMs = performance.now();
    const gone = new Promise<void>((resolve) => {
      running.process.once("exit", () => {
        resolve();
      });
      if (running.process.exitCode !== null || running.process.signalCode !== null) resolve();
    });
    running.process.kill(signal);
    await gone;
    const tookMs = performance.now() - startedMs;
    // Removes what it was given besides the data folder.
    await running.stop();
    return { exitCode: running.process.exitCode, tookMs };
  }
}

async function childrenOf(processId: number): Promise<number[]> {
  const found: number[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/u.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, "utf8").catch(() => "");
    // The name of the program is in brackets and may hold anything; the parent comes after the state.
    const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (Number(parent) === processId) found.push(Number(entry));
  }
  return found;
}
