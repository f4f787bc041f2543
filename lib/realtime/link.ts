import type { ErrorCode } from "../contract/error-codes.ts";
import type { ServerMessage } from "../contract/events.ts";
import type { CloseCode } from "../contract/vocabulary.ts";

/** One physical connection as the gateway sees it: a raw WebSocket or a Socket.IO socket. */
export interface Link {
  readonly transport: "websocket" | "socket.io";
  /** Must keep order and never throw. */
  send(message: ServerMessage): void;
  /** Ends the connection after what was sent; gives up waiting for the peer after a bounded time. */
  close(code: CloseCode): void;
  /** Bytes that the peer has not taken yet. */
  bufferedBytes(): number;
  /** Stops or goes on reading. */
  pauseReading(paused: boolean): void;
  /** True where frames have answers: what has no room is refused instead of being left unread. */
  readonly answersFrames: boolean;
}

export interface Refusal {
  readonly ok: false;
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly retryable: boolean;
    readonly next_sample?: number;
  };
}

/** What Socket.IO answers to a message that came with an acknowledgement function. */
export type MessageAck = { readonly ok: true } | Refusal;
