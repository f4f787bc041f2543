import type { CloseCode, ConnectionRole } from "../contract/vocabulary.ts";
import { callIdPattern } from "../contract/vocabulary.ts";
import { CallError } from "../call/errors.ts";
import type { CallTokens, Clock, Logger, Telemetry } from "../call/ports.ts";
import type { AuditActor, AuditSink } from "../call/privacy-ports.ts";
import { localPrincipal, type Principal } from "../call/principal.ts";
import type { CallDoor } from "../call/seat.ts";
import { asCallError, closeCodeOf } from "./closing.ts";
import { Connection } from "./connection.ts";
import type { Link } from "./link.ts";
import type { SlowReaderLimits } from "./slow-reader.ts";

export interface RealtimeLimits {
  readonly observersPerCall: number;
  /** Connections of the host of one call: the newest wins, but each is told so in turn. */
  readonly hostsPerCall: number;
  /** Connections of all calls. */
  readonly connections: number;
  /** Connections that have not shown a token or are not seated yet; on Socket.IO the oldest makes room. */
  readonly unseated: number;
  readonly slowReader: SlowReaderLimits;
  /** How long a peer may take to agree to a close before its socket is destroyed. */
  readonly closeGraceMs: number;
  /** From one look whether those who are connected still have their accounts to the next. */
  readonly accountsEveryMs: number;
}

export const defaultLimits: RealtimeLimits = {
  observersPerCall: 50,
  hostsPerCall: 32,
  connections: 10_000,
  unseated: 256,
  slowReader: { softBytes: 4 * 1024 * 1024, softForMs: 15_000, hardBytes: 8 * 1024 * 1024 },
  closeGraceMs: 2000,
  accountsEveryMs: 3000,
};

export interface GatewayOptions {
  readonly door: CallDoor;
  readonly tokens: CallTokens;
  /** Whom a token was issued to; null: the account is gone. Rejects when that cannot be found out. */
  readonly principalById: (principalId: string) => Promise<Principal | null>;
  /** Whether the call is still the principal's to see. Rejects as `principalById` does, and with `call_not_found`. */
  readonly maySee: (principal: Principal, callId: string) => Promise<boolean>;
  readonly audit: AuditSink;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly timeoutMs: number;
  readonly limits: RealtimeLimits;
}

export interface Admission {
  readonly callId: string;
  readonly role: ConnectionRole;
  /** Whom the token was issued to; null: no token was needed. */
  readonly principalId: string | null;
  /** When the token ends, and with it the connection; null: never. */
  readonly expiresAtMs: number | null;
}

/** Timers take no more; what is further away is waited for in parts. */
const longestWaitMs = 24 * 60 * 60 * 1000;

