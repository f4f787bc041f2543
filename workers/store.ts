import { parentPort, workerData } from "node:worker_threads";
import { summarise } from "../lib/call/summary.ts";
import { createTranscriptLibrary } from "../lib/exports/transcript-library.ts";
import { serveStore } from "../lib/persistence/store-worker.ts";
import type { StoreWorkerSettings } from "../lib/persistence/store-messages.ts";

if (parentPort === null) throw new Error("workers/store is a worker thread, not a program.");

await serveStore({
  port: parentPort,
  settings: workerData as StoreWorkerSettings,
  library: (reader) =>
    createTranscriptLibrary({ load: (callId) => reader.load(callId), summarise, nowMs: () => Date.now() }),
});
