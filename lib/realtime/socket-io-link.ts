import type { DefaultEventsMap, Socket } from "socket.io";
import type { ServerMessage } from "../contract/events.ts";
import type { Clock } from "../call/ports.ts";
import type { Connection } from "./connection.ts";
import { LimitedWebSocket } from "./limited-web-socket.ts";
import type { Link } from "./link.ts";
import type { PollingIntake } from "./polling-intake.ts";

export type ServerEvents = Record<string, (payload: ServerMessage["data"]) => void>;
export interface SocketState {
  connection?: Connection;
  link?: SocketIoLink;
}
export type CallSocket = Socket<DefaultEventsMap, ServerEvents, DefaultEventsMap, SocketState>;

/** A Socket.IO socket as the gateway sees it. */
export class SocketIoLink implements Link {
  readonly transport = "socket.io";
  readonly answersFrames = true;
  readonly #socket: CallSocket;
  readonly #clock: Clock;
  readonly #closeGraceMs: number;
  /** What was said before the client had its `connect`; the `session_started`, mostly. */
  #waiting: ServerMessage[] | null = [];
  #closing = false;
  #queuedBytes = 0;
  #beforeLimit: LimitedWebSocket["beforeLimit"] = null;
  readonly #polling: PollingIntake | null;
  #paused = false;

  constructor(
    socket: CallSocket,
    options: {
      readonly clock: Clock;
      readonly closeGraceMs: number;
      /** Null where the connection began as a WebSocket. */
      readonly polling: PollingIntake | null;
    },
  ) {
    this.#socket = socket;
    this.#clock = options.clock;
    this.#closeGraceMs = options.closeGraceMs;
    this.#polling = options.polling;
    const { conn } = socket;
    conn.on("packetCreate", (packet: { readonly data?: unknown }) => {
      if (typeof packet.data === "string") this.#queuedBytes += packet.data.length;
    });
    conn.on("flush", () => {
      this.#queuedBytes = 0;
    });
    conn.on("upgrade", () => {
      this.#watchLimits();
      if (this.#paused) this.#webSocket()?.pause();
    });
  }

  open(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const message of waiting) this.send(message);
    if (this.#closing) this.#end();
  }

  beforeLimit(tell: NonNullable<LimitedWebSocket["beforeLimit"]>): void {
    this.#beforeLimit = tell;
    this.#watchLimits();
  }

  pauseReading(paused: boolean): void {
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.#polling?.pause(paused);
    if (paused) this.#webSocket()?.pause();
    else this.#webSocket()?.resume();
  }

  send(message: ServerMessage): void {
    if (this.#waiting === null) this.#socket.emit(message.type, message.data);
    else this.#waiting.push(message);
  }

  close(): void {
    this.#closing = true;
    if (this.#waiting === null) this.#end();
  }

  #destroy(): void {
    this.#socket.conn.close(true);
    this.#webSocket()?.terminate();
  }

  bufferedBytes(): number {
    return this.#queuedBytes + (this.#webSocket()?.bufferedAmount ?? 0);
  }

  #end(): void {
    // The peer's agreement to the close cannot come while nothing is read.
    this.pauseReading(false);
    const cancel = this.#clock.after(this.#closeGraceMs, () => {
      this.#destroy();
    });
    this.#socket.conn.once("close", cancel);
    this.#socket.disconnect(true);
  }

  #watchLimits(): void {
    const ws = this.#webSocket();
    if (ws !== null) ws.beforeLimit = this.#beforeLimit;
  }

  /** Engine.IO offers neither the size of the peer's backlog nor a way to cut it off. */
  #webSocket(): LimitedWebSocket | null {
    const inner: unknown = Reflect.get(this.#socket.conn.transport, "socket");
    return inner instanceof LimitedWebSocket ? inner : null;
  }
}
