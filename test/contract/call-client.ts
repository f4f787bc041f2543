import { io } from "socket.io-client";
import { afterEach, expect } from "vitest";
import { WebSocket } from "ws";
import type { RunningServer } from "../../bin/running-server.ts";
import { audioAckSchema, type AudioAck } from "../../lib/contract/client-messages.ts";
import { callEventSchemas, connectionEventSchemas, type ServerMessage } from "../../lib/contract/events.ts";
import type { SessionStartReply } from "../../lib/contract/rest.ts";
import { expectContractKeys } from "./contract-keys.ts";
import type { Sound } from "./sound.ts";

export type Payload<T extends ServerMessage["type"]> = Extract<ServerMessage, { type: T }>["data"];
type Seat = Pick<SessionStartReply, "call_id"> & { readonly token: string | null };

export interface CallClient {
  readonly received: readonly ServerMessage[];
  /** The next message of the type (and like `where`) that was not returned yet. */
  next<T extends ServerMessage["type"]>(
    type: T,
    where?: (data: Payload<T>) => boolean,
    withinMs?: number,
  ): Promise<Payload<T>>;
  all<T extends ServerMessage["type"]>(type: T): Payload<T>[];
  /** Everything with a number. */
  callEvents(): ServerMessage[];
  send(type: string, data?: unknown): void;
  /** What no message is: a text on the raw WebSocket, an event on Socket.IO. */
  sendNonsense(): void;
  /** Null on the raw WebSocket, which has neither index nor ack: the frame follows the last one. */
  audio(firstSample: number, pcm: Uint8Array): Promise<AudioAck | null>;
  /** The close code; on Socket.IO as `connect_error` or the last `error` carries it. */
  readonly closed: Promise<number>;
  close(): void;
}

const schemas = { ...callEventSchemas, ...connectionEventSchemas };
const faults: string[] = [];
const open = new Set<CallClient>();

afterEach(() => {
  for (const client of open) client.close();
  open.clear();
  expect(faults.splice(0)).toEqual([]);
});

class Mailbox {
  readonly received: ServerMessage[] = [];
  readonly #taken = new Set<ServerMessage>();
  readonly #watchers = new Set<() => void>();

  push(type: string, data: unknown): void {
    try {
      if (!(type in schemas)) throw new Error(`the contract has no event ${type}`);
      expectContractKeys(type, data);
      const parsed = schemas[type as keyof typeof schemas].parse(data);
      this.received.push({ type, data: parsed } as ServerMessage);
    } catch (error) {
      faults.push(`${type}: ${error instanceof Error ? error.message : "?"}`);
    }
    for (const watcher of [...this.#watchers]) watcher();
  }

  async next<T extends ServerMessage["type"]>(
    type: T,
    where: (data: Payload<T>) => boolean = () => true,
    withinMs = 10_000,
  ): Promise<Payload<T>> {
    const message = await new Promise<Extract<ServerMessage, { type: T }>>((resolve, reject) => {
      const look = (): void => {
        const found = this.received.find(
          (one): one is Extract<ServerMessage, { type: T }> =>
            one.type === type && !this.#taken.has(one) && where(one.data as Payload<T>),
        );
        if (found === undefined) return;
        this.#taken.add(found);
        this.#watchers.delete(look);
        clearTimeout(timer);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        const seen = this.received.slice(-12).map((one) => JSON.stringify(one).slice(0, 200));
        reject(new Error(`no ${type} came; last there was:\n${seen.join("\n")}`));
      }, withinMs);
      this.#watchers.add(look);
      look();
    });
    return message.data as Payload<T>;
  }

  all<T extends ServerMessage["type"]>(type: T): Payload<T>[] {
    return this.received.flatMap((message) => (message.type === type ? [message.data as Payload<T>] : []));
  }

  callEvents(): ServerMessage[] {
    return this.received.filter((message) => "seq" in message.data);
  }
}

export interface RawOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** How the token travels. */
  readonly tokenIn?: "subprotocol" | "query" | "ws_url";
}

export interface RawCallClient extends CallClient {
  readonly socket: WebSocket;
  /** What a refused upgrade answered. */
  readonly refusedStatus: Promise<number>;
}

