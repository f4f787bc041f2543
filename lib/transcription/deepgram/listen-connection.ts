import { DeepgramClient, type DeepgramEnvironmentUrls } from "@deepgram/sdk";
import type { Clock } from "../../call/ports.ts";
import { parseListenMessage, type ListenMessage } from "./listen-messages.ts";
import type { ListenParameters } from "./listen-parameters.ts";
import { ListenTransport } from "./listen-transport.ts";

/** How an attempt came to its end. `refused` was never open; the others were. */
export type ListenEnd =
  | {
      readonly kind: "refused";
      /** Null: no HTTP answer at all. */
      readonly status: number | null;
      readonly code: string | null;
      readonly reason: string;
      readonly requestId: string | null;
      readonly retryAfterSec: number | null;
    }
  | {
      readonly kind: "dropped";
      readonly closeCode: number;
      readonly reason: string;
      readonly requestId: string | null;
    }
  | {
      readonly kind: "stalled";
      readonly sign: "no_answer" | "not_read" | "no_results";
      readonly requestId: string | null;
    }
  /** Closed after everything that was sent had been answered. */
  | { readonly kind: "closed"; readonly requestId: string | null };

export interface ListenConnectionOptions {
  readonly apiKey: string;
  readonly baseUrl: URL | null;
  readonly parameters: ListenParameters;
  readonly clock: Clock;
  /** PCM bytes of one second. */
  readonly bytesPerSecond: number;
  /** Patience with a service that hears a voice and says nothing. */
  readonly resultsWithinMs: number;
  readonly onOpen: () => void;
  readonly onMessage: (message: ListenMessage) => void;
  /** Once, unless it was aborted. */
  readonly onEnd: (end: ListenEnd) => void;
}

/** A handshake that is not answered in this time is not going to be. */
const handshakeMs = 5000;
const lookEveryMs = 500;
/** Looks between two pings. */
const pingEveryLooks = 4;
/**
 * Looks without a frame, an answer to a ping included, after which the other side counts as stalled. Looks are
 * counted, not measured: a thread that was held up does not make the service silent.
 */
const silentLooks = 8;
/** Audio that waits in the socket because the other side does not read. */
const maxWaitingSeconds = 4;
const fullLooks = 3;
/** Voice that was sent and not answered, before silence means anything. */
const unansweredVoiceSeconds = 2.5;
const keepAliveMs = 4000;
/** Behind the end of the audio: the last words, and the service's goodbye. */
const goodbyeMs = 10_000;

export function environmentOf(baseUrl: URL | null): DeepgramEnvironmentUrls {
  const rest = (baseUrl?.href ?? "https://api.deepgram.com").replace(/\/+$/, "");
  const sockets = rest.replace(/^http/i, "ws");
  return { base: rest, production: sockets, agent: sockets, agentRest: rest };
}

/** One attempt at a live connection. It never comes back to life: whoever wants another one opens another one. */
export class ListenConnection {
  readonly #options: ListenConnectionOptions;
  readonly #disposers: (() => void)[] = [];
  #transport: ListenTransport | null = null;
  #socket: Awaited<ReturnType<DeepgramClient["listen"]["v1"]["createConnection"]>> | null = null;
  #state: "connecting" | "open" | "closing" | "ended" = "connecting";
  #saidGoodbye = false;
  #hasHeard = false;
  #silentLooks = 0;
  #fullLooks = 0;
  #looks = 0;
  #voiceSecondsUnanswered = 0;
  #looksUnanswered = 0;
  #sentAtMs: number;

