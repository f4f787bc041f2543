// What a live call notices of others that want the engine: one sent at 20 × real time, and calls that a server
// which died had left, transcribed after its restart.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { WebSocket } from "ws";
import { startServer, type RunningServer } from "../bin/running-server.ts";
import { readAlignment } from "../eval/alignment.ts";
import { readWav } from "../lib/recording/wav-reader.ts";
import { spreadOf, measure } from "./latency.ts";
import { playLive } from "./live-call.ts";

const crowds = ["alone", "beside 20 x", "after a restart"] as const;
type Crowd = (typeof crowds)[number];

// `--rounds`, `--left`: calls left by the server that died, of so many `--minutes` each, `--only`: words of a crowd.
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "1" },
    left: { type: "string", default: "4" },
    minutes: { type: "string", default: "4" },
    only: { type: "string", default: "" },
  },
});
const [rounds, left, minutes] = [Number(values.rounds), Number(values.left), Number(values.minutes)];
const folder = fileURLToPath(new URL("../data/calls/es-short", import.meta.url));
const lines = await readAlignment(folder);
const { pcm } = readWav(await readFile(join(folder, "call.wav")));
const frameBytes = 6400;

/** A call of its own, its sound sent again and again, so many times as fast as it was spoken. */
async function fastCall(url: string, speed: number, untilFrames = Infinity): Promise<WebSocket> {
  const reply = await fetch(`${url}/session/start`, { method: "POST" });
  const { ws_url: address } = (await reply.json()) as { ws_url: string };
  const socket = new WebSocket(address, { perMessageDeflate: false });
  let durable = 0;
  socket.on("error", () => undefined);
  socket.on("message", (frame: Buffer) => {
    const { type, data } = JSON.parse(frame.toString("utf8")) as {
      type: string;
      data: { next_sample?: number };
    };
    if (type === "audio_ack") durable = data.next_sample ?? durable;
  });
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  socket.send('{"type":"start_transcription"}');
  const startedMs = performance.now();
  const whole = pcm.byteLength - (pcm.byteLength % frameBytes);
  const sending = (async () => {
    for (let frames = 0; frames < untilFrames && socket.readyState === WebSocket.OPEN;) {
      const due = Math.min(untilFrames, ((performance.now() - startedMs) / 100) * speed);
      for (; frames < due; frames += 1) {
        const at = (frames * frameBytes) % whole;
        socket.send(pcm.subarray(at, at + frameBytes));
      }
      await sleep(5);
    }
    while (untilFrames < Infinity && durable < untilFrames * 1600) await sleep(20);
  })();
  if (untilFrames < Infinity) await sending;
  return socket;
}

/** Calls whose audio is durable and hardly transcribed, on a server that has just taken their places. */
async function restartedWith(settings: Record<string, string>): Promise<RunningServer> {
  const before = await startServer(settings);
  const frames = minutes * 600;
  await Promise.all(Array.from({ length: left }, () => fastCall(before.url, 200, frames)));
  const gone = new Promise((resolve) => before.process.once("exit", resolve));
  before.process.kill("SIGKILL");
  await gone;
  const after = await startServer(settings);
  await sleep(1500);
  return after;
}

interface Heard {
  readonly firstWord: number[];
  readonly final: number[];
  interims: number;
  missed: number;
}

async function play(crowd: Crowd, heard: Heard): Promise<void> {
  const dataFolder = await mkdtemp(join(tmpdir(), "sales-coach-crowded-"));
  const settings = {
    DATA_DIR: dataFolder,
    LOG_LEVEL: "fatal",
    MAX_LIVE_CALLS: "50",
    RESUME_WINDOW_SEC: "1",
  };
  const server = crowd === "after a restart" ? await restartedWith(settings) : await startServer(settings);
  try {
    const neighbour = crowd === "beside 20 x" ? await fastCall(server.url, 20) : null;
    const { events } = await playLive(server.url, folder, { language: "es" });
    const { final, firstWord, missed } = measure(events, lines);
    heard.firstWord.push(...firstWord);
    heard.final.push(...final);
    heard.missed += missed.length;
    heard.interims += events.filter(
      ({ message }) => message.type === "transcript_update" && !message.data.is_final,
    ).length;
    neighbour?.terminate();
  } finally {
    // What is left of the others is not waited for.
    server.process.kill("SIGKILL");
    await server.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

for (const crowd of crowds.filter((name) => name.includes(values.only))) {
  const heard: Heard = { firstWord: [], final: [], interims: 0, missed: 0 };
  for (let round = 0; round < rounds; round += 1) await play(crowd, heard);
  process.stdout.write(
    `${crowd}: ${String(heard.interims)} interims, ${String(heard.missed)} lines missed, load average ${String(loadavg()[0]?.toFixed(1))}\n`,
  );
  for (const stage of ["firstWord", "final"] as const) {
    const { n, p50, p95, max } = spreadOf(heard[stage]);
    process.stdout.write(
      `  ${stage.padEnd(10)} n ${String(n)}  p50 ${String(p50)}  p95 ${String(p95)}  max ${String(max)} ms\n`,
    );
  }
}
process.exit(0);