export function connectRaw(
  server: RunningServer,
  seat: Seat & { readonly ws_url?: string },
  options: RawOptions = {},
): RawCallClient {
  const { headers = {}, tokenIn = "subprotocol" } = options;
  const address = `${server.url.replace("http", "ws")}/ws/${seat.call_id}`;
  const query = tokenIn === "query" && seat.token !== null ? `?token=${encodeURIComponent(seat.token)}` : "";
  const url = tokenIn === "ws_url" ? (seat.ws_url ?? "") : `${address}${query}`;
  const protocols = tokenIn === "subprotocol" && seat.token !== null ? [`token.${seat.token}`] : [];
  const mailbox = new Mailbox();
  const socket = new WebSocket(url, protocols, { headers: { ...headers } });
  const waiting: (string | Uint8Array)[] = [];
  const send = (frame: string | Uint8Array): void => {
    if (socket.readyState === WebSocket.CONNECTING) waiting.push(frame);
    else if (socket.readyState === WebSocket.OPEN) socket.send(frame);
  };
  socket.on("open", () => {
    for (const frame of waiting.splice(0)) socket.send(frame);
  });
  socket.on("error", () => undefined);
  socket.on("message", (bytes: Buffer) => {
    const { type, data } = JSON.parse(bytes.toString("utf8")) as { type: string; data: unknown };
    mailbox.push(type, data);
  });
  const client: RawCallClient = {
    socket,
    received: mailbox.received,
    next: (type, where, withinMs) => mailbox.next(type, where, withinMs),
    all: (type) => mailbox.all(type),
    callEvents: () => mailbox.callEvents(),
    send: (type, data) => {
      send(JSON.stringify({ type, data }));
    },
    sendNonsense: () => {
      send("{no JSON");
    },
    audio: (_firstSample, pcm) => {
      send(pcm);
      return Promise.resolve(null);
    },
    refusedStatus: new Promise((resolve) => {
      socket.once("unexpected-response", (_request, response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
        socket.terminate();
      });
    }),
    closed: new Promise((resolve) => {
      socket.once("close", resolve);
    }),
    close: () => {
      if (socket.readyState !== WebSocket.CLOSED) socket.terminate();
    },
  };
  open.add(client);
  return client;
}

export function connectSocketIo(server: RunningServer, seat: Seat): CallClient {
  const mailbox = new Mailbox();
  const socket = io(server.url, {
    transports: ["websocket"],
    auth: { call_id: seat.call_id, ...(seat.token === null ? {} : { token: seat.token }) },
    reconnection: false,
    forceNew: true,
  });
  let lastCode: number | undefined;
  socket.onAny((type: string, data: unknown) => {
    mailbox.push(type, data);
    const last = mailbox.received.at(-1);
    if (last?.type === "error") lastCode = last.data.close_code;
  });
  const client: CallClient = {
    received: mailbox.received,
    next: (type, where, withinMs) => mailbox.next(type, where, withinMs),
    all: (type) => mailbox.all(type),
    callEvents: () => mailbox.callEvents(),
    send: (type, data) => {
      if (data === undefined) socket.emit(type);
      else socket.emit(type, data);
    },
    sendNonsense: () => {
      socket.emit("no_such_message", 17);
    },
    audio: (firstSample, pcm) =>
      new Promise((resolve) =>
        socket.emit("audio", firstSample, pcm, (ack: unknown) => {
          resolve(audioAckSchema.parse(ack));
        }),
      ),
    closed: new Promise((resolve) => {
      socket.once("disconnect", () => {
        resolve(lastCode ?? 1000);
      });
      socket.once("connect_error", (error: Error & { data?: { code?: unknown } }) => {
        resolve(typeof error.data?.code === "number" ? error.data.code : -1);
      });
    }),
    close: () => {
      socket.disconnect();
    },
  };
  open.add(client);
  return client;
}

export const transports = [
  { name: "/ws", connect: (server: RunningServer, seat: Seat): CallClient => connectRaw(server, seat) },
  { name: "Socket.IO", connect: connectSocketIo },
] as const;

/** Connects as host or observer, starts, and gives the client with its `session_started`. */
export async function joined(
  client: CallClient,
  start: Readonly<Record<string, unknown>> = {},
): Promise<Payload<"session_started">> {
  const started = await client.next("session_started");
  client.send("start_transcription", start);
  return started;
}

/** Sends the sound from its sample `next` of the call on, in frames of 100 ms, `speed` times as fast as it is. */
export async function play(
  client: CallClient,
  sound: Sound,
  options: { readonly from?: number; readonly speed?: number } = {},
): Promise<number> {
  const { from = 0, speed = 20 } = options;
  const frameSamples = sound.sampleRateHz / 10;
  const sampleBytes = sound.channels * 2;
  const acks: Promise<unknown>[] = [];
  let sample = from;
  for (let at = 0; at < sound.pcm.length; at += frameSamples * sampleBytes) {
    const frame = sound.pcm.subarray(at, at + frameSamples * sampleBytes);
    acks.push(sendUntilTaken(client, sample, frame));
    sample += frame.length / sampleBytes;
    if (acks.length % 8 === 0) await Promise.all(acks);
    await new Promise((resolve) => setTimeout(resolve, 100 / speed));
  }
  await Promise.all(acks);
  return sample;
}

async function sendUntilTaken(client: CallClient, firstSample: number, frame: Buffer): Promise<void> {
  for (;;) {
    const ack = await client.audio(firstSample, frame);
    if (ack === null || ack.ok) return;
    if (!ack.error.retryable) throw new Error(`audio was refused: ${ack.error.code}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
