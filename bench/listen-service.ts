// The Deepgram stand-in as a process of its own, hearing two people in turn: `fork` it, wait for its address.
import { scriptedWords } from "../test/stand-ins/deepgram/scripted-words.ts";
import { startDeepgramStandIn } from "../test/stand-ins/deepgram/stand-in.ts";
import { conversation } from "./chatter.ts";
import { watchLoopDelay } from "./loop-delay.ts";

/** Longest stream that there are words for. */
const scriptSeconds = 3600;

const newDelayMs = watchLoopDelay();
const service = await startDeepgramStandIn({
  words: scriptedWords({ lines: conversation(scriptSeconds), time: "stream" }),
  hashesAudio: false,
  maxStreams: Infinity,
});
process.on("disconnect", () => {
  process.exit(1);
});
process.on("SIGTERM", () => {
  process.exit(0);
});
process.on("message", () => {
  const receivedMs = service.sessions().reduce((sum, stream) => sum + stream.receivedMs, 0);
  process.send?.({ cpu: process.cpuUsage(), newDelayMs: newDelayMs(), receivedSeconds: receivedMs / 1000 });
});
process.send?.({ port: Number(new URL(service.url).port) });
