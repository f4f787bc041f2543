import { setTimeout as sleep } from "node:timers/promises";
import { io } from "socket.io-client";
import { WebSocket } from "ws";
import type { CallEventPayloads } from "../lib/contract/events.ts";

const frameMs = 100;
const frameBytes = 6400;
const samplesPerFrame = 1600;
/** Behind the last frame: the last answers. */
const restMs = 1500;
/** A call that is over is completed in this time, or left. */
const endWithinMs = 15_000;

export type Way = "websocket" | "socket.io" | "relay";

/** What a client of the product or of the relay sends and hears. */
interface Line {
  readonly send: (frame: Buffer, firstSample: number) => void;
  /** Ends the call in order: one that is left alone goes on living, and costs what is measured next. */
  readonly end: () => Promise<void>;
}

type Update = Pick<CallEventPayloads["transcript_update"], "speaker" | "words" | "is_final">;

/** When the words of one side appeared, against the moment the frame with their end was sent. */
class HeardSide {
  #untilMs = 0;

  /** Milliseconds for each word that was not there before. */
  hear(words: Update["words"], sentMs: (endMs: number) => number | undefined, nowMs: number): number[] {
    const fresh = words.filter((word) => word.end_ms > this.#untilMs + frameMs / 2);
    this.#untilMs = Math.max(this.#untilMs, ...words.map(({ end_ms: endMs }) => endMs));
    return fresh.flatMap(({ end_ms: endMs }) => {
      const sent = sentMs(endMs);
      return sent === undefined ? [] : [nowMs - sent];
    });
  }
}

/** So many stereo calls at real time, 100 ms frames, over one of the ways to the service. */
export class SpokenCalls {
  readonly #lines: Line[] = [];
  readonly #sound: Buffer;
  #wordMs: number[] = [];
  #events = 0;
  #finals = 0;
  #closed = 0;
  #stopping = false;
  /** By call: when each frame was sent. */
  readonly #sentMs: number[][] = [];

  private constructor(sound: Buffer) {
    this.#sound = sound;
  }

  /** `sound`: stereo at 16 kHz, played again and again. */
  static async start(url: string, way: Way, calls: number, sound: Buffer): Promise<SpokenCalls> {
    const spoken = new SpokenCalls(sound);
    for (let call = 0; call < calls; call += 1) {
      spoken.#sentMs.push([]);
      spoken.#lines.push(await spoken.#open(url, way, call));
    }
    return spoken;
  }

  /** Frames of all calls, spread evenly over each 100 ms; they begin one after the other within `joinSeconds`. */
  async speak(seconds: number, joinSeconds = 0): Promise<void> {
    const calls = this.#lines.length;
    const startedMs = performance.now();
    const frames = (seconds * 1000) / frameMs;
    for (let n = 0; n < frames * calls; n += 1) {
      const call = n % calls;
      const atMs = (n / calls) * frameMs;
      if (atMs < (call / calls) * joinSeconds * 1000) continue;
      const waitMs = startedMs + atMs - performance.now();
      if (waitMs > 1) await sleep(waitMs);
      const frame = this.#sentMs[call]?.length ?? 0;
      const at = (frame * frameBytes) % (this.#sound.length - (this.#sound.length % frameBytes));
      this.#sentMs[call]?.push(performance.now());
      this.#lines[call]?.send(this.#sound.subarray(at, at + frameBytes), frame * samplesPerFrame);
    }
  }

  /** From the end of a word to its first appearance, since it was asked last. */
  takeWordMs(): number[] {
    const taken = this.#wordMs;
    this.#wordMs = [];
    return taken;
  }

  get heard(): { readonly events: number; readonly finals: number; readonly closed: number } {
    return { events: this.#events, finals: this.#finals, closed: this.#closed };
  }

  async stop(): Promise<void> {
    await sleep(restMs);
    this.#stopping = true;
    await Promise.all(this.#lines.map(({ end }) => end()));
  }

  async #open(url: string, way: Way, call: number): Promise<Line> {
    if (way === "relay") return this.#openSocket(`${url.replace("http", "ws")}/`, () => undefined);
    const reply = await fetch(`${url}/session/start`, { method: "POST" });
    const { call_id: callId, token } = (await reply.json()) as { call_id: string; token: string };
    const sides = [new HeardSide(), new HeardSide()];
    const update = (data: Update): void => {
      this.#events += 1;
      if (data.is_final) this.#finals += 1;
      const sentMs = (endMs: number): number | undefined =>
        this.#sentMs[call]?.[Math.ceil(endMs / frameMs) - 1];
      this.#wordMs.push(...(sides[data.speaker ?? 0]?.hear(data.words, sentMs, performance.now()) ?? []));
    };
    if (way === "socket.io") return this.#openSocketIo(url, callId, token, update);
    const line = await this.#openSocket(`${url.replace("http", "ws")}/ws/${callId}`, (text) => {
      const message = JSON.parse(text) as { type: string; data: Update };
      if (message.type === "transcript_update") update(message.data);
    });
    line.say('{"type":"start_transcription"}');
    return {
      ...line,
      end: async () => {
        line.say('{"type":"stop_transcription"}');
        await Promise.race([line.closed, sleep(endWithinMs)]);
        await line.end();
      },
    };
  }

  async #openSocket(
    address: string,
    onText: (text: string) => void,
  ): Promise<Line & { readonly say: (text: string) => void; readonly closed: Promise<void> }> {
    const socket = new WebSocket(address, { perMessageDeflate: false });
    socket.on("message", (data: Buffer) => {
      onText(data.toString("utf8"));
    });
    const closed = new Promise<void>((resolve) => {
      socket.on("close", () => {
        if (!this.#stopping) this.#closed += 1;
        resolve();
      });
    });
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return {
      send: (frame) => {
        socket.send(frame);
      },
      say: (text) => {
        socket.send(text);
      },
      closed,
      end: () => {
        socket.terminate();
        return Promise.resolve();
      },
    };
  }

  async #openSocketIo(
    url: string,
    callId: string,
    token: string,
    onUpdate: (data: Update) => void,
  ): Promise<Line> {
    const socket = io(url, {
      transports: ["websocket"],
      forceNew: true,
      reconnection: false,
      auth: { call_id: callId, token },
    });
    socket.on("transcript_update", onUpdate);
    socket.on("disconnect", () => {
      if (!this.#stopping) this.#closed += 1;
    });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("connect_error", reject);
    });
    await socket.emitWithAck("start_transcription", {});
    return {
      send: (frame, firstSample) => {
        socket.emit("audio", firstSample, frame, () => undefined);
      },
      end: async () => {
        const completed = new Promise((resolve) => {
          socket.once("call_completed", resolve);
        });
        socket.emit("stop_transcription", {}, () => undefined);
        await Promise.race([completed, sleep(endWithinMs)]);
        socket.disconnect();
      },
    };
  }
}
