import { isDeepStrictEqual } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import type { CallEvent, ServerMessage } from "../lib/contract/events.ts";
import { closeCodes } from "../lib/contract/vocabulary.ts";

const sampleRateHz = 16_000;
const sampleBytes = 4;
const frameMs = 100;
const frameSamples = (sampleRateHz * frameMs) / 1000;

const expectedErrors: ReadonlySet<string> = new Set([
  "malformed",
  "unknown_message",
  "audio_misaligned",
  "taken_over",
  "draining",
]);

/** Stereo that is different at every sample and for every call. */
export function soundAt(seed: number, firstSample: number, samples: number): Buffer {
  const pcm = Buffer.alloc(samples * sampleBytes);
  for (let index = 0; index < samples; index += 1) {
    const value = Math.imul(firstSample + index + 1, 2654435761 + seed * 40503);
    pcm.writeInt32LE(value | 0, index * sampleBytes);
  }
  return pcm;
}

export type CallerFault = "cut" | "stall" | "take over" | "bad frames" | "pause" | "toggle";
export const callerFaults: readonly CallerFault[] = [
  "cut",
  "stall",
  "take over",
  "bad frames",
  "pause",
  "toggle",
];

/** A call that lasts as long as the soak: comes back after every fault and goes on where the server says. */
export class SoakCaller {
  readonly seed: number;
  readonly callId: string;
  readonly #url: () => string;
  readonly #events = new Map<number, CallEvent>();
  readonly faults: string[] = [];
  readonly recoveriesMs: number[] = [];
  /** Errors that the server told, other than those of the bad frames. */
  readonly refusals: string[] = [];
  #socket: WebSocket | null = null;
  #cursor = 0;
  #durable = 0;
  #highest = 0;
  #lostAtMs: number | null = null;
  #stopped = false;
  #givenUp = false;
  #vanished = false;
  #paused = false;
  completed = false;
  connections = 0;
  /** Of the newest connection, the last few messages and what became of it: for a call that does not end. */
  readonly #story: string[] = [];

  constructor(seed: number, callId: string, url: () => string) {
    this.seed = seed;
    this.callId = callId;
    this.#url = url;
  }

  /** Completed, or gone without having been recorded. */
  get ended(): boolean {
    return this.completed || this.#vanished;
  }

  get durable(): number {
    return this.#durable;
  }

  lasting(): CallEvent[] {
    return [...this.#events.values()].filter(
      (event) => event.type !== "transcript_update" || event.data.is_final,
    );
  }

  story(): string {
    return this.#story.slice(-20).join(", ");
  }

  /** Until the call is completed; audio in real time, what was missed as fast as it goes. */
  async run(): Promise<void> {
    while (!this.ended && !this.#givenUp) {
      await this.#connection();
      this.#lostAtMs ??= performance.now();
      await sleep(50 + Math.random() * 300);
    }
  }

  /** No more audio: what is durable then is the call. */
  stop(): void {
    this.#stopped = true;
  }

  /** No more attempts: what the server has then is all that there will be. */
  giveUp(): void {
    this.#givenUp = true;
  }

  async suffer(fault: CallerFault): Promise<void> {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return;
    if (fault === "cut" || fault === "take over") this.#socket = null;
    if (fault === "cut") socket.terminate();
    else if (fault === "toggle") socket.send('{"type":"toggle_coach","data":{"enabled":true}}');
    else if (fault === "bad frames") {
      for (const bad of ["{", '{"type":"nonsense"}', Buffer.alloc(3), "x".repeat(2000)]) socket.send(bad);
    } else if (fault === "stall") {
      socket.pause();
      await sleep(500 + Math.random() * 3000);
      socket.resume();
    } else if (fault === "pause") {
      this.#paused = true;
      await sleep(500 + Math.random() * 3000);
      this.#paused = false;
    }
  }

  async #connection(): Promise<void> {
    const socket = new WebSocket(`${this.#url().replace("http", "ws")}/ws/${this.callId}`, {
      perMessageDeflate: false,
    });
    const now = { closed: false, sending: false, durable: 0 };
    socket.on("error", () => undefined);
    socket.on("close", (code) => {
      now.closed = true;
      this.#tell(`closed ${code}`);
      // A call that the server ends before anything of it is recorded is deleted.
      if (code === closeCodes.noSuchCall && this.#durable === 0) this.#vanished = true;
      else if (![1000, 1001, 1006, 1012, 4409].includes(code)) this.faults.push(`closed with ${code}`);
    });
    socket.on("message", (bytes: Buffer) => {
      const message = JSON.parse(bytes.toString("utf8")) as ServerMessage;
      this.#tell(message.type === "error" ? `error ${message.data.code}` : message.type);
      if (message.type === "error" && !expectedErrors.has(message.data.code)) {
        this.refusals.push(`${message.data.code} at ${this.#durable}`);
      }
      if (message.type === "session_started") {
        this.connections += 1;
        const next = message.data.next_sample;
        if (next < this.#durable) this.faults.push(`resumes at ${next} after ${this.#durable} were durable`);
        this.#durable = Math.max(this.#durable, next);
        this.#cursor = next;
        socket.send(JSON.stringify({ type: "start_transcription", data: { after_seq: this.#highest } }));
        now.sending = true;
        this.#socket = socket;
      } else {
        // What a connection that was taken over had on its way is read after what the new one said.
        if (message.type === "audio_ack") {
          const next = message.data.next_sample;
          if (next < now.durable) this.faults.push(`audio_ack says ${next} after ${now.durable}`);
          now.durable = next;
          this.#durable = Math.max(this.#durable, next);
          if (this.#lostAtMs !== null && this.#socket === socket) {
            this.recoveriesMs.push(performance.now() - this.#lostAtMs);
            this.#lostAtMs = null;
          }
        }
        this.#hear(message);
      }
    });
    const patience = performance.now() + 15_000;
    let stopSent = false;
    let nextMs = performance.now();
    // A take-over leaves the socket to the server, which closes it once the new one is in.
    while (!now.closed && !this.ended && !this.#givenUp) {
      await sleep(Math.max(5, nextMs - performance.now()));
      if (now.sending && this.#socket !== socket) {
        void sleep(10_000).then(() => {
          socket.terminate();
        });
        return;
      }
      if (!now.sending) {
        if (performance.now() > patience) socket.terminate();
        nextMs = performance.now() + 20;
        continue;
      }
      nextMs = Math.max(nextMs + frameMs, performance.now() - 2000);
      if (this.#stopped) {
        if (!stopSent) {
          socket.send('{"type":"stop_transcription"}');
          this.#tell("stop sent");
        }
        stopSent = true;
      } else if (!this.#paused && this.#cursor - this.#durable < 8 * sampleRateHz) {
        socket.send(soundAt(this.seed, this.#cursor, frameSamples));
        this.#cursor += frameSamples;
      }
    }
    socket.terminate();
  }

  #tell(what: string): void {
    if (this.#story.at(-1) === what) return;
    this.#story.push(what);
    if (this.#story.length > 200) this.#story.splice(0, 100);
  }

  #hear(message: ServerMessage): void {
    if (!("seq" in message.data)) return;
    const event = message as CallEvent;
    const { seq } = event.data;
    const known = this.#events.get(seq);
    if (known !== undefined && !isDeepStrictEqual(known, event))
      this.faults.push(`number ${seq} was used twice`);
    if (known === undefined) this.#events.set(seq, event);
    this.#highest = Math.max(this.#highest, seq);
    if (event.type === "call_completed") this.completed = true;
  }
}
