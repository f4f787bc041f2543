import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { closeCodes } from "../contract/vocabulary.ts";
import type { CallTokens, Clock, Logger, Telemetry } from "../call/ports.ts";
import type { AuditSink } from "../call/privacy-ports.ts";
import type { Principal } from "../call/principal.ts";
import type { CallDoor } from "../call/seat.ts";
import type { RealtimeLimits } from "./gateway.ts";
import { defaultLimits, Gateway } from "./gateway.ts";
import { RawWebSockets } from "./raw-websocket.ts";
import { SocketIoSockets, socketIoPath } from "./socket-io.ts";
import type { ConnectionThrottle } from "./refused-upgrade.ts";
import type { RequestGuard, Upgrade } from "./upgrade-dispatcher.ts";
import { UpgradeDispatcher } from "./upgrade-dispatcher.ts";

export interface RealtimeOptions {
  readonly httpServer: Server;
  readonly door: CallDoor;
  readonly tokens: CallTokens;
  readonly audit: AuditSink;
  /** Host, Origin and Sec-Fetch rules, asked for every upgrade. */
  readonly guard: RequestGuard;
  /** Whom a token was issued to; null: the account is gone. */
  readonly principalById: (principalId: string) => Promise<Principal | null>;
  /** Whether the call is still the principal's to see. */
  readonly maySee: (principal: Principal, callId: string) => Promise<boolean>;
  /** No `AUTH_SECRET`: `/ws` takes loopback clients without Origin and without token as host. */
  readonly allowAnonymousLoopback: boolean;
  /** Origins whose pages may use the polling transport. */
  readonly isAllowedOrigin: (origin: string) => boolean;
  /** On everything that is answered to an upgrade without agreeing to it. */
  readonly replyHeaders: Readonly<Record<string, string>>;
  readonly throttle: ConnectionThrottle;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  /** `WEBSOCKET_TIMEOUT_SEC`. */
  readonly timeoutSec: number;
  /** Takes upgrades below `/_next/` in development. */
  readonly devUpgrade?: Upgrade;
  readonly limits?: Partial<RealtimeLimits>;
}

export interface Realtime {
  /**
   * Takes a request of Socket.IO's polling transport and returns true; false: it is not one. The
   * request must have passed the guard.
   */
  takeRequest(request: IncomingMessage, response: ServerResponse): boolean;
  /** Connections in calls. */
  connections(): number;
  /** Refuses new connections; those there are stay. */
  stopAdmitting(): void;
  /** Tells every connection 1001, waits a bounded time for them, ends the rest. Idempotent. */
  close(): Promise<void>;
}

const pollMs = 20;

/** Socket.IO and raw WebSockets on one HTTP server, over one gateway. */
export function createRealtime(options: RealtimeOptions): Realtime {
  const { httpServer, door, tokens, audit, guard, replyHeaders, throttle, clock, logger, telemetry } =
    options;
  const limits: RealtimeLimits = { ...defaultLimits, ...options.limits };
  const { closeGraceMs } = limits;
  const timeoutMs = options.timeoutSec * 1000;
  const { maySee, principalById } = options;
  const gateway = new Gateway({
    door,
    tokens,
    principalById,
    maySee,
    audit,
    clock,
    logger,
    telemetry,
    timeoutMs,
    limits,
  });
  const raw = new RawWebSockets({
    gateway,
    clock,
    logger,
    replyHeaders,
    throttle,
    allowAnonymousLoopback: options.allowAnonymousLoopback,
    closeGraceMs,
  });
  const socketIo = new SocketIoSockets({
    gateway,
    clock,
    logger,
    replyHeaders,
    throttle,
    isAllowedOrigin: options.isAllowedOrigin,
    closeGraceMs,
    maxStrangers: limits.unseated,
  });
  const dispatcher = new UpgradeDispatcher({
    httpServer,
    guard,
    replyHeaders,
    throttle,
    refusing: () => gateway.closing || gateway.crowded(),
    onRefused: (reason) => {
      gateway.refused(reason, "websocket");
    },
    webSocket: (request, socket, head, callId, query) => {
      raw.upgrade(request, socket, head, callId, query);
    },
    socketIo: (request, socket, head) => {
      socketIo.upgrade(request, socket, head);
    },
    devUpgrade: options.devUpgrade ?? null,
  });

  async function shutDown(): Promise<void> {
    gateway.stopAdmitting();
    gateway.closeAll(closeCodes.draining);
    raw.close();
    const untilMs = clock.monotonicMs() + closeGraceMs;
    while (dispatcher.openSockets > 0 && clock.monotonicMs() < untilMs) {
      await new Promise<void>((resolve) => void clock.after(pollMs, resolve));
    }
    dispatcher.destroySockets();
    await socketIo.close();
    dispatcher.close();
  }

  let closed: Promise<void> | null = null;
  return {
    takeRequest: (request, response) => {
      if (!(request.url ?? "").startsWith(socketIoPath)) return false;
      socketIo.request(request, response);
      return true;
    },
    connections: () => gateway.connections,
    stopAdmitting: () => {
      gateway.stopAdmitting();
    },
    close: () => (closed ??= shutDown()),
  };
}
