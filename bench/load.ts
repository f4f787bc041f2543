import { fork, type ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";

export interface LoadMeasure {
  readonly calls: number;
  readonly seconds: number;
  readonly delayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly kibPerCall: number;
  readonly cpuShare: number;
  /** Audio that was acknowledged as durable over what was sent. */
  readonly durableShare: number;
}

const frameMs = 100;
const frame = Buffer.alloc(6400);

function answer<T>(server: ChildProcess, question?: string): Promise<T> {
  return new Promise((resolve, reject) => {
    server.once("message", (message) => {
      resolve(message as T);
    });
    server.once("exit", () => {
      reject(new Error("the load server ended"));
    });
    if (question !== undefined) server.send(question);
  });
}

interface Reading {
  readonly delayMs: LoadMeasure["delayMs"];
  readonly rssBytes: number;
  readonly cpu: NodeJS.CpuUsage;
}

/** So many stereo calls at real time, 100 ms frames over `/ws`, on a no-op engine in another process. */
export async function loadCalls(calls: number, seconds: number): Promise<LoadMeasure> {
  const server = fork(fileURLToPath(new URL("load-server.ts", import.meta.url)), {
    execArgv: ["--import", "tsx"],
    stdio: "inherit",
  });
  try {
    const { port } = await answer<{ port: number }>(server);
    const before = await answer<Reading>(server, "measure");
    const sockets: WebSocket[] = [];
    const acknowledged = new Map<WebSocket, number>();
    for (let i = 0; i < calls; i += 1) {
      const reply = await fetch(`http://127.0.0.1:${port}/session/start`, { method: "POST" });
      const { call_id: callId } = (await reply.json()) as { call_id: string };
      const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/${callId}`, { perMessageDeflate: false });
      socket.on("message", (data: Buffer) => {
        const message = JSON.parse(data.toString()) as { type: string; data: { next_sample: number } };
        if (message.type === "audio_ack") acknowledged.set(socket, message.data.next_sample);
      });
      await new Promise((resolve, reject) => {
        socket.once("open", resolve);
        socket.once("error", reject);
      });
      socket.send('{"type":"start_transcription"}');
      sockets.push(socket);
    }
    const startedMs = performance.now();
    const frames = (seconds * 1000) / frameMs;
    await Promise.all(
      sockets.map(async (socket, i) => {
        const offsetMs = (i / calls) * frameMs;
        for (let n = 0; n < frames; n += 1) {
          await sleep(Math.max(0, startedMs + offsetMs + n * frameMs - performance.now()));
          socket.send(frame);
        }
      }),
    );
    const after = await answer<Reading>(server, "measure");
    await sleep(1500);
    const durable = [...acknowledged.values()].reduce((sum, sample) => sum + sample, 0);
    const cpuMs = (after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system) / 1000;
    for (const socket of sockets) socket.terminate();
    return {
      calls,
      seconds,
      delayMs: after.delayMs,
      kibPerCall: Math.round((after.rssBytes - before.rssBytes) / 1024 / calls),
      cpuShare: Number((cpuMs / (performance.now() - startedMs)).toFixed(2)),
      durableShare: Number((durable / (calls * frames * 1600)).toFixed(4)),
    };
  } finally {
    server.send("end");
    await new Promise((resolve) => server.once("exit", resolve));
  }
}
