import { Worker } from "node:worker_threads";
import { CallError } from "../call/errors.ts";
import type { Clock, Logger } from "../call/ports.ts";
import type { StoreMethod, StoreReply, StoreRequest, StoreWorkerSettings } from "./store-messages.ts";

export interface StoreThreadOptions {
  readonly workerUrl: URL;
  readonly execArgv: readonly string[] | undefined;
  readonly settings: StoreWorkerSettings;
  /** Requests that may wait for their answer; one more is refused. */
  readonly maxWaiting: number;
  /** Of `close`; null: to its end. */
  readonly tidyForMs: number | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface StoreThread {
  readonly ready: Promise<void>;
  ask(method: StoreMethod, args: readonly unknown[]): Promise<unknown>;
  close(): Promise<void>;
}

const firstRestartMs = 100;
const longestRestartMs = 5_000;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: CallError) => void;
}

/** A storage worker and its successors: one that dies fails what it was asked, and another takes its place. */
export function createStoreThread(options: StoreThreadOptions): StoreThread {
  const { settings, clock, logger } = options;
  const waiting = new Map<number, Waiting>();
  /** Asked while there is no worker; the next one gets them. */
  const unsent: StoreRequest[] = [];
  let nextId = 1;
  let worker: Worker | null = null;
  let cancelRestart: (() => void) | null = null;
  let restartMs = firstRestartMs;
  let closing: Promise<void> | null = null;
  let exited: (() => void) | null = null;
  let settleReady: { readonly resolve: () => void; readonly reject: (error: CallError) => void } | null =
    null;
  const ready = new Promise<void>((resolve, reject) => {
    settleReady = { resolve, reject };
  });
  // Whoever does not ask for it still learns of the fault from the first request.
  ready.catch(() => undefined);

  function start(): void {
    const started = new Worker(options.workerUrl, {
      workerData: settings,
      ...(options.execArgv === undefined ? {} : { execArgv: [...options.execArgv] }),
    });
    worker = started;
    let cause: unknown = null;
    started.on("message", receive);
    started.on("error", (error) => {
      cause = error;
    });
    started.on("exit", (exitCode) => {
      worker = null;
      if (closing === null) {
        logger.error({ err: cause, exit_code: exitCode }, "storage worker died; another takes its place");
      }
      failAll(cause);
      if (closing === null) restart();
      exited?.();
    });
    for (const request of unsent.splice(0)) started.postMessage(request);
  }

  function receive(reply: StoreReply): void {
    switch (reply.kind) {
      case "ready":
        restartMs = firstRestartMs;
        settleReady?.resolve();
        return;
      case "warning":
        logger.warn({}, reply.message);
        return;
      case "result":
        take(reply.id)?.resolve(reply.value);
        return;
      case "error": {
        if (reply.code === "storage_failed") logger.error({ cause: reply.cause }, reply.message);
        take(reply.id)?.reject(
          new CallError(reply.code, reply.message, {
            ...(reply.cause === null ? {} : { cause: reply.cause }),
            refused: reply.refused,
            ...(reply.issues === undefined ? {} : { issues: reply.issues }),
          }),
        );
      }
    }
  }

  function take(id: number): Waiting | undefined {
    const taken = waiting.get(id);
    waiting.delete(id);
    return taken;
  }

  function failAll(cause: unknown): void {
    const error = new CallError("storage_failed", "The storage worker ended.", { cause });
    settleReady?.reject(error);
    for (const one of waiting.values()) one.reject(error);
    waiting.clear();
    unsent.length = 0;
  }

  function restart(): void {
    cancelRestart = clock.after(restartMs, () => {
      cancelRestart = null;
      start();
    });
    restartMs = Math.min(restartMs * 2, longestRestartMs);
  }

  async function finish(): Promise<void> {
    cancelRestart?.();
    cancelRestart = null;
    const running = worker;
    if (running !== null) {
      const gone = new Promise<void>((resolve) => {
        exited = resolve;
      });
      running.postMessage({ method: "close", tidyForMs: options.tidyForMs } satisfies StoreRequest);
      await gone;
    }
    failAll(null);
  }

  start();

  return {
    ready,
    ask(method, args) {
      if (closing !== null) {
        return Promise.reject(new CallError("storage_failed", "The storage is closed."));
      }
      if (waiting.size >= options.maxWaiting) {
        return Promise.reject(new CallError("storage_failed", "Too much is waiting for the storage."));
      }
      return new Promise((resolve, reject) => {
        const request = { id: nextId++, method, args };
        if (worker === null) unsent.push(request);
        else worker.postMessage(request);
        waiting.set(request.id, { resolve, reject });
      });
    },
    close() {
      closing ??= finish();
      return closing;
    },
  };
}
