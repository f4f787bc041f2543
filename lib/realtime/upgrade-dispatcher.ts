import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { serveWithoutUpgrade, wantsWebSocket } from "./declined-upgrade.ts";
import {
  problemBody,
  refuseForNow,
  refuseUpgrade,
  type ConnectionThrottle,
  type RefusalHeaders,
} from "./refused-upgrade.ts";

export type GuardVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly status: number; readonly problem: Readonly<Record<string, unknown>> };

/** Decides by `Host`, `Origin` and `Sec-Fetch-*` whether a request is listened to at all. */
export type RequestGuard = (request: IncomingMessage) => GuardVerdict;

export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface UpgradeDispatcherOptions {
  readonly httpServer: Server;
  readonly guard: RequestGuard;
  /** On every refusal. */
  readonly replyHeaders: RefusalHeaders;
  readonly throttle: Pick<ConnectionThrottle, "connecting">;
  /** True when no new connection should come in: 503 with `Retry-After`. */
  readonly refusing: () => boolean;
  /** Told the code of the problem. */
  readonly onRefused: (reason: string) => void;
  readonly webSocket: (
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    callId: string,
    query: string,
  ) => void;
  readonly socketIo: Upgrade;
  /** Next's hot reload in development. */
  readonly devUpgrade: Upgrade | null;
}

/**
 * The one listener for upgrades of the server: libraries that listen for themselves end upgrades
 * that they do not know.
 */
export class UpgradeDispatcher {
  readonly #options: UpgradeDispatcherOptions;
  readonly #sockets = new Set<Duplex>();
  readonly #listener: Upgrade;

  constructor(options: UpgradeDispatcherOptions) {
    this.#options = options;
    this.#listener = (request, socket, head) => {
      this.#dispatch(request, socket, head);
    };
    options.httpServer.on("upgrade", this.#listener);
  }

  get openSockets(): number {
    return this.#sockets.size;
  }

  /** Ends what is left of every upgraded connection. */
  destroySockets(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** From now on upgrades get Node's default: the connection is closed. */
  close(): void {
    this.#options.httpServer.off("upgrade", this.#listener);
  }

  #dispatch(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#track(socket);
    if (!wantsWebSocket(request)) {
      serveWithoutUpgrade(this.#options, request, socket, head);
      return;
    }
    const { guard, refusing, webSocket, socketIo, devUpgrade } = this.#options;
    const verdict = guard(request);
    if (!verdict.ok) {
      this.#refuse(socket, verdict.status, verdict.problem);
      return;
    }
    const url = request.url ?? "/";
    const [path = "/", query = ""] = splitOnce(url, "?");
    if (path.startsWith("/_next/") && devUpgrade !== null) {
      devUpgrade(request, socket, head);
      return;
    }
    const callId = /^\/ws\/([^/]+)$/.exec(path)?.[1];
    if (callId === undefined && !path.startsWith("/socket.io/")) {
      this.#refuse(socket, 404, problemBody(404, "not_found", "there is no socket at this address"));
      return;
    }
    if (refusing()) {
      const draining = problemBody(503, "draining", "no new connections just now");
      this.#refuse(socket, 503, draining, { "Retry-After": "5" });
      return;
    }
    const open = (): void => {
      if (socket.destroyed) return;
      if (callId === undefined) socketIo(request, socket, head);
      else webSocket(request, socket, head, callId, query);
    };
    // A session of Socket.IO that changes its transport is no new connection.
    if (callId === undefined && new URLSearchParams(query).has("sid")) {
      open();
      return;
    }
    this.#options.throttle.connecting(request).then(open, (error: unknown) => {
      this.#options.onRefused("rate_limited");
      refuseForNow(socket, error, this.#options.replyHeaders);
    });
  }

  #refuse(
    socket: Duplex,
    status: number,
    body: Readonly<Record<string, unknown>>,
    headers: RefusalHeaders = {},
  ): void {
    const { onRefused, replyHeaders } = this.#options;
    onRefused(typeof body.code === "string" ? body.code : String(status));
    refuseUpgrade(socket, status, body, { ...replyHeaders, ...headers });
  }

  #track(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
  }
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
