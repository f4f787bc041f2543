import { execFile, fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export interface LoadReading {
  readonly delayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly cpu: NodeJS.CpuUsage;
  readonly files: number;
  readonly threads: number;
  readonly handles: number;
  readonly rejections: number;
}

export interface LoadProcessOptions {
  readonly engine?: "scripted" | "silent";
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

let bundled: Promise<unknown> | null = null;
/** A worker bundled from older sources does not know what it is asked. */
async function bundleWorkers(): Promise<void> {
  const program = fileURLToPath(new URL("../scripts/bundle-workers.mjs", import.meta.url));
  await (bundled ??= promisify(execFile)(process.execPath, [program]));
}

/** bench/load-server.ts as a process of its own. No wait for it is without end, whatever becomes of it. */
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
    await bundleWorkers();
    const { engine = "silent", exposeGc = false, dataFolder, port = 0 } = options;
    const child = fork(fileURLToPath(new URL("load-server.ts", import.meta.url)), {
      execArgv: ["--import", "tsx", ...(exposeGc ? ["--expose-gc"] : [])],
      env: {
        ...process.env,
        LOAD_ENGINE: engine,
        LOAD_PORT: String(port),
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
    const answer = nextMessage(this.#child, answerWithinMs);
    // Whether it could be sent shows in the answer.
    this.#child.send("measure", () => undefined);
    return (await answer) as LoadReading;
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
