import { createServer } from "node:http";
import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { Server } from "socket.io";
import type { ServerOptions } from "ws";
import type { DefaultEventsMap, Socket } from "socket.io";
import { closeCodes, maxFrameBytes } from "../contract/vocabulary.ts";
import type { ServerMessage } from "../contract/events.ts";
import { CallError } from "../call/errors.ts";
import type { Clock, Logger } from "../call/ports.ts";
import { asCallError, closeCodeOf } from "./closing.ts";
import type { Connection } from "./connection.ts";
import type { Gateway } from "./gateway.ts";
import { LimitedWebSocket, LimitedWebSocketServer } from "./limited-web-socket.ts";
import type { Link } from "./link.ts";
import { problemBody, refuseUpgrade } from "./refused-upgrade.ts";

export const socketIoPath = "/socket.io/";
/** Time between the transport's connection and the token. */
const connectTimeoutMs = 10_000;

type ServerEvents = Record<string, (payload: ServerMessage["data"]) => void>;
interface SocketState {
  connection?: Connection;
  link?: SocketIoLink;
}
type CallSocket = Socket<DefaultEventsMap, ServerEvents, DefaultEventsMap, SocketState>;

export interface SocketIoOptions {
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether pages of this origin may call; our own and those of `CORS_ORIGINS`. */
  readonly isAllowedOrigin: (origin: string) => boolean;
  /** On what is answered to an upgrade that is refused. */
  readonly replyHeaders: Readonly<Record<string, string>>;
  readonly closeGraceMs: number;
}

/**
 * Socket.IO over the same gateway as `/ws`: event name = type, payload = data,
 * `emit("audio", first_sample, bytes, ack)`.
 */
export class SocketIoSockets {
  readonly #options: SocketIoOptions;
  // Never listens: it only lends Engine.IO its listeners, so that the real server keeps one dispatcher.
  readonly #doorway: HttpServer = createServer();
  readonly #io: Server<DefaultEventsMap, ServerEvents, DefaultEventsMap, SocketState>;

  constructor(options: SocketIoOptions) {
    this.#options = options;
    this.#io = new Server(this.#doorway, {
      path: socketIoPath,
      destroyUpgrade: false,
      serveClient: false,
      perMessageDeflate: false,
      httpCompression: false,
      maxHttpBufferSize: maxFrameBytes,
      connectTimeout: connectTimeoutMs,
      wsEngine: class extends LimitedWebSocketServer {
        constructor(engineOptions: ServerOptions) {
          super(engineOptions);
          this.refuseWith(options.replyHeaders);
        }
      },
      cors: {
        origin: (origin: string | undefined, answer: (error: Error | null, allow: boolean) => void) => {
          answer(null, origin !== undefined && options.isAllowedOrigin(origin));
        },
        credentials: true,
      },
      allowRequest: (_request, answer) => {
        const refused = this.#refusing();
        answer(refused ? "no new connections just now" : null, !refused);
      },
    });
    this.#io.use(
      (socket, next) =>
        void this.#seat(socket).then(() => {
          next();
        }, next),
    );
    this.#io.on("connection", (socket) => {
      this.#connected(socket);
    });
  }

  /** Takes requests of the polling transport. They must have passed the guard. */
  request(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(this.#options.replyHeaders)) response.setHeader(name, value);
    this.#doorway.emit("request", request, response);
  }

  /** What Engine.IO would refuse with a bare line is refused here, with a problem. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { replyHeaders } = this.#options;
    const query = new URLSearchParams((request.url ?? "").split("?", 2)[1] ?? "");
    const fault = this.#faultOf(query);
    if (fault !== null) {
      refuseUpgrade(socket, 400, problemBody(400, "malformed", fault), replyHeaders);
    } else if (query.get("sid") === null && this.#refusing()) {
      const draining = problemBody(503, "draining", "no new connections just now");
      refuseUpgrade(socket, 503, draining, { ...replyHeaders, "Retry-After": "5" });
    } else {
      this.#doorway.emit("upgrade", request, socket, head);
    }
  }

  #faultOf(query: URLSearchParams): string | null {
    if (query.get("EIO") !== "4") return "EIO must be 4";
    if (query.get("transport") !== "websocket") return "the transport must be websocket";
    const session = query.get("sid");
    if (session === null) return null;
    // Engine.IO's own register; its types keep it to itself.
    const sessions: unknown = Reflect.get(this.#io.engine, "clients");
    const known = typeof sessions === "object" && sessions !== null && Object.hasOwn(sessions, session);
    return known ? null : "there is no such session";
  }

  #refusing(): boolean {
    const unseated = this.#io.engine.clientsCount - this.#io.of("/").sockets.size;
    return this.#options.gateway.closing || this.#options.gateway.crowded(unseated);
  }

  async close(): Promise<void> {
    await this.#io.close();
  }

  /** Rejects with what `connect_error` carries: `data.code` is the close code that `/ws` would give. */
  async #seat(socket: CallSocket): Promise<void> {
    const { gateway, clock, closeGraceMs } = this.#options;
    try {
      const auth: Readonly<Record<string, unknown>> = { ...socket.handshake.auth };
      const admission = gateway.admit(auth.call_id, auth.token, false);
      const link = new SocketIoLink(socket, clock, closeGraceMs);
      const connection = gateway.connect(admission, link);
      socket.conn.once("close", () => {
        connection.gone();
      });
      socket.data.connection = connection;
      socket.data.link = link;
      try {
        await gateway.seat(connection, admission);
      } catch (error) {
        connection.gone();
        throw error;
      }
    } catch (error) {
      throw connectError(asCallError(error));
    }
  }

  #connected(socket: CallSocket): void {
    const { connection, link } = socket.data;
    if (connection === undefined || link === undefined) {
      socket.disconnect(true);
      return;
    }
    socket.on("disconnect", () => {
      connection.gone();
    });
    link.tooLarge(() => {
      connection.close(closeCodes.tooLarge);
    });
    // A middleware that ends here: no event name of a client reaches an emitter.
    socket.use((packet: readonly unknown[]) => {
      receive(connection, packet);
    });
    link.open();
  }
}

