import { createHmac, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { CallError } from "../call/errors.ts";
import type { Telemetry } from "../call/ports.ts";
import type { Principal } from "../call/principal.ts";
import { clientAddress } from "./client-address.ts";

/** How often in a minute. A program on this machine is its owner's: it is only kept from running wild. */
interface Limit {
  readonly principal: number;
  /** Of one address, behind which a whole office may be. */
  readonly address: number;
  readonly local: number;
}

export const rateLimits = {
  start: { principal: 60, address: 120, local: 6000 },
  socket: { principal: 600, address: 600, local: 60_000 },
  token: { principal: 60, address: 120, local: 6000 },
  export: { principal: 120, address: 240, local: 12_000 },
  audio: { principal: 600, address: 1200, local: 60_000 },
  search: { principal: 300, address: 600, local: 30_000 },
  /** Playbooks saved. */
  playbook: { principal: 300, address: 600, local: 30_000 },
  /** Sentences tried on a playbook, which may come with them: up to a mebibyte is read and prepared for each. */
  trial: { principal: 60, address: 120, local: 6000 },
  /** Tokens and keys that were refused; what is right is never refused for it. */
  failure: { principal: 30, address: 30, local: 6000 },
} as const satisfies Record<string, Limit>;

export type LimitedAction = keyof typeof rateLimits;

const windowSec = 60;
/** So many counters of each kind, however many clients come: each falls into one of them, by a secret hash. */
const countersPerKind = 4096;

export interface RateLimits {
  /**
   * Counts one action of the client and, where known, of the principal. Throws `CallError("rate_limited")` with the
   * seconds to wait when there were too many.
   */
  count(action: LimitedAction, request: IncomingMessage, principal: Principal | null): Promise<void>;
}

export function createRateLimits(options: {
  /** PUBLIC_URL is set: a proxy on this machine names the client. */
  readonly behindProxy: boolean;
  readonly telemetry: Pick<Telemetry, "count">;
}): RateLimits {
  const { behindProxy, telemetry } = options;
  const key = randomBytes(32);
  const limiters = new Map<string, RateLimiterMemory>();
  const limiterOf = (action: LimitedAction, kind: keyof Limit): RateLimiterMemory => {
    const name = `${action} ${kind}`;
    const limiter =
      limiters.get(name) ?? new RateLimiterMemory({ points: rateLimits[action][kind], duration: windowSec });
    limiters.set(name, limiter);
    return limiter;
  };
  const counterOf = (client: string): string =>
    String(createHmac("sha256", key).update(client).digest().readUInt32BE() % countersPerKind);

  return {
    async count(action, request, principal) {
      const address = clientAddress(request, { behindProxy });
      const waits = await Promise.all([
        consume(limiterOf(action, address.isLocal ? "local" : "address"), counterOf(address.key)),
        principal === null || address.isLocal
          ? 0
          : consume(limiterOf(action, "principal"), counterOf(principal.id)),
      ]);
      const waitSec = Math.max(...waits);
      if (waitSec === 0) return;
      telemetry.count("rate_limited", 1, { type: action });
      throw new CallError("rate_limited", "too many requests of this kind; wait before the next one", {
        retryAfterSec: waitSec,
      });
    },
  };
}

/** Seconds to wait, 0 to go on. */
async function consume(limiter: RateLimiterMemory, counter: string): Promise<number> {
  try {
    await limiter.consume(counter);
    return 0;
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    return Math.max(1, Math.ceil(error.msBeforeNext / 1000));
  }
}
