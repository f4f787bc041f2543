import { io } from "socket.io-client";
import { WebSocket } from "ws";
import type { AudioAck } from "../../contract/client-messages.ts";
import type { ServerMessage } from "../../contract/events.ts";
import { callEventSchemas, connectionEventSchemas } from "../../contract/events.ts";

export interface TestClient {
  readonly received: ServerMessage[];
  /** The next message of the type that was not returned yet. */
  next<T extends ServerMessage["type"]>(type: T): Promise<Extract<ServerMessage, { type: T }>>;
  send(type: string, data?: unknown): void;
  /** Raw WebSockets have no index: the frame follows the last one. */
  audio(firstSample: number, pcm: Uint8Array): Promise<AudioAck | null>;
  /** The close code, on Socket.IO as carried by `connect_error` or the last `error`. */
  readonly closed: Promise<number>;
  close(): void;
}

export interface ConnectOptions {
  readonly port: number;
  readonly callId: string;
  readonly token: string | null;
}

export interface TransportUnderTest {
  readonly name: "raw WebSocket" | "Socket.IO";
  readonly connect: (options: ConnectOptions) => TestClient;
}

interface ConnectErrorBody {
  readonly code: number;
  readonly error: string;
  readonly message: string;
  readonly retryable: boolean;
}

const patienceMs = 5000;
const schemas = { ...callEventSchemas, ...connectionEventSchemas };

class Mailbox {
  readonly received: ServerMessage[] = [];
  readonly #taken = new Set<ServerMessage>();
  readonly #watchers = new Set<() => void>();

  push(type: string, data: unknown): void {
    if (!(type in schemas)) throw new Error(`the contract has no event ${type}`);
    const message = { type, data: schemas[type as keyof typeof schemas].parse(data) } as ServerMessage;
    this.received.push(message);
    for (const watcher of [...this.#watchers]) watcher();
  }

  async next<T extends ServerMessage["type"]>(type: T): Promise<Extract<ServerMessage, { type: T }>> {
    return await new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.received.find(
          (message): message is Extract<ServerMessage, { type: T }> =>
            message.type === type && !this.#taken.has(message),
        );
        if (found === undefined) return;
        this.#taken.add(found);
        this.#watchers.delete(look);
        clearTimeout(timer);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        const seen = this.received.map((message) => message.type).join(", ");
        reject(new Error(`no ${type} came; there was: ${seen}`));
      }, patienceMs);
      this.#watchers.add(look);
      look();
    });
  }
}

export function connectRaw(options: ConnectOptions): TestClient {
  const { port, callId, token } = options;
  const mailbox = new Mailbox();
  const protocols = token === null ? [] : [`token.${token}`];
  const ws = new WebSocket(`ws://127.0.0.1:${port}/ws/${callId}`, protocols);
  const waiting: (string | Uint8Array)[] = [];
  const send = (frame: string | Uint8Array): void => {
    if (ws.readyState === WebSocket.CONNECTING) waiting.push(frame);
    else ws.send(frame);
  };
  ws.on("open", () => {
    for (const frame of waiting) ws.send(frame);
  });
  ws.on("error", () => undefined);
  ws.on("message", (text: Buffer) => {
    const { type, data } = JSON.parse(text.toString()) as { type: string; data: unknown };
    mailbox.push(type, data);
  });
  return {
    received: mailbox.received,
    next: (type) => mailbox.next(type),
    send: (type, data) => {
      send(JSON.stringify({ type, data }));
    },
    audio: (_firstSample, pcm) => {
      send(pcm);
      return Promise.resolve(null);
    },
    closed: new Promise((resolve) =>
      ws.on("close", (code) => {
        resolve(code);
      }),
    ),
    close: () => {
      ws.close();
    },
  };
}

export function connectSocketIo(
  options: ConnectOptions & { readonly transports?: readonly ("polling" | "websocket")[] },
): TestClient {
  const { port, callId, token, transports = ["websocket"] } = options;
  const mailbox = new Mailbox();
  const socket = io(`http://127.0.0.1:${port}`, {
    transports: [...transports],
    auth: { call_id: callId, ...(token === null ? {} : { token }) },
    reconnection: false,
    forceNew: true,
  });
  let lastCloseCode: number | null = null;
  socket.onAny((type: string, data: unknown) => {
    mailbox.push(type, data);
    const last = mailbox.received.at(-1);
    // A call may say itself that it was taken over; that error has no close code yet.
    if (last?.type === "error")
      lastCloseCode = last.data.close_code ?? (last.data.code === "taken_over" ? 4409 : null);
  });
  const closed = new Promise<number>((resolve) => {
    socket.on("disconnect", () => {
      resolve(lastCloseCode ?? 1000);
    });
    socket.on("connect_error", (error: Error & { data?: ConnectErrorBody }) => {
      const { data } = error;
      if (data !== undefined) {
        const { error: code, message, retryable } = data;
        mailbox.push("error", { call_id: callId, code, message, retryable, close_code: data.code });
      }
      resolve(data?.code ?? -1);
    });
  });
  return {
    received: mailbox.received,
    next: (type) => mailbox.next(type),
    send: (type, data) => {
      if (data === undefined) socket.emit(type);
      else socket.emit(type, data);
    },
    audio: (firstSample, pcm) =>
      new Promise((resolve) =>
        socket.emit("audio", firstSample, pcm, (ack: AudioAck) => {
          resolve(ack);
        }),
      ),
    closed,
    close: () => socket.disconnect(),
  };
}

export const transportsUnderTest: readonly TransportUnderTest[] = [
  { name: "raw WebSocket", connect: connectRaw },
  { name: "Socket.IO", connect: connectSocketIo },
];
