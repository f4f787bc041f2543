import type { IncomingMessage } from "node:http";
import type { AccountRecords } from "../call/accounts.ts";
import { localPrincipal } from "../call/principal.ts";
import { holderOf } from "./keys.ts";
import type { SignedIn, SignIn } from "./sign-in.ts";

/** Null: nobody we know. Rejects with `CallError("storage_failed")` when nobody could be asked. */
export type Identify = (request: IncomingMessage) => Promise<SignedIn | null>;

/** At a server without AUTH_SECRET, which only this machine reaches, everyone is the person at it. */
export const identifyAsLocal: Identify = () => Promise.resolve({ principal: localPrincipal, cookies: [] });

/** A key counts before a cookie: who sends a wrong one is told so, whoever else they are. */
export function createIdentify(options: {
  readonly records: AccountRecords;
  readonly signIn: Pick<SignIn, "principalOf">;
}): Identify {
  return async (request) => {
    const { authorization, cookie } = request.headers;
    const [, key] = /^Bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
    if (key !== undefined) {
      const principal = await holderOf(options.records, key);
      return principal === null ? null : { principal, cookies: [] };
    }
    return cookie === undefined ? null : options.signIn.principalOf(cookie);
  };
}
