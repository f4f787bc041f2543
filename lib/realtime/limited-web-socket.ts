import { WebSocket, WebSocketServer } from "ws";
import type { ServerOptions } from "ws";
import { closeCodes, type CloseCode } from "../contract/vocabulary.ts";
import { problemBody, refuseUpgrade, type RefusalHeaders } from "./refused-upgrade.ts";

/** A peer that pings and does not read gets no more answers than this may hold. */
const maxUnreadPongBytes = 64 * 1024;
/** Pieces of one message; the size of all of them together is bounded apart. */
const maxFragments = 16 * 1024;
/** RFC 6455, 7.4.1: what `ws` closes with when a message comes in too many pieces. */
const policyViolation = 1008;

type LimitPassed = Extract<CloseCode, typeof closeCodes.tooLarge | typeof closeCodes.malformed>;

/**
 * A server-side WebSocket that says so before it closes because of a frame that is too large or in too many
 * pieces: `ws` sends its close frame first and tells afterwards, too late for a last `error` event.
 */
export class LimitedWebSocket extends WebSocket {
  /** Called at most once, while a message can still be sent. */
  beforeLimit: ((code: LimitPassed) => void) | null = null;

  override close(code?: number, reason?: string | Buffer): void {
    const asked = code === policyViolation ? closeCodes.malformed : code;
    if (code === closeCodes.tooLarge || code === policyViolation) {
      const tell = this.beforeLimit;
      this.beforeLimit = null;
      tell?.(code === closeCodes.tooLarge ? code : closeCodes.malformed);
    }
    super.close(asked, reason);
  }

  /** RFC 6455, 5.5.3: not every ping needs an answer, the last one does. */
  override pong(data?: unknown, mask?: boolean, sent?: (error: Error) => void): void {
    if (this.bufferedAmount <= maxUnreadPongBytes) super.pong(data, mask, sent);
  }
}

/**
 * Text that is not UTF-8 gets to the message parser, which refuses it without closing. One frame a turn of the
 * event loop: however much one peer has sent at once, the others have their turn in between.
 */
export class LimitedWebSocketServer extends WebSocketServer<typeof LimitedWebSocket> {
  constructor(options: ServerOptions) {
    super({
      ...options,
      WebSocket: LimitedWebSocket,
      skipUTF8Validation: true,
      allowSynchronousEvents: false,
      maxFragments,
    });
  }

  /** A handshake that is none gets a problem with these headers, not the bare answer of `ws`. */
  refuseWith(headers: RefusalHeaders): void {
    this.on("wsClientError", (error, socket) => {
      const status = error.message === "Invalid HTTP method" ? 405 : 400;
      const code = status === 405 ? "method_not_allowed" : "malformed";
      const more: RefusalHeaders = status === 405 ? { Allow: "GET" } : { "Sec-WebSocket-Version": "13" };
      refuseUpgrade(socket, status, problemBody(status, code, error.message), { ...headers, ...more });
    });
  }
}
