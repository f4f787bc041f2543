import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Clock, Logger } from "../call/ports.ts";
import type { FromRecognizer, ToRecognizer } from "./recognizer-messages.ts";

const pingIntervalMs = 2000;
/** Unanswered pings after which the recogniser counts as stuck; counted, so that a sleeping laptop is not. */
const maxUnansweredPings = 8;
/** The same before it has said that it started: a loaded machine takes its time to load programs. */
const maxPingsUntilStarted = 45;
/** Pings during which one decode may run: an utterance takes seconds at most. */
const maxDecodePings = 15;
/** It has nothing to finish or to save when it is told to end. */
const maxFarewellMs = 500;
const restartDelaysMs = [0, 250, 1000, 4000, 10_000];

export interface SupervisorOptions {
  readonly url: URL;
  readonly execArgv: readonly string[];
  readonly decodes: number;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly onMessage: (message: FromRecognizer) => void;
  /** It is gone; another one will follow. `decoding`: what it was at, by stream and utterance. */
  readonly onDeath: (decoding: readonly DecodingUtterance[]) => void;
  /** A new one takes messages. */
  readonly onBirth: () => void;
}

export interface DecodingUtterance {
  readonly streamId: number;
  readonly utteranceId: string;
}

/** Keeps one recogniser process alive. What is sent while there is none is dropped. */
export class RecognizerSupervisor {
  readonly #options: SupervisorOptions;
  #child: ChildProcess | null = null;
  #cancelTimer: () => void = () => undefined;
  #unansweredPings = 0;
  #started = false;
  #decoding = new Map<string, DecodingUtterance & { pings: number }>();
  #deathsInARow = 0;
  #closed = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  get processId(): number | null {
    return this.#child?.pid ?? null;
  }

  start(): void {
    if (this.#closed) return;
    const { url, execArgv, decodes, logger } = this.#options;
    const child = fork(fileURLToPath(url), [String(decodes)], {
      execArgv: [...execArgv],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      // Decodes run in libuv's pool, and files are read there too.
      env: { ...process.env, UV_THREADPOOL_SIZE: String(Math.max(4, decodes + 2)) },
    });
    this.#child = child;
    this.#unansweredPings = 0;
    this.#started = false;
    this.#decoding = new Map();
    child.on("message", (message) => {
      if (this.#child === child) this.#take(message as FromRecognizer);
    });
    child.on("error", (cause) => {
      logger.warn({ cause: cause.message }, "recogniser process: error");
    });
    child.on("exit", (code, signal) => {
      this.#died(child, `exit ${String(code ?? signal)}`);
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      logger.debug({ text: text.trim().slice(0, 500) }, "recogniser process: says");
    });
    this.#cancelTimer = this.#options.clock.after(pingIntervalMs, () => {
      this.#watch(child);
    });
    this.#options.onBirth();
  }

  send(message: ToRecognizer): void {
    const child = this.#child;
    if (child?.connected !== true) return;
    child.send(message, (cause) => {
      // Its exit is on the way and brings the restart.
      if (cause !== null)
        this.#options.logger.debug({ cause: cause.message }, "recogniser process: not reached");
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer();
    const child = this.#child;
    this.#child = null;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      const cancelKill = this.#options.clock.after(maxFarewellMs, () => child.kill("SIGKILL"));
      child.once("exit", () => {
        cancelKill();
        resolve();
      });
      if (child.connected) child.disconnect();
      else child.kill("SIGKILL");
    });
  }

  #take(message: FromRecognizer): void {
    switch (message.type) {
      case "started":
        this.#started = true;
        this.#unansweredPings = 0;
        return;
      case "pong":
        this.#unansweredPings = 0;
        return;
      case "decoding":
        this.#decoding.set(keyOf(message), { ...message, pings: 0 });
        return;
      case "decoded":
        this.#decoding.delete(keyOf(message));
        if (message.isFinal) this.#deathsInARow = 0;
        break;
      default:
    }
    this.#options.onMessage(message);
  }

  #watch(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#unansweredPings += 1;
    for (const decoding of this.#decoding.values()) decoding.pings += 1;
    const stuck =
      this.#unansweredPings > (this.#started ? maxUnansweredPings : maxPingsUntilStarted) ||
      [...this.#decoding.values()].some(({ pings }) => pings > maxDecodePings);
    if (stuck) {
      child.kill("SIGKILL");
      this.#died(child, "stuck");
      return;
    }
    this.send({ type: "ping" });
    this.#cancelTimer = this.#options.clock.after(pingIntervalMs, () => {
      this.#watch(child);
    });
  }

  #died(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    this.#cancelTimer();
    this.#options.onDeath([...this.#decoding.values()]);
    const delayMs = restartDelaysMs[Math.min(this.#deathsInARow, restartDelaysMs.length - 1)] ?? 0;
    this.#deathsInARow += 1;
    this.#options.logger.error({ how, delayMs }, "recogniser process died; another one takes over");
    this.#cancelTimer = this.#options.clock.after(delayMs, () => {
      this.start();
    });
  }
}

function keyOf({ streamId, utteranceId }: DecodingUtterance): string {
  return `${String(streamId)} ${utteranceId}`;
}
