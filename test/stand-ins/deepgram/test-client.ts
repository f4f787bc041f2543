import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { wavHeader } from "../../../lib/recording/wav-view.ts";

/** As much of a message as the tests look at. */
export interface ServerFrame {
  readonly type: string;
  readonly channel_index?: readonly number[];
  readonly start?: number;
  readonly duration?: number;
  readonly is_final?: boolean;
  readonly speech_final?: boolean;
  readonly from_finalize?: boolean;
  readonly last_word_end?: number;
  readonly timestamp?: number;
  readonly request_id?: string;
  readonly variant?: string;
  readonly sha256?: string;
  readonly channels?: number;
  readonly channel?: {
    readonly alternatives: readonly {
      readonly transcript: string;
      readonly confidence: number;
      readonly languages?: readonly string[];
      readonly words: readonly {
        readonly word: string;
        readonly start: number;
        readonly end: number;
        readonly confidence: number;
        readonly language?: string;
        readonly punctuated_word?: string;
        readonly speaker?: number;
        readonly speaker_confidence?: number;
      }[];
    }[];
  };
}

export interface Refused {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: { readonly err_code: string; readonly err_msg: string; readonly request_id: string };
}

export const liveQuery = {
  model: "nova-3",
  language: "es",
  encoding: "linear16",
  sample_rate: "16000",
  channels: "2",
  multichannel: "true",
  interim_results: "true",
  endpointing: "300",
  punctuate: "true",
};

function address(url: string, query: Readonly<Record<string, string | readonly string[]>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of typeof value === "string" ? [value] : value) search.append(name, one);
  }
  return `${url.replace(/^http/u, "ws")}/v1/listen?${search.toString()}`;
}

export interface OpenOptions {
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client that does only what it is told: no reconnect, no keep-alive, no repair. */
export class TestClient {
  readonly frames: ServerFrame[] = [];
  readonly socket: WebSocket;
  readonly requestId: string;
  readonly closed: Promise<{ code: number; reason: string }>;

  private constructor(socket: WebSocket, requestId: string) {
    this.socket = socket;
    this.requestId = requestId;
    socket.on("message", (payload: Buffer) => {
      this.frames.push(JSON.parse(payload.toString("utf8")) as ServerFrame);
    });
    socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once("close", (code, reason) => {
        resolve({ code, reason: reason.toString("utf8") });
      });
    });
  }

  static async open(url: string, options: OpenOptions = {}): Promise<TestClient> {
    const socket = new WebSocket(address(url, options.query ?? liveQuery), {
      headers: options.headers ?? { authorization: "Token of-a-test" },
    });
    let requestId = "";
    socket.once("upgrade", ({ headers }) => {
      const id = headers["dg-request-id"];
      requestId = typeof id === "string" ? id : "";
    });
    await once(socket, "open");
    return new TestClient(socket, requestId);
  }

  /** What the handshake is refused with; rejects when it is not. */
  static async refused(url: string, options: OpenOptions = {}): Promise<Refused> {
    const socket = new WebSocket(address(url, options.query ?? liveQuery), {
      headers: options.headers ?? { authorization: "Token of-a-test" },
    });
    return new Promise((resolve, reject) => {
      socket.once("open", () => {
        socket.terminate();
        reject(new Error("the stream was let in"));
      });
      socket.once("error", reject);
      socket.once("unexpected-response", (_, response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const body = JSON.parse(text) as Refused["body"];
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        });
      });
    });
  }

  get results(): ServerFrame[] {
    return this.frames.filter(({ type }) => type === "Results");
  }

  finals(channel = 0): ServerFrame[] {
    return this.results.filter((frame) => frame.is_final === true && frame.channel_index?.[0] === channel);
  }

  interims(channel = 0): ServerFrame[] {
    return this.results.filter((frame) => frame.is_final === false && frame.channel_index?.[0] === channel);
  }

  /** All finals of the channel, in the order they came. */
  said(channel = 0): string {
    return this.finals(channel)
      .map(transcriptOf)
      .filter((text) => text !== "")
      .join(" ");
  }

  send(type: "KeepAlive" | "Finalize" | "CloseStream"): void {
    this.socket.send(JSON.stringify({ type }));
  }

  /** Frames of 100 ms at 16 kHz; `speed` times real time, or all at once. */
  async sendAudio(pcm: Uint8Array, channels = 2, speed = Infinity): Promise<void> {
    const bytes = 3200 * channels;
    const startedMs = performance.now();
    for (let at = 0, frames = 0; at < pcm.byteLength; at += bytes, frames += 1) {
      const waitMs = startedMs + (frames * 100) / speed - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      this.socket.send(pcm.subarray(at, at + bytes));
    }
  }

  /** Resolves when a message fits; rejects when the connection ends before. */
  async until(fits: (frame: ServerFrame) => boolean): Promise<ServerFrame> {
    for (;;) {
      const found = this.frames.find(fits);
      if (found !== undefined) return found;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error("the stream ended before");
      await sleep(5);
    }
  }

  /** CloseStream, and everything until the close. */
  async finish(): Promise<{ code: number; reason: string }> {
    this.send("CloseStream");
    return await this.closed;
  }
}

export function transcriptOf(frame: ServerFrame): string {
  return frame.channel?.alternatives[0]?.transcript ?? "";
}

/** Silence: a script needs time, not sound. */
export function silence(ms: number, channels = 2): Uint8Array {
  return new Uint8Array(Math.round(ms * 16) * 2 * channels);
}

/** A WAV file of 16 kHz. */
export function wavOf(pcm: Uint8Array, channels: number): Buffer<ArrayBuffer> {
  const header = wavHeader(pcm.byteLength, 16_000);
  const fields = new DataView(header.buffer);
  fields.setUint16(22, channels, true);
  fields.setUint32(28, 32_000 * channels, true);
  fields.setUint16(32, 2 * channels, true);
  return Buffer.concat([header, pcm]);
}
