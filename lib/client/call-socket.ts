import { io, type Socket } from "socket.io-client";
import { z } from "zod";
import { audioAckSchema, type AudioAck, type ClientMessage } from "../contract/client-messages.ts";
import type { ServerMessage } from "../contract/events.ts";
import { closeCodes } from "../contract/vocabulary.ts";
import { parseServerMessage, serverMessageTypes } from "./server-message.ts";

export type ConnectionState =
  | { readonly kind: "connecting" }
  | { readonly kind: "open" }
  | { readonly kind: "reconnecting"; readonly sinceMs: number; readonly attempt: number }
  /** The same call was opened as host elsewhere. */
  | { readonly kind: "taken_over" }
  /** The server will not have this connection; trying again does not help. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  /** Closed by us, or the call is over. */
  | { readonly kind: "closed" };

export interface CallSocketOptions {
  /** `http://host:port`; the page's own origin in the browser. */
  readonly origin: string;
  readonly path: string;
  readonly callId: string;
  readonly token: string;
  readonly onMessage: (message: ServerMessage) => void;
  readonly onConnection: (state: ConnectionState) => void;
  readonly nowMs: () => number;
}

/** Numbers and names under which a no is final, as `connect_error.data.code` or a last `error`. */
const finalCodes: ReadonlySet<number | string | null> = new Set<number | string | null>([
  closeCodes.token,
  closeCodes.notAllowed,
  closeCodes.noSuchCall,
  closeCodes.malformed,
  closeCodes.tooLarge,
  "unauthorized",
  "token_expired",
  "not_allowed",
  "foreign_host",
  "foreign_origin",
  "not_found",
  "call_not_found",
  "malformed",
  "too_large",
]);

const firstRetryMs = 300;
const longestRetryMs = 4000;

const refusalSchema = z.object({
  /** The close code that the raw socket would have given. */
  code: z.number(),
  error: z.string().optional(),
  retryable: z.boolean().optional(),
});

/** What the server's no to a connection says; null when there was no answer at all. */
function refusalOf(error: Error): z.infer<typeof refusalSchema> | null {
  const { data } = error as Error & { readonly data?: unknown };
  return refusalSchema.safeParse(data).data ?? null;
}

/**
 * One call's connection: keeps connecting until it is told that there is no point, says in which state
 * it is, and hands over only messages that are as the contract says.
 */
export class CallSocket {
  readonly #options: CallSocketOptions;
  readonly #socket: Socket;
  #state: ConnectionState = { kind: "connecting" };
  #lastErrorCode: string | null = null;
  #isCompleted = false;
  #attempt = 0;
  #retryTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(options: CallSocketOptions) {
    this.#options = options;
    this.#socket = io(options.origin, {
      path: options.path,
      transports: ["websocket"],
      auth: { call_id: options.callId, token: options.token },
      autoConnect: false,
      reconnection: true,
      reconnectionDelay: firstRetryMs,
      reconnectionDelayMax: longestRetryMs,
      randomizationFactor: 0.3,
      timeout: 8000,
    });
    for (const type of serverMessageTypes) {
      this.#socket.on(type, (payload: unknown) => {
        this.#received(type, payload);
      });
    }
    this.#socket.on("connect_error", (error: Error) => {
      this.#refused(error);
    });
    this.#socket.on("disconnect", (reason) => {
      this.#disconnected(reason);
    });
    this.#socket.io.on("reconnect_attempt", (attempt: number) => {
      this.#attempt = attempt;
      this.#reconnecting();
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  connect(): void {
    this.#socket.connect();
  }

  /** Tries at once instead of waiting for the next attempt: the network is said to be back. */
  retryNow(): void {
    if (this.#state.kind !== "reconnecting") return;
    this.#clearRetry();
    this.#socket.disconnect();
    this.#socket.connect();
  }

  /** Drops a connection on which nothing comes through any more, and makes a new one. */
  renew(): void {
    if (this.#state.kind !== "open") return;
    this.#reconnecting();
    this.#socket.disconnect();
    this.#socket.connect();
  }

  send(message: ClientMessage): void {
    if (this.#socket.connected) this.#socket.emit(message.type, message.data);
  }

  /** Resolves with the server's answer; never, when the connection goes before it. */
  sendAudio(firstSample: number, pcm: ArrayBuffer): Promise<AudioAck> {
    return new Promise((resolve, reject) => {
      this.#socket.emit("audio", firstSample, pcm, (answer: unknown) => {
        const ack = audioAckSchema.safeParse(answer);
        if (ack.success) resolve(ack.data);
        else reject(ack.error);
      });
    });
  }

  close(): void {
    this.#clearRetry();
    this.#socket.disconnect();
    if (this.#state.kind !== "taken_over" && this.#state.kind !== "refused") this.#become({ kind: "closed" });
  }

  #received(type: string, payload: unknown): void {
    const message = parseServerMessage(type, payload);
    if (message === null) return;
    if (message.type === "session_started") {
      this.#attempt = 0;
      this.#lastErrorCode = null;
      this.#become({ kind: "open" });
    } else if (message.type === "ping") {
      this.send({ type: "pong", data: {} });
    } else if (message.type === "error") {
      this.#lastErrorCode = message.data.code;
    } else if (message.type === "call_completed") {
      this.#isCompleted = true;
    }
    this.#options.onMessage(message);
  }

  /** Socket.IO retries by itself when the network fails, and not when the server's answer was a no. */
  #refused(error: Error): void {
    const refusal = refusalOf(error);
    if (refusal?.code === closeCodes.takenOver) {
      this.#end({ kind: "taken_over" });
    } else if (refusal !== null && refusal.retryable !== true && finalCodes.has(refusal.code)) {
      this.#end({ kind: "refused", code: refusal.error ?? refusal.code.toString(), message: error.message });
    } else {
      this.#reconnecting();
      if (!this.#socket.active) this.#retryLater();
    }
  }

  #disconnected(reason: Socket.DisconnectReason): void {
    if (reason === "io client disconnect") return;
    if (this.#isCompleted) {
      this.#end({ kind: "closed" });
    } else if (this.#lastErrorCode === "taken_over") {
      this.#end({ kind: "taken_over" });
    } else if (reason === "io server disconnect" && finalCodes.has(this.#lastErrorCode)) {
      this.#end({ kind: "refused", code: this.#lastErrorCode ?? "", message: "" });
    } else {
      this.#reconnecting();
      if (!this.#socket.active) this.#retryLater();
    }
  }

  #retryLater(): void {
    this.#clearRetry();
    this.#attempt += 1;
    const delayMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(this.#attempt, 6));
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = null;
      this.#socket.connect();
    }, delayMs);
  }

  #clearRetry(): void {
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#retryTimer = null;
  }

  #reconnecting(): void {
    const sinceMs = this.#state.kind === "reconnecting" ? this.#state.sinceMs : this.#options.nowMs();
    this.#become({ kind: "reconnecting", sinceMs, attempt: this.#attempt });
  }

  #end(state: ConnectionState): void {
    this.#clearRetry();
    this.#socket.disconnect();
    this.#become(state);
  }

  #become(state: ConnectionState): void {
    this.#state = state;
    this.#options.onConnection(state);
  }
}
