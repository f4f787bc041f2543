// Deepgram's live and recorded endpoint on this machine, for development and tests without an account.
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { ZodError } from "zod";
import { chatter } from "../bench/chatter.ts";
import { systemClock } from "../lib/platform/clock.ts";
import { createLogger } from "../lib/platform/logger.ts";
import { workerEntry } from "../lib/platform/worker-entry.ts";
import { createEmbeddedEngine } from "../lib/transcription/embedded-engine.ts";
import { faultsSchema } from "../test/stand-ins/deepgram/faults.ts";
import { recognisedWords } from "../test/stand-ins/deepgram/recognised-words.ts";
import { readScript, ScriptError, scriptedWords } from "../test/stand-ins/deepgram/scripted-words.ts";
import { startDeepgramStandIn } from "../test/stand-ins/deepgram/stand-in.ts";
import type { WordSources } from "../test/stand-ins/deepgram/word-source.ts";

const usage = `Usage: npm run deepgram:stand-in -- [--port N] [--script FILE | --load] [--faults JSON] …

Speaks Deepgram's protocol on 127.0.0.1. Its words are recognised from the audio it gets, on this machine.
Then start the product with DEEPGRAM_API_KEY=anything DEEPGRAM_BASE_URL=http://127.0.0.1:PORT.

  --port N         where to listen (default: 8765; 0: any free one)
  --language L     es or en: what is spoken when a client asks for multi (default: es)
  --script FILE    say these words instead, JSON lines of {channel, startMs, endMs, words, language?, voice?},
                   each once its audio has been received
  --marked         the script's times are those that the audio carries, see markAudio
  --load           for load: two sides that talk without a pause, no limits on streams and speed
  --key KEY        let in only this key; can be repeated (default: any)
  --max-streams N  streams at once, more get 429 (default: 150)
  --read-speed X   audio is read at no more than so many times real time (default: 1.25)
  --seed N         another draw of where segments end
  --faults JSON    what goes wrong from the start, see test/stand-ins/deepgram/README.md;
                   while it runs: curl -d '{"handshake":{"kind":"refuse","status":429}}' URL/_faults`;

/** Longest stream that --load has words for. */
const loadSeconds = 3600;

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function numberOf(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() === "" || !(number >= least))
    return fail(`--${name} is a number from ${least}.\n\n${usage}`);
  return number;
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: "string" },
        language: { type: "string", default: "es" },
        script: { type: "string" },
        marked: { type: "boolean", default: false },
        load: { type: "boolean", default: false },
        key: { type: "string", multiple: true },
        "max-streams": { type: "string" },
        "read-speed": { type: "string" },
        seed: { type: "string" },
        faults: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      process.stdout.write(`${usage}\n`);
      process.exit(0);
    }
    const { language, load, marked, script } = values;
    if (language !== "es" && language !== "en") return fail(`--language is es or en.\n\n${usage}`);
    if (script !== undefined && load) return fail(`--load has a script of its own.\n\n${usage}`);
    if (marked && script === undefined) return fail(`--marked goes with --script.\n\n${usage}`);
    return {
      port: numberOf("port", values.port, 0) ?? 8765,
      language,
      script: script ?? null,
      marked,
      load,
      keys: values.key,
      maxStreams: numberOf("max-streams", values["max-streams"], 1),
      readSpeed: numberOf("read-speed", values["read-speed"], 0.1),
      seed: numberOf("seed", values.seed, 0),
      faults: values.faults,
    } as const;
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

const options = readArguments();

async function openWords(): Promise<{ words: WordSources; close: () => Promise<void> }> {
  const noClose = () => Promise.resolve();
  if (options.load) {
    return { words: scriptedWords({ lines: chatter(loadSeconds), time: "stream" }), close: noClose };
  }
  if (options.script !== null) {
    const lines = readScript(await readFile(options.script, "utf8"));
    return { words: scriptedWords({ lines, time: options.marked ? "marked" : "stream" }), close: noClose };
  }
  const engine = createEmbeddedEngine({
    logger: createLogger({ level: "warn" }),
    telemetry: { count: () => undefined, latency: () => undefined },
    clock: systemClock,
    recognizerUrl: workerEntry("recognizer", import.meta.url),
    warmLanguages: options.language === "es" ? ["es", "en"] : ["en", "es"],
  });
  await engine.start();
  return {
    words: recognisedWords({ engine, multiLanguage: options.language }),
    close: () => engine.close(),
  };
}

function faultsOf(text: string | undefined): unknown {
  if (text === undefined) return {};
  try {
    return JSON.parse(text);
  } catch {
    return fail("--faults is not JSON.");
  }
}

async function main(): Promise<void> {
  const { words, close } = await openWords();
  const standIn = await startDeepgramStandIn({
    words,
    port: options.port,
    hashesAudio: !options.load,
    maxStreams: options.maxStreams ?? (options.load ? Infinity : 150),
    readSpeed: options.readSpeed ?? (options.load ? Infinity : 1.25),
    ...(options.keys === undefined ? {} : { keys: options.keys }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  });
  try {
    standIn.setFaults(faultsSchema.parse(faultsOf(options.faults)));
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    fail(`--faults: ${error.message}`);
  }
  process.stdout.write(`Deepgram stand-in: ${standIn.url}\n`);
  const end = (): void => {
    void Promise.all([standIn.close(), close()]).then(() => process.exit(0));
  };
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
}

try {
  await main();
} catch (error) {
  const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
  const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  if (error instanceof ScriptError || isMissing || isTaken) fail(error.message);
  throw error;
}
