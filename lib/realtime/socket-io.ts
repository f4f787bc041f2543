import { createServer } from "node:http";
import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { Server } from "socket.io";
import type { ServerOptions } from "ws";
import type { DefaultEventsMap } from "socket.io";
import { maxFrameBytes } from "../contract/vocabulary.ts";
import { CallError } from "../call/errors.ts";
import type { Clock, Logger } from "../call/ports.ts";
import { asCallError, closeCodeOf } from "./closing.ts";
import type { Connection } from "./connection.ts";
import type { Gateway } from "./gateway.ts";
import { LimitedWebSocketServer } from "./limited-web-socket.ts";
import { PollingIntake } from "./polling-intake.ts";
import { isRefusedToken, problemBody, refuseUpgrade, type ConnectionThrottle } from "./refused-upgrade.ts";
import type { CallSocket, ServerEvents, SocketState } from "./socket-io-link.ts";
import { SocketIoLink } from "./socket-io-link.ts";

export const socketIoPath = "/socket.io/";
/** Time between the transport's connection and the token. */
const connectTimeoutMs = 10_000;

type EngineConnection = CallSocket["conn"];

export interface SocketIoOptions {
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether pages of this origin may call; our own and those of `CORS_ORIGINS`. */
  readonly isAllowedOrigin: (origin: string) => boolean;
  /** On what is answered to an upgrade that is refused. */
  readonly replyHeaders: Readonly<Record<string, string>>;
  readonly throttle: Pick<ConnectionThrottle, "refused">;
  readonly closeGraceMs: number;
  /** Connections that may be without a token; one more and the one that has waited longest goes. */
  readonly maxStrangers: number;
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
  /** In the order of their coming. */
  readonly #strangers = new Set<EngineConnection>();
  readonly #polling = new WeakMap<EngineConnection, PollingIntake>();
  /** Those that have asked for their seat: another would be another client on the same line. */
  readonly #asked = new WeakSet<EngineConnection>();

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
        if (refused) options.gateway.refused(options.gateway.closing ? "draining" : "crowded", "socket.io");
        answer(refused ? "no new connections just now" : null, !refused);
      },
    });
    this.#io.engine.on("connection", (conn: EngineConnection) => {
      this.#arrived(conn);
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
    const { gateway } = this.#options;
    return gateway.closing || gateway.crowded();
  }

  async close(): Promise<void> {
    await this.#io.close();
  }

  /** Silent ones never crowd out a client that says at once who it is. */
  #arrived(conn: EngineConnection): void {
    const intake = PollingIntake.of(conn);
    if (intake !== null) this.#polling.set(conn, intake);
    this.#strangers.add(conn);
    conn.once("close", () => {
      this.#strangers.delete(conn);
      intake?.close();
    });
    if (this.#strangers.size <= this.#options.maxStrangers) return;
    const [oldest] = this.#strangers;
    this.#options.gateway.refused("no_token_in_time", "socket.io");
    oldest?.close(true);
  }

  /** Rejects with what `connect_error` carries: `data.code` is the close code that `/ws` would give. */
  async #seat(socket: CallSocket): Promise<void> {
    const { gateway, clock, closeGraceMs } = this.#options;
    const { conn } = socket;
    try {
      if (this.#asked.has(conn)) throw new CallError("not_allowed", "this connection has a seat already");
      this.#asked.add(conn);
      const auth: Readonly<Record<string, unknown>> = { ...socket.handshake.auth };
      const admission = gateway.admit(auth.call_id, auth.token, false);
      const polling = this.#polling.get(conn) ?? null;
      const link = new SocketIoLink(socket, { clock, closeGraceMs, polling });
      const connection = gateway.connect(admission, link);
      conn.once("close", () => {
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
      const known = asCallError(error);
      gateway.refused(known.code, "socket.io");
      if (isRefusedToken(known)) await this.#countRefusal(socket.request);
      throw connectError(known);
    }
  }

  async #countRefusal(request: IncomingMessage): Promise<void> {
    await this.#options.throttle.refused(request).catch((error: unknown) => {
      throw connectError(asCallError(error));
    });
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
    this.#strangers.delete(socket.conn);
    socket.conn.on("data", (data: unknown) => {
      if (typeof data === "string") connection.heardText(data.length);
    });
    link.beforeLimit((code) => {
      connection.close(code);
    });
    forgivePackets(socket, () => {
      connection.malformed(new CallError("malformed", "this is no packet of Socket.IO"));
    });
    // A middleware that ends here: no event name of a client reaches an emitter.
    socket.use((packet: readonly unknown[]) => {
      receive(connection, packet);
    });
    link.open();
  }
}

/**
 * Socket.IO ends the connection over a packet that it cannot read; a malformed message gets an error instead, as
 * everywhere. Its `Client` calls its own `onerror` for these and for nothing else.
 */
function forgivePackets(socket: CallSocket, tell: () => void): void {
  const decoder: unknown = Reflect.get(socket.client, "decoder");
  Reflect.set(socket.client, "onerror", () => {
    // Attachments that it still waited for belong to nothing now.
    if (typeof decoder === "object" && decoder !== null && "destroy" in decoder) {
      if (typeof decoder.destroy === "function") Reflect.apply(decoder.destroy, decoder, []);
    }
    tell();
  });
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
