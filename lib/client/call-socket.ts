import { z } from "zod";
import {
  audioAckSchema,
  messageAckSchema,
  type AudioAck,
  type ClientMessage,
  type MessageAck,
} from "../contract/client-messages.ts";
import type { ServerMessage } from "../contract/events.ts";
import { closeCodes } from "../contract/vocabulary.ts";
import { parseServerMessage } from "./server-message.ts";
import type { OpenSocket, SocketAddress, SocketPort } from "./socket-port.ts";
import type { Timers } from "./timers.ts";

export type ConnectionState =
  | { readonly kind: "connecting" }
  | { readonly kind: "open" }
  | {
      readonly kind: "reconnecting";
      readonly sinceMs: number;
      readonly attempt: number;
      /** The server has said that it is being restarted; it is expected back. */
      readonly isRestarting: boolean;
    }
  /** The same call was opened as host elsewhere. */
  | { readonly kind: "taken_over" }
  /** The server will not have this connection; trying again does not help. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  /** Closed by us, or the call is over. */
  | { readonly kind: "closed" };

export interface CallSocketOptions extends SocketAddress {
  readonly openSocket: OpenSocket;
  readonly onMessage: (message: ServerMessage) => void;
  readonly onConnection: (state: ConnectionState) => void;
  readonly timers: Timers;
  /** From 0 up to 1, for the jitter between attempts. */
  readonly random: () => number;
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

const firstRetryMs = 250;
const longestRetryMs = 4000;
/** Attempts keep this share of their distance to each other, so that not all pages return at once. */
const jitterShare = 0.3;
/** From the first packet to `session_started`; the server may first have to make things durable. */
const attemptTimeoutMs = 12_000;
/** While audio flows an answer comes ten times a second: so much silence is asked about. */
const pingAfterSilentMs = 3000;
const answerWithinMs = 4000;
/** After waking up the old connection is probably dead: it gets less time to prove otherwise. */
const answerAfterWakingWithinMs = 2000;

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
 * One call's connection: keeps connecting until it is told that there is no point, notices when nothing
 * comes through any more, and hands over only messages that are as the contract says. `beat` has to be
 * called about once a second; it may be called as often as one likes.
 */
export class CallSocket {
  readonly #options: CallSocketOptions;
  #state: ConnectionState = { kind: "connecting" };
  #port: SocketPort | null = null;
  #attempt = 0;
  #attemptedAtMs = 0;
  #heardAtMs = 0;
  /** An unanswered question on the open connection: give it up then. */
  #answerDueMs: number | null = null;
  #lastErrorCode: string | null = null;
  #isCompleted = false;
  #isRestarting = false;
  #cancelRetry: (() => void) | null = null;

  constructor(options: CallSocketOptions) {
    this.#options = options;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  connect(): void {
    if (this.#port === null && !this.#isEnded()) this.#open();
  }

  /** The network is said to be back, or the page woke up: no waiting for timers of the time before. */
  wake(): void {
    if (this.#state.kind === "open") {
      this.#ask(answerAfterWakingWithinMs);
      return;
    }
    if (this.#isEnded()) return;
    const nowMs = this.#options.timers.nowMs();
    const isFresh = this.#port !== null && nowMs - this.#attemptedAtMs < firstRetryMs;
    if (!isFresh) this.#open();
  }

  /** Looks whether the connection still answers. */
  beat(): void {
    const nowMs = this.#options.timers.nowMs();
    if (this.#state.kind === "open") {
      if (this.#answerDueMs !== null && nowMs >= this.#answerDueMs) {
        this.#drop();
        this.#open();
      } else if (this.#answerDueMs === null && nowMs - this.#heardAtMs >= pingAfterSilentMs) {
        this.#ask(answerWithinMs);
      }
    } else if (this.#port !== null && nowMs - this.#attemptedAtMs >= attemptTimeoutMs) {
      this.#drop();
      this.#retryLater();
    }
  }

  send(message: ClientMessage): void {
    if (this.#port?.isConnected === true) this.#port.emit(message.type, message.data);
  }

  /** Resolves with the server's answer to a message; never, when the connection goes before it. */
  ask(message: ClientMessage): Promise<MessageAck> {
    return this.#emitForAnswer(messageAckSchema, message.type, message.data);
  }

  /** Resolves with the server's answer; never, when the connection goes before it. */
  sendAudio(firstSample: number, pcm: ArrayBuffer): Promise<AudioAck> {
    return this.#emitForAnswer(audioAckSchema, "audio", firstSample, pcm);
  }

  close(): void {
    this.#letGo();
    if (!this.#isEnded()) this.#become({ kind: "closed" });
  }

  #isEnded(): boolean {
    const { kind } = this.#state;
    return kind === "taken_over" || kind === "refused" || kind === "closed";
  }

  /** A new attempt; whatever was before is let go of. */
  #open(): void {
    this.#letGo();
    const { openSocket, timers } = this.#options;
    this.#attempt += 1;
    this.#attemptedAtMs = timers.nowMs();
    this.#lastErrorCode = null;
    const isMine = (): boolean => this.#port === port;
    const port = openSocket(this.#options, {
      onMessage: (type, payload) => {
        if (isMine()) this.#received(type, payload);
      },
      onRefused: (error) => {
        if (isMine()) this.#refused(error);
      },
      onGone: (isByServer) => {
        if (isMine()) this.#gone(isByServer);
      },
    });
    this.#port = port;
    if (this.#state.kind !== "connecting") this.#reconnecting();
  }

  #letGo(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#answerDueMs = null;
    const port = this.#port;
    this.#port = null;
    port?.close();
  }

  #emitForAnswer<Answer>(
    schema: z.ZodType<Answer>,
    event: string,
    ...args: readonly unknown[]
  ): Promise<Answer> {
    const port = this.#port;
    return new Promise((resolve, reject) => {
      port?.emit(event, ...args, (answer: unknown) => {
        if (this.#port !== port) return;
        this.#heard();
        const parsed = schema.safeParse(answer);
        if (parsed.success) resolve(parsed.data);
        else reject(parsed.error);
      });
    });
  }

  #heard(): void {
    this.#heardAtMs = this.#options.timers.nowMs();
    this.#answerDueMs = null;
  }

