import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { maxFrameBytes } from "../contract/vocabulary.ts";
import type { ServerMessage } from "../contract/events.ts";
import { CallError } from "../call/errors.ts";
import type { Clock, Logger } from "../call/ports.ts";
import { asCallError, closeCodeOf } from "./closing.ts";
import { parseTextFrame } from "./client-message.ts";
import type { Connection } from "./connection.ts";
import type { Admission, Gateway } from "./gateway.ts";
import { refuseConnection } from "./gateway.ts";
import type { LimitedWebSocket } from "./limited-web-socket.ts";
import { LimitedWebSocketServer } from "./limited-web-socket.ts";
import type { Link } from "./link.ts";
import { isRefusedToken, refuseForNow, type ConnectionThrottle } from "./refused-upgrade.ts";

const tokenProtocol = "token.";

export interface RawWebSocketsOptions {
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly logger: Logger;
  /** With no `AUTH_SECRET`: loopback clients without an `Origin` need no token. */
  readonly allowAnonymousLoopback: boolean;
  /** On what is answered to a handshake that is none. */
  readonly replyHeaders: Readonly<Record<string, string>>;
  readonly throttle: Pick<ConnectionThrottle, "refused">;
  readonly closeGraceMs: number;
}

/** `/ws/{call_id}`: text frames `{type, data}`, binary frames are audio. */
export class RawWebSockets {
  readonly #options: RawWebSocketsOptions;
  readonly #server: LimitedWebSocketServer;

  constructor(options: RawWebSocketsOptions) {
    this.#options = options;
    this.#server = new LimitedWebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: maxFrameBytes,
      handleProtocols: (protocols) => tokenProtocolOf(protocols) ?? false,
    });
    this.#server.refuseWith(options.replyHeaders);
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, callId: string, query: string): void {
    const admission = this.#admissionOf(request, callId, query);
    const agree = (): void => {
      if (socket.destroyed) return;
      this.#server.handleUpgrade(request, socket, head, (ws) => {
        this.#connected(ws, callId, admission);
      });
    };
    if (!(admission instanceof CallError) || !isRefusedToken(admission)) {
      agree();
      return;
    }
    // Who shows too many tokens that are none is told so before a socket is opened for it.
    this.#options.throttle.refused(request).then(agree, (error: unknown) => {
      refuseForNow(socket, error, this.#options.replyHeaders);
    });
  }

  close(): void {
    this.#server.close();
  }

  #admissionOf(request: IncomingMessage, callId: string, query: string): Admission | CallError {
    try {
      const token = tokenOf(request.headers["sec-websocket-protocol"], query);
      return this.#options.gateway.admit(callId, token, this.#isAnonymousHost(request));
    } catch (error) {
      return asCallError(error);
    }
  }

  #connected(ws: LimitedWebSocket, callId: string, admission: Admission | CallError): void {
    const { gateway, logger } = this.#options;
    // A broken peer is a closed peer: `close` follows.
    ws.on("error", (error) => {
      logger.debug({ err: error }, "websocket failed");
    });
    const link = new WebSocketLink(ws, this.#options.clock, this.#options.closeGraceMs);
    if (admission instanceof CallError) {
      const code = closeCodeOf(admission);
      const { message, retryable } = admission;
      const data = { call_id: callId, code: admission.code, message, retryable, close_code: code };
      gateway.refused(admission.code, "websocket");
      link.send({ type: "error", data });
      link.close(code);
      return;
    }
    const connection = gateway.connect(admission, link);
    this.#listen(ws, connection);
    gateway.seat(connection, admission).catch((error: unknown) => {
      gateway.refused(asCallError(error).code, "websocket");
      refuseConnection(connection, error);
    });
  }

  #listen(ws: LimitedWebSocket, connection: Connection): void {
    ws.beforeLimit = (code) => {
      connection.close(code);
    };
    ws.on("close", () => {
      connection.gone();
    });
    ws.on("ping", () => {
      connection.heardPing();
    });
    ws.on("message", (data: Buffer, isBinary: boolean) => {
      if (isBinary) {
        connection.audio(null, data);
        return;
      }
      connection.heardText(data.length);
      try {
        const frame = parseTextFrame(data.toString());
        connection.message(frame.type, frame.data);
      } catch (error) {
        connection.malformed(asCallError(error));
      }
    });
  }

  #isAnonymousHost(request: IncomingMessage): boolean {
    if (!this.#options.allowAnonymousLoopback || request.headers.origin !== undefined) return false;
    // Behind a proxy on this machine everyone would look local.
    const { forwarded, "x-forwarded-for": forwardedFor } = request.headers;
    return forwarded === undefined && forwardedFor === undefined && isLoopback(request.socket.remoteAddress);
  }
}

export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  const bare = address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
  return bare === "::1" || /^127\.\d+\.\d+\.\d+$/.test(bare);
}

function tokenProtocolOf(protocols: Iterable<string>): string | null {
  for (const protocol of protocols) if (protocol.startsWith(tokenProtocol)) return protocol;
  return null;
}

/** Throws `CallError("unauthorized")` when the query names more than one. */
function tokenOf(protocols: string | undefined, query: string): string | undefined {
  const offered = (protocols ?? "").split(",").map((protocol) => protocol.trim());
  const agreed = tokenProtocolOf(offered);
  if (agreed !== null) return agreed.slice(tokenProtocol.length);
  const tokens = new URLSearchParams(query).getAll("token");
  if (tokens.length > 1) throw new CallError("unauthorized", "one token is enough");
  return tokens[0];
}

/** Events go to every observer of a call; their text is made once. */
const texts = new WeakMap<ServerMessage, string>();

function textOf(message: ServerMessage): string {
  const known = texts.get(message);
  if (known !== undefined) return known;
  const text = JSON.stringify({ type: message.type, data: message.data });
  texts.set(message, text);
  return text;
}

class WebSocketLink implements Link {
  readonly transport = "websocket";
  readonly #ws: LimitedWebSocket;
  readonly #clock: Clock;
  readonly #closeGraceMs: number;
  readonly answersFrames = false;

  constructor(ws: LimitedWebSocket, clock: Clock, closeGraceMs: number) {
    this.#ws = ws;
    this.#clock = clock;
    this.#closeGraceMs = closeGraceMs;
  }

  pauseReading(paused: boolean): void {
    if (paused) this.#ws.pause();
    else this.#ws.resume();
  }

  send(message: ServerMessage): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.send(textOf(message));
  }

  close(code: number): void {
    const ws = this.#ws;
    if (ws.readyState === ws.CLOSED) return;
    // The peer's close frame cannot come while nothing is read.
    ws.resume();
    if (ws.readyState === ws.OPEN) ws.close(code);
    const cancel = this.#clock.after(this.#closeGraceMs, () => {
      ws.terminate();
    });
    ws.once("close", cancel);
  }

  bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }
}
