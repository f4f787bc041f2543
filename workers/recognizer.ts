import { runRecognizer } from "../lib/transcription/recognizer.ts";
import type { ToRecognizer } from "../lib/transcription/recognizer-messages.ts";

/**
 * The recogniser's process, forked by the embedded engine: a crash of native code or a decode that
 * never returns costs this process, not the server and its calls.
 */
// The server decides when it ends: Ctrl-C reaches the whole process group, and calls are still to be finished.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => undefined);
process.on("disconnect", () => process.exit(0));

runRecognizer(
  {
    send: (message) => {
      if (process.connected) process.send?.(message);
    },
    onMessage: (take) => {
      process.on("message", (message) => {
        take(message as ToRecognizer);
      });
    },
  },
  Number(process.argv[2] ?? 1),
);