  #ask(withinMs: number): void {
    const dueMs = this.#options.timers.nowMs() + withinMs;
    if (this.#answerDueMs === null || dueMs < this.#answerDueMs) this.#answerDueMs = dueMs;
    this.send({ type: "ping", data: {} });
  }

  #received(type: string, payload: unknown): void {
    this.#heard();
    const message = parseServerMessage(type, payload);
    if (message === null) return;
    if (message.type === "session_started") {
      this.#attempt = 0;
      this.#lastErrorCode = null;
      this.#isRestarting = false;
      this.#become({ kind: "open" });
    } else if (message.type === "ping") {
      this.send({ type: "pong", data: {} });
    } else if (message.type === "error") {
      this.#lastErrorCode = message.data.code;
      if (message.data.code === "draining") this.#isRestarting = true;
    } else if (message.type === "call_completed") {
      this.#isCompleted = true;
    }
    this.#options.onMessage(message);
  }

  #refused(error: Error): void {
    const refusal = refusalOf(error);
    this.#drop();
    if (refusal?.code === closeCodes.takenOver) {
      this.#become({ kind: "taken_over" });
    } else if (refusal !== null && refusal.retryable !== true && finalCodes.has(refusal.code)) {
      const code = refusal.error ?? refusal.code.toString();
      this.#become({ kind: "refused", code, message: error.message });
    } else {
      this.#retryLater();
    }
  }

  #gone(isByServer: boolean): void {
    const code = this.#lastErrorCode;
    this.#drop();
    if (this.#isCompleted) {
      this.#become({ kind: "closed" });
    } else if (code === "taken_over") {
      this.#become({ kind: "taken_over" });
    } else if (isByServer && finalCodes.has(code)) {
      this.#become({ kind: "refused", code: code ?? "", message: "" });
    } else {
      this.#retryLater();
    }
  }

  #drop(): void {
    const port = this.#port;
    this.#port = null;
    this.#answerDueMs = null;
    port?.close();
  }

  #retryLater(): void {
    const steadyMs = Math.min(
      longestRetryMs,
      firstRetryMs * 2 ** Math.min(Math.max(0, this.#attempt - 1), 6),
    );
    const delayMs = steadyMs * (1 + jitterShare * (2 * this.#options.random() - 1));
    this.#cancelRetry?.();
    this.#cancelRetry = this.#options.timers.after(delayMs, () => {
      this.#cancelRetry = null;
      this.#open();
    });
    this.#reconnecting();
  }

  #reconnecting(): void {
    const sinceMs = this.#state.kind === "reconnecting" ? this.#state.sinceMs : this.#options.timers.nowMs();
    this.#become({
      kind: "reconnecting",
      sinceMs,
      attempt: this.#attempt,
      isRestarting: this.#isRestarting,
    });
  }

  #become(state: ConnectionState): void {
    this.#state = state;
    this.#options.onConnection(state);
  }
}
