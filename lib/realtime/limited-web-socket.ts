import { WebSocket, WebSocketServer } from "ws";
import type { ServerOptions } from "ws";
import { closeCodes } from "../contract/vocabulary.ts";
import { problemBody, refuseUpgrade, type RefusalHeaders } from "./refused-upgrade.ts";

/**
 * A server-side WebSocket that says so before it closes because of a frame that is too large: `ws`
 * sends its close frame first and tells afterwards, too late for a last `error` event.
 */
export class LimitedWebSocket extends WebSocket {
  /** Called at most once, while a message can still be sent. */
  beforeTooLarge: (() => void) | null = null;

  override close(code?: number, reason?: string | Buffer): void {
    if (code === closeCodes.tooLarge) {
      const tell = this.beforeTooLarge;
      this.beforeTooLarge = null;
      tell?.();
    }
    super.close(code, reason);
  }
}

/** Text that is not UTF-8 gets to the message parser, which refuses it without closing. */
export class LimitedWebSocketServer extends WebSocketServer<typeof LimitedWebSocket> {
  constructor(options: ServerOptions) {
    super({ ...options, WebSocket: LimitedWebSocket, skipUTF8Validation: true });
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
