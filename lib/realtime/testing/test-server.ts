import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { CallError } from "../../call/errors.ts";
import type { CallTokenClaims, CallTokens, Clock, Logger, Telemetry } from "../../call/ports.ts";
import type { ConnectionRole } from "../../contract/vocabulary.ts";
import type { Realtime, RealtimeOptions } from "../realtime.ts";
import { createRealtime } from "../realtime.ts";
import { FakeDoor } from "./fake-door.ts";

const realClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};

const quietLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quietLogger,
};

/** Tokens that say what they are: `role:call`, `expired:call`. */
const readableTokens: CallTokens = {
  issue: (claims: CallTokenClaims) => `${claims.role}.${claims.callId}`,
  verify: (token, callId) => {
    const [role, call] = token.split(".");
    if (role === "expired") throw new CallError("token_expired", "expired");
    if (call !== callId || (role !== "host" && role !== "observer")) {
      throw new CallError("unauthorized", "not ours");
    }
    return { callId, role, expiresAtMs: Number.MAX_SAFE_INTEGER, principalId: "user_1" };
  },
};

export function tokenFor(role: ConnectionRole, callId: string): string {
  return readableTokens.issue({ callId, role, expiresAtMs: 0, principalId: "user_1" });
}

export class CountingTelemetry implements Telemetry {
  readonly counts = new Map<string, number>();

  count(name: string, by = 1, labels: Readonly<Record<string, string>> = {}): void {
    for (const key of [name, ...Object.values(labels).map((label) => `${name} ${label}`)]) {
      this.counts.set(key, (this.counts.get(key) ?? 0) + by);
    }
  }

  latency(): void {
    // Nothing here is timed.
  }

  of(key: string): number {
    return this.counts.get(key) ?? 0;
  }
}

export interface TestServer {
  readonly port: number;
  readonly door: FakeDoor;
  readonly telemetry: CountingTelemetry;
  readonly realtime: Realtime;
  readonly httpServer: Server;
  stop(): Promise<void>;
}

export async function startTestServer(options: Partial<RealtimeOptions> = {}): Promise<TestServer> {
  const door = new FakeDoor();
  const telemetry = new CountingTelemetry();
  const httpServer = createServer();
  const realtime = createRealtime({
    httpServer,
    door,
    tokens: readableTokens,
    principalById: (id) => Promise.resolve({ id, name: "ana", role: "rep" }),
    maySee: () => Promise.resolve(true),
    audit: { note: () => Promise.resolve() },
    guard: () => ({ ok: true }),
    allowAnonymousLoopback: false,
    isAllowedOrigin: () => false,
    throttle: { connecting: () => Promise.resolve(), refused: () => Promise.resolve() },
    replyHeaders: { "X-Content-Type-Options": "nosniff" },
    clock: realClock,
    logger: quietLogger,
    telemetry,
    timeoutSec: 30,
    ...options,
    limits: { closeGraceMs: 300, ...options.limits },
  });
  httpServer.on("request", (request, response) => {
    if (realtime.takeRequest(request, response)) return;
    response.writeHead(200, { "Content-Type": "text/plain" }).end(`page ${request.method} ${request.url}`);
  });
  await new Promise<void>((resolve) => httpServer.listen(0, "127.0.0.1", resolve));
  const { port } = httpServer.address() as AddressInfo;
  return {
    port,
    door,
    telemetry,
    realtime,
    httpServer,
    stop: async () => {
      await realtime.close();
      httpServer.closeAllConnections();
      await new Promise<void>((resolve) =>
        httpServer.close(() => {
          resolve();
        }),
      );
    },
  };
}
