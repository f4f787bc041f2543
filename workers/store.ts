import { constants, getPriority, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import type { SpeechReader } from "../lib/call/ports.ts";
import { summarise } from "../lib/call/summary.ts";
import { createTranscriptLibrary } from "../lib/exports/transcript-library.ts";
import { createSpeechReader } from "../lib/objections/signals/speech-reader.ts";
import { serveStore } from "../lib/persistence/store-worker.ts";
import type { StoreWorkerSettings } from "../lib/persistence/store-messages.ts";

if (parentPort === null) throw new Error("workers/store is a worker thread, not a program.");

const settings = workerData as StoreWorkerSettings;
/** Searches and documents give way to the threads that carry live calls. */
const readerNice = 10;
// Only Linux has a priority for each thread; elsewhere it would be the whole process's.
if (settings.role === "reader" && process.platform === "linux") {
  try {
    setPriority(Math.min(constants.priority.PRIORITY_LOW, getPriority() + readerNice));
  } catch {
    // Where that is not allowed reading is as fast as everything else.
  }
}

/** Made when the first summary is asked for: compiling its patterns takes longer than opening the database. */
let speechReader: SpeechReader | null = null;

await serveStore({
  port: parentPort,
  settings,
  library: (reader) =>
    createTranscriptLibrary({
      load: (callId) => reader.load(callId),
      summarise: (stored, language) => {
        speechReader ??= createSpeechReader();
        return summarise(stored, language, speechReader);
      },
      nowMs: () => Date.now(),
    }),
});
