import type { IncomingMessage } from "node:http";
import type { DeepgramTransport, DeepgramTransportCloseEvent, DeepgramTransportMessage } from "@deepgram/sdk";
import { WebSocket, type RawData } from "ws";

/** A refused handshake, as the service words it. */
export interface HandshakeRefusal {
  readonly status: number;
  readonly code: string | null;
  readonly reason: string | null;
  readonly requestId: string | null;
  readonly retryAfterSec: number | null;
}

const maxRefusalBytes = 16_384;
const maxMessageBytes = 4 * 1024 * 1024;

/**
 * The socket under the SDK. The SDK's own tells neither the status and the body of a refused handshake nor the
 * service's request id, and has no pings.
 */
export class ListenTransport implements DeepgramTransport {
  readonly #socket: WebSocket;
  readonly #onFrame: () => void;
  #refused: ((refusal: HandshakeRefusal) => void) | null = null;
  /** It has answered a ping: from then on no answer means something. */
  answersPings = false;
  requestId: string | null = null;
  refusal: HandshakeRefusal | null = null;

  /** `onFrame`: something came from the other side, an answer to a ping included. */
  constructor(url: string, headers: Readonly<Record<string, string>>, onFrame: () => void) {
    this.#onFrame = onFrame;
    this.#socket = new WebSocket(url, {
      headers: { ...headers },
      perMessageDeflate: false,
      maxPayload: maxMessageBytes,
      followRedirects: false,
    });
    this.#socket.on("upgrade", (response) => {
      this.requestId = requestIdOf(response);
    });
    this.#socket.on("unexpected-response", (request, response) => {
      void readRefusal(response).then((refusal) => {
        this.refusal = refusal;
        this.#refused?.(refusal);
        request.destroy();
      });
    });
    this.#socket.on("pong", () => {
      this.answersPings = true;
      onFrame();
    });
    this.#socket.on("ping", onFrame);
    // What happens to a socket that was given up is nobody's concern.
    this.#socket.on("error", () => undefined);
  }

  /** Bytes that the other side has not taken yet. */
  get waitingBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(data: DeepgramTransportMessage): void {
    if (data instanceof Blob) throw new TypeError("audio is sent as bytes");
    this.#socket.send(data);
  }

  ping(): void {
    if (this.isOpen()) this.#socket.ping();
  }

  onOpen(listener: () => void): void {
    this.#socket.on("open", listener);
  }

  onMessage(listener: (message: DeepgramTransportMessage) => void): void {
    this.#socket.on("message", (payload: RawData, isBinary: boolean) => {
      this.#onFrame();
      if (!isBinary) listener(textOf(payload));
    });
  }

  onError(listener: (error: Error) => void): void {
    this.#socket.on("error", listener);
    this.#refused = (refusal) => {
      listener(new Error(`the handshake was refused with ${refusal.status}`));
    };
  }

  onClose(listener: (event: DeepgramTransportCloseEvent) => void): void {
    this.#socket.on("close", (code, reason) => {
      listener({ code, reason: reason.toString("utf8") });
    });
  }

  isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** At once: a peer that does not read would not answer a closing frame either. */
  close(): void {
    this.#socket.terminate();
  }
}

function textOf(payload: RawData): string {
  if (Array.isArray(payload)) return Buffer.concat(payload).toString("utf8");
  return Buffer.isBuffer(payload) ? payload.toString("utf8") : Buffer.from(payload).toString("utf8");
}

function headerOf(response: IncomingMessage, name: string): string | null {
  const value = response.headers[name];
  return typeof value === "string" && value !== "" ? value : null;
}

function requestIdOf(response: IncomingMessage): string | null {
  return headerOf(response, "dg-request-id");
}

async function readRefusal(response: IncomingMessage): Promise<HandshakeRefusal> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of response) {
      const chunk: Buffer = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
      bytes += chunk.byteLength;
      if (bytes > maxRefusalBytes) break;
      parts.push(chunk);
    }
  } catch {
    // The status alone says what matters.
  }
  const body = refusalBody(Buffer.concat(parts).toString("utf8"));
  const retryAfter = Number(headerOf(response, "retry-after") ?? Number.NaN);
  return {
    status: response.statusCode ?? 0,
    code: body.code,
    reason: body.reason ?? headerOf(response, "dg-error"),
    requestId: requestIdOf(response) ?? body.requestId,
    retryAfterSec: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null,
  };
}

export interface RefusalBody {
  readonly code: string | null;
  readonly reason: string | null;
  readonly requestId: string | null;
}

/** `{err_code, err_msg, request_id}`, as text or already read; anything else has none of the three. */
export function refusalBody(body: unknown): RefusalBody {
  let read = body;
  if (typeof body === "string") {
    try {
      read = JSON.parse(body);
    } catch {
      return { code: null, reason: null, requestId: null };
    }
  }
  const text = (name: string): string | null => {
    const value: unknown = typeof read === "object" && read !== null ? Reflect.get(read, name) : null;
    return typeof value === "string" && value !== "" ? value : null;
  };
  return { code: text("err_code"), reason: text("err_msg"), requestId: text("request_id") };
}