  constructor(options: ListenConnectionOptions) {
    this.#options = options;
    this.#sentAtMs = options.clock.monotonicMs();
    this.#disposers.push(
      options.clock.after(handshakeMs, () => {
        this.#refusedWithout(`no answer to the handshake within ${handshakeMs / 1000} s`);
      }),
    );
    this.#connect().catch((error: unknown) => {
      this.#refusedWithout(error instanceof Error ? error.message : "the connection could not be made");
    });
  }

  get isOpen(): boolean {
    return this.#state === "open" && this.#transport?.isOpen() === true;
  }

  get requestId(): string | null {
    return this.#transport?.requestId ?? null;
  }

  /** At least one sample: a frame without any would end the stream. */
  sendAudio(pcm: Uint8Array, hasVoice: boolean): void {
    if (pcm.byteLength === 0) return;
    this.#send(() => this.#socket?.sendMedia(pcm));
    if (hasVoice) this.#voiceSecondsUnanswered += pcm.byteLength / this.#options.bytesPerSecond;
  }

  /** What was sent so far is made final. */
  finalize(): void {
    this.#send(() => this.#socket?.sendFinalize({ type: "Finalize" }));
  }

  /** No more audio: the last finals come, and then the end. */
  closeStream(): void {
    if (this.#state !== "open") return;
    this.#send(() => this.#socket?.sendCloseStream({ type: "CloseStream" }));
    this.#state = "closing";
    this.#disposers.push(
      this.#options.clock.after(goodbyeMs, () => {
        this.#end({ kind: "stalled", sign: "no_results", requestId: this.requestId });
      }),
    );
  }

  /** Lets go at once; nothing is told any more. */
  abort(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#dispose();
  }

  async #connect(): Promise<void> {
    const { apiKey, baseUrl, parameters } = this.#options;
    const client = new DeepgramClient({
      apiKey,
      environment: environmentOf(baseUrl),
      reconnect: false,
      transportFactory: (url, headers) => {
        this.#transport = new ListenTransport(url, headers, () => {
          this.#silentLooks = 0;
        });
        return this.#transport;
      },
    });
    const socket = await client.listen.v1.createConnection({
      model: "nova-3",
      reconnectAttempts: 0,
      connectionTimeoutInSeconds: (2 * handshakeMs) / 1000,
      queryParams: { ...parameters },
    });
    if (this.#isEnded()) return;
    this.#socket = socket;
    socket.on("open", () => {
      this.#opened();
    });
    socket.on("message", (message) => {
      this.#take(message);
    });
    socket.on("error", (error) => {
      this.#failed(error.message);
    });
    socket.on("close", ({ code, reason }) => {
      this.#closed(code, reason);
    });
    socket.connect();
  }

  #isEnded(): boolean {
    return this.#state === "ended";
  }

  #opened(): void {
    if (this.#state !== "connecting") return;
    this.#state = "open";
    this.#sentAtMs = this.#options.clock.monotonicMs();
    this.#look();
    this.#options.onOpen();
  }

  #take(received: unknown): void {
    if (this.#isEnded()) return;
    this.#voiceSecondsUnanswered = 0;
    this.#looksUnanswered = 0;
    this.#hasHeard = true;
    const message = parseListenMessage(received);
    if (message === null) return;
    if (message.type === "Metadata" && this.#state === "closing") this.#saidGoodbye = true;
    this.#options.onMessage(message);
  }

  #failed(reason: string): void {
    if (this.#state !== "connecting") {
      this.#end({ kind: "dropped", closeCode: 1006, reason, requestId: this.requestId });
      return;
    }
    const refusal = this.#transport?.refusal ?? null;
    if (refusal === null) {
      this.#refusedWithout(reason);
      return;
    }
    this.#end({
      ...refusal,
      kind: "refused",
      reason: refusal.reason ?? `HTTP ${refusal.status}`,
    });
  }

  #refusedWithout(reason: string): void {
    if (this.#state !== "connecting") return;
    this.#end({
      kind: "refused",
      status: null,
      code: null,
      reason,
      requestId: this.requestId,
      retryAfterSec: null,
    });
  }

  #closed(closeCode: number, reason: string): void {
    // A handshake that fails closes too; its error says why.
    if (this.#state === "connecting") {
      this.#failed(reason === "" ? "the connection was closed before it was open" : reason);
      return;
    }
    const { requestId } = this;
    if (this.#state === "closing" && this.#saidGoodbye) this.#end({ kind: "closed", requestId });
    else this.#end({ kind: "dropped", closeCode, reason, requestId });
  }

  #send(send: () => void): void {
    if (!this.isOpen) return;
    this.#sentAtMs = this.#options.clock.monotonicMs();
    try {
      send();
    } catch {
      // It closes in this moment, and says so by itself.
    }
  }

  #look(): void {
    if (this.#isEnded()) return;
    this.#looks += 1;
    this.#silentLooks += 1;
    this.#looksUnanswered = this.#voiceSecondsUnanswered > 0 ? this.#looksUnanswered + 1 : 0;
    const waiting = this.#transport?.waitingBytes ?? 0;
    this.#fullLooks = waiting > maxWaitingSeconds * this.#options.bytesPerSecond ? this.#fullLooks + 1 : 0;
    const sign = this.#stallSign();
    if (sign !== null) {
      this.#end({ kind: "stalled", sign, requestId: this.requestId });
      return;
    }
    if (this.#looks % pingEveryLooks === 1) this.#transport?.ping();
    const { clock } = this.#options;
    if (this.#state === "open" && clock.monotonicMs() - this.#sentAtMs >= keepAliveMs) {
      this.#send(() => this.#socket?.sendKeepAlive({ type: "KeepAlive" }));
    }
    this.#disposers[0]?.();
    this.#disposers[0] = clock.after(lookEveryMs, () => {
      this.#look();
    });
  }

  #stallSign(): Extract<ListenEnd, { kind: "stalled" }>["sign"] | null {
    // A service that talks and answers no ping does not answer pings: then its silence says nothing.
    const owesAnswers = this.#transport?.answersPings === true || !this.#hasHeard;
    if (owesAnswers && this.#silentLooks > silentLooks) return "no_answer";
    if (this.#fullLooks >= fullLooks) return "not_read";
    const isUnanswered =
      this.#voiceSecondsUnanswered >= unansweredVoiceSeconds &&
      this.#looksUnanswered * lookEveryMs >= this.#options.resultsWithinMs;
    if (this.#state === "open" && isUnanswered) return "no_results";
    return null;
  }

  #end(end: ListenEnd): void {
    if (this.#isEnded()) return;
    this.#state = "ended";
    this.#dispose();
    this.#options.onEnd(end);
  }

  #dispose(): void {
    for (const dispose of this.#disposers.splice(0)) dispose();
    const socket = this.#socket;
    this.#socket = null;
    if (socket !== null) {
      socket.on("open", undefined);
      socket.on("message", undefined);
      socket.on("error", undefined);
      socket.on("close", undefined);
      socket.close();
    }
    this.#transport?.close();
  }
}
