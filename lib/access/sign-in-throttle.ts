import { createHmac, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { CallError } from "../call/errors.ts";
import { signInNameOf } from "./account-names.ts";
import { clientAddress } from "./client-address.ts";

/** Wrong passwords for one name from one address. */
const triesPerName = { points: 5, duration: 5 * 60 };
/** For one name from everywhere: a person is not locked out by few, nor guessed by many. */
const triesPerNameFromAll = { points: 50, duration: 60 * 60 };
/** From one address, which may be that of a whole team. */
const triesPerAddress = { points: 100, duration: 5 * 60 };

/** So many counters of each kind, however many names are tried: each falls into one of them, by a secret hash. */
const countersPerKind = 65_536;

export interface SignInThrottle {
  /**
   * Before a password is looked at; counts the try. Throws `CallError("rate_limited")` with the time to wait. The
   * returned function takes the try back: the password was right.
   */
  admit(name: string, request: Pick<IncomingMessage, "headers" | "socket">): Promise<() => Promise<void>>;
}

export function createSignInThrottle(options: {
  /** PUBLIC_URL is set: a proxy on this machine names the client. */
  readonly behindProxy: boolean;
}): SignInThrottle {
  const perName = new RateLimiterMemory(triesPerName);
  const perNameFromAll = new RateLimiterMemory(triesPerNameFromAll);
  const perAddress = new RateLimiterMemory(triesPerAddress);
  const secret = randomBytes(32);
  const counterOf = (text: string): string =>
    String(createHmac("sha256", secret).update(text).digest().readUInt32BE() % countersPerKind);

  return {
    async admit(name, request) {
      const address = clientAddress(request, options).key;
      const spelt = signInNameOf(name);
      const both = counterOf(`${address} ${spelt}`);
      const byName = counterOf(spelt);
      const byAddress = counterOf(address);
      await count(perAddress, byAddress);
      await count(perName, both);
      await count(perNameFromAll, byName);
      return async () => {
        await perName.delete(both);
        await perNameFromAll.reward(byName);
        await perAddress.reward(byAddress);
      };
    },
  };
}

async function count(limiter: RateLimiterMemory, counter: string): Promise<void> {
  try {
    await limiter.consume(counter);
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    throw new CallError("rate_limited", "too many tries to sign in; wait before the next one", {
      retryAfterSec: Math.max(1, Math.ceil(error.msBeforeNext / 1000)),
    });
  }
}
