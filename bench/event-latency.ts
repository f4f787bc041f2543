import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import type { ServerMessage } from "../lib/contract/events.ts";

const frameMs = 100;
const frameBytes = 6400;

/** A call that behaves: stereo at 16 kHz in real time, and how long after its sound each event came. */
export class GoodCall {
  readonly #socket: WebSocket;
  /** When the frame with the samples up to each multiple of 100 ms was sent. */
  readonly #sentMs: number[] = [];
  readonly #sound: Buffer;
  #latenciesMs: number[] = [];
  #stopped = false;
  faults = 0;

  private constructor(socket: WebSocket, sound: Buffer) {
    this.#socket = socket;
    this.#sound = sound;
    socket.on("message", (bytes: Buffer) => {
      this.#hear(JSON.parse(bytes.toString("utf8")) as ServerMessage);
    });
    socket.on("close", () => {
      if (!this.#stopped) this.faults += 1;
    });
  }

  /** `sound`: stereo at 16 kHz, played again and again. */
  static async start(url: string, callId: string, sound: Buffer): Promise<GoodCall> {
    const socket = new WebSocket(`${url.replace("http", "ws")}/ws/${callId}`, { perMessageDeflate: false });
    const call = new GoodCall(socket, sound);
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    socket.send('{"type":"start_transcription"}');
    return call;
  }

  async play(): Promise<void> {
    const startedMs = performance.now() + Math.random() * frameMs;
    for (let frames = 0; !this.#stopped && this.#socket.readyState === WebSocket.OPEN; frames += 1) {
      await sleep(Math.max(0, startedMs + frames * frameMs - performance.now()));
      this.#sentMs.push(performance.now());
      const at = (frames * frameBytes) % (this.#sound.length - (this.#sound.length % frameBytes));
      this.#socket.send(this.#sound.subarray(at, at + frameBytes));
    }
  }

  /** Since it was asked last. */
  takeLatencies(): number[] {
    const taken = this.#latenciesMs;
    this.#latenciesMs = [];
    return taken;
  }

  stop(): void {
    this.#stopped = true;
    this.#socket.terminate();
  }

  #hear(message: ServerMessage): void {
    const nowMs = performance.now();
    if (message.type === "error") this.faults += 1;
    if (message.type !== "transcript_update") return;
    const sentMs = this.#sentMs[Math.ceil(message.data.end_ms / frameMs) - 1];
    if (sentMs !== undefined) this.#latenciesMs.push(nowMs - sentMs);
  }
}
