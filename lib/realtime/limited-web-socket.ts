import { WebSocket, WebSocketServer } from "ws";
import type { ServerOptions } from "ws";
import { closeCodes } from "../contract/vocabulary.ts";

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
}