function receive(connection: Connection, packet: readonly unknown[]): void {
  const last = packet.at(-1);
  const answer = isAnswer(last) ? last : undefined;
  const [type, ...args] = answer === undefined ? packet : packet.slice(0, -1);
  if (type !== "audio") {
    connection.message(type, args[0], answer);
    return;
  }
  const [firstSample, pcm] = args;
  if (!Number.isSafeInteger(firstSample) || typeof firstSample !== "number" || firstSample < 0) {
    connection.malformed(new CallError("malformed", "audio: first_sample must be a sample number"), answer);
  } else if (!(pcm instanceof Uint8Array)) {
    connection.malformed(new CallError("malformed", "audio: the second argument must be binary"), answer);
  } else {
    connection.audio(firstSample, pcm, answer);
  }
}

function isAnswer(value: unknown): value is (answer: unknown) => void {
  return typeof value === "function";
}

function connectError(error: CallError): Error {
  const { code, message, retryable } = error;
  return Object.assign(new Error(message), {
    data: { code: closeCodeOf(error), error: code, message, retryable },
  });
}

class SocketIoLink implements Link {
  readonly transport = "socket.io";
  readonly pauseReading = null;
  readonly #socket: CallSocket;
  readonly #clock: Clock;
  readonly #closeGraceMs: number;
  /** What was said before the client had its `connect`; the `session_started`, mostly. */
  #waiting: ServerMessage[] | null = [];
  #closing = false;
  #queuedBytes = 0;
  #tooLarge: (() => void) | null = null;

  constructor(socket: CallSocket, clock: Clock, closeGraceMs: number) {
    this.#socket = socket;
    this.#clock = clock;
    this.#closeGraceMs = closeGraceMs;
    const { conn } = socket;
    conn.on("packetCreate", (packet: { readonly data?: unknown }) => {
      if (typeof packet.data === "string") this.#queuedBytes += packet.data.length;
    });
    conn.on("flush", () => {
      this.#queuedBytes = 0;
    });
    conn.on("upgrade", () => {
      this.#watchSize();
    });
  }

  open(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const message of waiting) this.send(message);
    if (this.#closing) this.#end();
  }

  tooLarge(tell: () => void): void {
    this.#tooLarge = tell;
    this.#watchSize();
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
    const cancel = this.#clock.after(this.#closeGraceMs, () => {
      this.#destroy();
    });
    this.#socket.conn.once("close", cancel);
    this.#socket.disconnect(true);
  }

  #watchSize(): void {
    const ws = this.#webSocket();
    if (ws !== null) ws.beforeTooLarge = this.#tooLarge;
  }

  /** Engine.IO offers neither the size of the peer's backlog nor a way to cut it off. */
  #webSocket(): LimitedWebSocket | null {
    const inner: unknown = Reflect.get(this.#socket.conn.transport, "socket");
    return inner instanceof LimitedWebSocket ? inner : null;
  }
}
