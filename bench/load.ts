import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { LoadProcess } from "./load-process.ts";

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

/** So many stereo calls at real time, 100 ms frames over `/ws`, on a no-op engine in another process. */
export async function loadCalls(calls: number, seconds: number): Promise<LoadMeasure> {
  const server = await LoadProcess.start();
  try {
    const before = await server.measure();
    const sockets: WebSocket[] = [];
    const acknowledged = new Map<WebSocket, number>();
    for (let i = 0; i < calls; i += 1) {
      const reply = await fetch(`${server.url}/session/start`, { method: "POST" });
      const { call_id: callId } = (await reply.json()) as { call_id: string };
      const socket = new WebSocket(`${server.url.replace("http", "ws")}/ws/${callId}`, {
        perMessageDeflate: false,
      });
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
    const after = await server.measure();
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
    await server.end();
  }
}