/** What both transports share: who may enter, who is connected, how all are sent away. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #connections = new Map<Connection, Admission>();
  /** By call and role. */
  readonly #seatsTaken = new Map<string, number>();
  #unseated = 0;
  #closing = false;
  #cancelLook: () => void;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#cancelLook = this.#lookLater();
  }

  get connections(): number {
    return this.#connections.size;
  }

  get closing(): boolean {
    return this.#closing;
  }

  /** True when so many are on the way to their seats that nobody else should be listened to. */
  crowded(): boolean {
    return this.#unseated >= this.#options.limits.unseated;
  }

  /**
   * Who the bearer of the token is. An id that cannot be one is refused before anything is looked up.
   * `anonymousHost`: a connection without a token counts as the host's. Throws `CallError`.
   */
  admit(callId: unknown, token: unknown, anonymousHost: boolean): Admission {
    if (typeof callId !== "string" || !callIdPattern.test(callId)) {
      throw new CallError("call_not_found", "there is no such call");
    }
    if (this.#closing) throw new CallError("draining", "the server is going down; connect again");
    if (token === undefined || token === null) {
      if (anonymousHost) return { callId, role: "host", principalId: null, expiresAtMs: null };
      throw new CallError("unauthorized", "a token is needed");
    }
    if (typeof token !== "string") throw new CallError("unauthorized", "the token must be a string");
    const { role, principalId, expiresAtMs } = this.#options.tokens.verify(token, callId);
    return { callId, role, principalId, expiresAtMs };
  }

  /** A connection that is not in the call yet; `seat` takes it there. */
  connect(admission: Admission, link: Link): Connection {
    const { callId, role } = admission;
    const { limits, door, clock, logger, telemetry, timeoutMs } = this.#options;
    this.#countSeat(admission, 1);
    telemetry.count("connections_opened", 1, { transport: link.transport, role });
    const connection = new Connection({
      callId,
      role,
      link,
      door,
      clock,
      logger,
      telemetry,
      timeoutMs,
      slowReader: limits.slowReader,
      onClosed: () => {
        cancelExpiry();
        this.#connections.delete(connection);
        this.#countSeat(admission, -1);
      },
    });
    const cancelExpiry = this.#whenExpired(admission, () => {
      refuseConnection(connection, new CallError("token_expired", "the token has expired"));
    });
    this.#connections.set(connection, admission);
    return connection;
  }

  /** Rejects with `CallError` when there is no seat; the connection is then still to be closed. */
  async seat(connection: Connection, admission: Admission): Promise<void> {
    const { callId, role } = admission;
    const { limits, logger, clock } = this.#options;
    const most = role === "observer" ? limits.observersPerCall : limits.hostsPerCall;
    if ((this.#seatsTaken.get(`${role} ${callId}`) ?? 0) > most) {
      throw new CallError("rate_limited", `this call has as many ${role}s as it may`);
    }
    if (this.#connections.size > limits.connections) {
      throw new CallError("rate_limited", "this server has as many connections as it may");
    }
    const startMs = clock.monotonicMs();
    this.#unseated += 1;
    try {
      const bearer = await this.#bearerOf(admission);
      await this.#note(admission, bearer);
      // Of the person at an own server every connection is the host's, or one that was asked for only to watch.
      const isManager = bearer.role === "manager" && bearer.id !== localPrincipal.id;
      await connection.join({ givesFeedback: role === "host" || isManager });
    } catch (error) {
      const known = asCallError(error);
      if (known.code === "internal") logger.error({ err: error, callId }, "joining the call failed");
      throw known;
    } finally {
      this.#unseated -= 1;
    }
    logger.debug({ callId, role, ms: clock.monotonicMs() - startMs }, "connected to the call");
  }

  /** Nobody gets in any more. */
  stopAdmitting(): void {
    this.#closing = true;
    this.#cancelLook();
  }

  closeAll(code: CloseCode): void {
    for (const connection of [...this.#connections.keys()]) connection.close(code);
  }

  #lookLater(): () => void {
    const { clock, limits, logger } = this.#options;
    return clock.after(limits.accountsEveryMs, () => {
      this.#turnOutStrangers()
        .catch((error: unknown) => {
          // Calls go on without the database.
          logger.debug({ err: error }, "whose connections these are could not be found out");
        })
        .finally(() => {
          if (!this.#closing) this.#cancelLook = this.#lookLater();
        });
    });
  }

  /** A token is worth no more than its account: who was removed, or may no longer see the call, is sent away. */
  async #turnOutStrangers(): Promise<void> {
    const accounts = new Map<string, Promise<Principal | null>>();
    for (const [connection, { callId, principalId }] of [...this.#connections]) {
      if (principalId === null) continue;
      const known = accounts.get(principalId) ?? this.#options.principalById(principalId);
      accounts.set(principalId, known);
      const principal = await known;
      // A call that is gone has sent its connections away itself.
      const stays = principal !== null && (await this.#options.maySee(principal, callId).catch(() => true));
      if (!stays && this.#connections.has(connection)) refuseConnection(connection, accountGone());
    }
  }

  async #bearerOf({ callId, principalId }: Admission): Promise<AuditActor> {
    if (principalId === null) return localPrincipal;
    const { maySee, principalById } = this.#options;
    let principal: Principal | null;
    let isAllowed: boolean;
    try {
      principal = await principalById(principalId);
      isAllowed = principal !== null && (await maySee(principal, callId));
    } catch (error) {
      if (error instanceof CallError && error.code === "call_not_found") throw error;
      // A call goes on without the database: the token was ours, and has not expired.
      this.#options.logger.warn({ err: error, callId }, "whose token this is could not be found out");
      return { id: principalId, name: "", role: "bearer" };
    }
    if (principal === null || !isAllowed) throw accountGone();
    return principal;
  }

  /** Runs once when the token of the admission ends; the returned function calls it off. */
  #whenExpired({ expiresAtMs }: Admission, run: () => void): () => void {
    if (expiresAtMs === null) return () => undefined;
    const { clock } = this.#options;
    let cancel = (): void => undefined;
    const wait = (): void => {
      const leftMs = expiresAtMs - clock.nowMs();
      cancel = clock.after(Math.min(Math.max(0, leftMs), longestWaitMs), leftMs > 0 ? wait : run);
    };
    wait();
    return () => {
      cancel();
    };
  }

  /** Noted before a word is sent. */
  async #note({ callId, role }: Admission, principal: AuditActor): Promise<void> {
    const { audit, clock } = this.#options;
    await audit.note({
      atMs: clock.nowMs(),
      principal,
      action: role === "host" ? "hosted" : "observed",
      callId,
    });
  }

  /** Counts who was turned away before there was a connection. */
  refused(reason: string, transport: Link["transport"]): void {
    this.#options.telemetry.count("connections_refused", 1, { reason, transport });
  }

  #countSeat({ callId, role }: Admission, by: 1 | -1): void {
    const key = `${role} ${callId}`;
    const count = (this.#seatsTaken.get(key) ?? 0) + by;
    if (count > 0) this.#seatsTaken.set(key, count);
    else this.#seatsTaken.delete(key);
  }
}

function accountGone(): CallError {
  return new CallError("unauthorized", "the account of this token is gone, or may no longer see this call");
}

/** Closes a connection that got no seat, telling why. */
export function refuseConnection(connection: Connection, error: unknown): void {
  const known = asCallError(error);
  connection.refuse(known, closeCodeOf(known));
}
