import { AsyncLocalStorage } from "node:async_hooks";
import type { Principal } from "../call/principal.ts";

/**
 * Who the HTTP front found a request to come from, carried to pages and route handlers beside the request and not in
 * it: no header can say so. One for every bundle, like the container.
 */
const key = Symbol.for("sales-coach-live.request-principal");
const place: typeof globalThis & { [key]?: AsyncLocalStorage<Principal> | undefined } = globalThis;
const storage = (place[key] ??= new AsyncLocalStorage<Principal>());

/** Everything that `run` begins knows this principal. */
export function runAs<T>(principal: Principal, run: () => T): T {
  return storage.run(principal, run);
}

/** Null: the request is nobody's, or there is no request. */
export function requestPrincipal(): Principal | null {
  return storage.getStore() ?? null;
}
