import { hkdfSync } from "node:crypto";
import { betterAuth } from "better-auth/minimal";
import { username } from "better-auth/plugins/username";
import type { AccountRecords } from "../call/accounts.ts";
import { CallError } from "../call/errors.ts";
import type { Clock } from "../call/ports.ts";
import type { Principal } from "../call/principal.ts";
import { maxNameLength, maxPasswordLength, signInNameOf } from "./account-names.ts";
import { recordAdapter } from "./record-adapter.ts";

/** Who it is, and what the reply has to set for it to stay so. */
export interface SignedIn {
  readonly principal: Principal;
  /** Lines of `Set-Cookie`. */
  readonly cookies: readonly string[];
}

export interface SignIn {
  /** Null: the name or the password is wrong; which, is not told, nor by the time it takes. */
  signIn(name: string, password: string): Promise<SignedIn | null>;
  /** Who the session cookie belongs to; null: to nobody, or no longer. */
  principalOf(cookieHeader: string): Promise<SignedIn | null>;
  /** Ends the session and gives the lines of `Set-Cookie` that take the cookie away. */
  signOut(cookieHeader: string): Promise<readonly string[]>;
}

const sessionSec = 7 * 24 * 60 * 60;
/** A session in use is made longer once a day. */
const renewalSec = 24 * 60 * 60;

/** Passwords are hashed one after the other, on one thread of the pool that also writes the audio. */
const maxWaitingForHash = 20;

/** A refusal is not answered before: longer than a hash takes, so that it says nothing about the name. */
const refusalMs = 500;

/**
 * Signing in with name and password, by better-auth. Nothing of it is reachable from outside but what is here: its own
 * routes are never mounted, so nobody signs up, changes or asks anything. A rotated secret ends every session.
 */
export function createSignIn(options: {
  readonly secret: string;
  /** Where people open it: with https, the cookie is `Secure`. */
  readonly baseUrl: URL;
  readonly records: AccountRecords;
  readonly clock: Clock;
}): SignIn {
  const { baseUrl, clock, records } = options;
  const auth = betterAuth({
    // Of its own, so that nothing else signed with the secret passes for a session.
    secret: Buffer.from(hkdfSync("sha256", options.secret, "", "sales-coach-live session v1", 32)).toString(
      "base64url",
    ),
    baseURL: baseUrl.origin,
    database: recordAdapter(records),
    emailAndPassword: { enabled: false },
    user: { additionalFields: { role: { type: "string", input: false } } },
    session: { expiresIn: sessionSec, updateAge: renewalSec },
    plugins: [
      username({
        displayUsername: false,
        minUsernameLength: 1,
        maxUsernameLength: maxNameLength,
        // A name that cannot be one is as unknown as every other.
        usernameValidator: () => true,
        usernameNormalization: signInNameOf,
      }),
    ],
    advanced: {
      cookiePrefix: "sales-coach",
      useSecureCookies: baseUrl.protocol === "https:",
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax", path: "/" },
    },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    logger: { disabled: true },
  });

  let waiting = 0;
  let lastHash: Promise<unknown> = Promise.resolve();
  const inTurn = async <T>(run: () => Promise<T>): Promise<T> => {
    if (waiting >= maxWaitingForHash) {
      throw new CallError("rate_limited", "too many people are signing in; try again", { retryAfterSec: 2 });
    }
    waiting += 1;
    const turn = lastHash.then(run);
    lastHash = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      waiting -= 1;
    }
  };

  return {
    async signIn(name, password) {
      if (name === "" || name.length > maxNameLength || password.length > maxPasswordLength) return null;
      const startedMs = clock.monotonicMs();
      const signedIn = await inTurn(async () => {
        try {
          const { headers, response } = await auth.api.signInUsername({
            body: { username: name, password },
            returnHeaders: true,
          });
          return { cookies: headers.getSetCookie(), principal: principalOf(response.user) };
        } catch (error) {
          if (statusOf(error) === 401) return null;
          throw failureOf(error);
        }
      });
      if (signedIn !== null) {
        // Sessions that nobody came back to are cleared away here, where few pass by.
        const past = { field: "expiresAt", operator: "lt", value: clock.nowMs() } as const;
        await records.removeRecords("session", [past]);
        return signedIn;
      }
      const left = refusalMs - (clock.monotonicMs() - startedMs);
      if (left > 0) await new Promise<void>((resolve) => void clock.after(left, resolve));
      return null;
    },

    async principalOf(cookieHeader) {
      try {
        const { headers, response } = await auth.api.getSession({
          headers: new Headers({ cookie: cookieHeader }),
          returnHeaders: true,
        });
        if (response === null) return null;
        return { cookies: headers.getSetCookie(), principal: principalOf(response.user) };
      } catch (error) {
        // Ended while it was being asked for.
        if (statusOf(error) === 401) return null;
        throw failureOf(error);
      }
    },

    async signOut(cookieHeader) {
      try {
        const { headers } = await auth.api.signOut({
          headers: new Headers({ cookie: cookieHeader }),
          returnHeaders: true,
        });
        return headers.getSetCookie();
      } catch (error) {
        throw failureOf(error);
      }
    },
  };
}

function principalOf(user: {
  readonly id: string;
  readonly name: string;
  readonly role?: string | null | undefined;
}): Principal {
  return { id: user.id, name: user.name, role: user.role === "manager" ? "manager" : "rep" };
}

function statusOf(error: unknown): number | null {
  return error instanceof Error && "statusCode" in error && typeof error.statusCode === "number"
    ? error.statusCode
    : null;
}

/** The library wraps what the storage throws; whatever it is, nobody could be asked. */
function failureOf(error: unknown): CallError {
  return error instanceof CallError
    ? error
    : new CallError("storage_failed", "who this is could not be found out", { cause: error });
}
