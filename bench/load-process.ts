import { execFile, fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { LoopDelay } from "./loop-delay.ts";

export interface LoadReading {
  readonly delayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Since it was measured last. */
  readonly newDelayMs: LoopDelay;
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly cpu: NodeJS.CpuUsage;
  readonly files: number;
  readonly threads: number;
  readonly threadsMs: readonly number[];
  readonly handles: number;
  readonly rejections: number;
}

export interface LoadProcessOptions {
  /** By default the server. */
  readonly program?: "load-server" | "listen-service" | "bare-relay";
  /** As the product is served; from sources the loader of TypeScript adds to what a call costs. */
  readonly isBuilt?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly engine?: "scripted" | "silent" | "deepgram";
  /** Collects garbage before it is measured. */
  readonly exposeGc?: boolean;
  /** Kept when it ends; without one it has a folder of its own. */
  readonly dataFolder?: string;
  readonly port?: number;
}

const startWithinMs = 120_000;
const answerWithinMs = 30_000;
/** Its own deadline for an orderly end is 10 s. */
const endWithinMs = 30_000;

const root = fileURLToPath(new URL("..", import.meta.url));
let bundled: Promise<unknown> | null = null;
/** A worker bundled from older sources does not know what it is asked. */
async function bundle(): Promise<void> {
  const program = join(root, "scripts", "bundle-workers.mjs");
  await (bundled ??= promisify(execFile)(process.execPath, [program, "--bench"]));
}

/** bench/load-server.ts, or what it is measured with, as a process of its own. No wait for it is without end, whatever becomes of it. */
export class LoadProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #gone: Promise<number | null>;

  private constructor(child: ChildProcess, gone: Promise<number | null>, port: number) {
    this.#child = child;
    this.#gone = gone;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(options: LoadProcessOptions = {}): Promise<LoadProcess> {
    await bundle();
    const { engine = "silent", exposeGc = false, dataFolder, port = 0, program = "load-server" } = options;
    const isBuilt = options.isBuilt ?? false;
    const path = isBuilt
      ? join(root, ".cache", "bench", `${program}.js`)
      : join(root, "bench", `${program}.ts`);
    const child = fork(path, {
      execArgv: [...(isBuilt ? [] : ["--import", "tsx"]), ...(exposeGc ? ["--expose-gc"] : [])],
      env: {
        ...process.env,
        ...options.environment,
        LOAD_ENGINE: engine,
        LOAD_PORT: String(port),
        LOAD_APP_ROOT: root,
        ...(dataFolder === undefined ? {} : { LOAD_DATA_DIR: dataFolder }),
      },
      stdio: "inherit",
    });
    const gone = new Promise<number | null>((resolve) => child.once("exit", resolve));
    try {
      const answer = (await nextMessage(child, startWithinMs)) as { readonly port: number };
      return new LoadProcess(child, gone, answer.port);
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
  }

  get processId(): number | undefined {
    return this.#child.pid;
  }

  /** Rejects when it is gone or does not answer. */
  async measure(): Promise<LoadReading> {
    return (await this.ask("measure")) as LoadReading;
  }

  /** Its answer to a message. Rejects when it is gone or does not answer. */
  async ask(message: "measure" | "profile" | "profiled"): Promise<unknown> {
    const answer = nextMessage(this.#child, answerWithinMs);
    // Whether it could be sent shows in the answer.
    this.#child.send(message, () => undefined);
    return await answer;
  }

  /** Its exit code, null when a signal ended it: the one given, or, after half a minute, SIGKILL. */
  async end(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<number | null> {
    this.#child.kill(signal);
    const patience = setTimeout(() => this.#child.kill("SIGKILL"), endWithinMs);
    const code = await this.#gone;
    clearTimeout(patience);
    return code;
  }
}

function nextMessage(child: ChildProcess, withinMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      clearTimeout(patience);
      child.off("message", answered);
      child.off("exit", ended);
      finish();
    };
    const answered = (message: unknown): void => {
      settle(() => {
        resolve(message);
      });
    };
    const ended = (code: number | null, signal: string | null): void => {
      settle(() => {
        reject(new Error(`the server ended with ${String(code ?? signal)}`));
      });
    };
    const patience = setTimeout(() => {
      settle(() => {
        reject(new Error(`the server did not answer within ${withinMs / 1000} s`));
      });
    }, withinMs);
    child.once("message", answered);
    child.once("exit", ended);
    // It has ended before anybody asked.
    if (child.exitCode !== null || child.signalCode !== null) ended(child.exitCode, child.signalCode);
  });
}
