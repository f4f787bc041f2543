import type { CallAccess, CallAccessFor } from "../call/call-access.ts";
import { CallError } from "../call/errors.ts";
import type { PlaybookAccess, PlaybookAccessFor } from "../call/playbook-access.ts";
import type { Clock, Logger } from "../call/ports.ts";
import type { EngineNotice } from "../call/transcription-ports.ts";
import { localPrincipal, type Principal } from "../call/principal.ts";
import type { Language, TranscriberName } from "../contract/vocabulary.ts";
import type { AppConfig } from "./config.ts";
import type { Metrics } from "./metrics.ts";
import { requestPrincipal } from "./request-principal.ts";

export interface Readiness {
  readonly ok: boolean;
  /** What is still missing, in words for the operator. */
  readonly missing: readonly string[];
}

export interface EngineOffer {
  readonly name: TranscriberName;
  readonly languages: readonly Language[];
  /** What must be shown where the engine is chosen, by language. */
  readonly notices: Readonly<Partial<Record<Language, EngineNotice>>>;
}

/** What pages and route handlers reach of the running server. */
export interface AppContainer {
  readonly config: AppConfig;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Calls as the principal may see them; whoever answers a request takes `requestAccess` instead. */
  readonly accessFor: CallAccessFor;
  /** The same for playbooks: `requestPlaybooks`. */
  readonly playbooksFor: PlaybookAccessFor;
  /** Calls that are not completed, of everyone. */
  readonly activeCalls: () => number;
  readonly metrics: Metrics;
  readonly version: string;
  readonly engines: readonly EngineOffer[];
  readonly readiness: () => Readiness;
  readonly draining: () => boolean;
}

/**
 * Next bundles route handlers apart from the server, so a module's own variable would exist twice;
 * a registered symbol on `globalThis` is the same in every bundle.
 */
const key = Symbol.for("sales-coach-live.container");
const place: typeof globalThis & { [key]?: AppContainer | undefined } = globalThis;

export function setContainer(container: AppContainer | null): void {
  place[key] = container ?? undefined;
}

/** Null while the server is still being put together. */
export function findContainer(): AppContainer | null {
  return place[key] ?? null;
}

export function getContainer(): AppContainer {
  const container = findContainer();
  if (container === null) throw new Error("the server has not been composed yet");
  return container;
}

/** Calls as whoever sent the request being answered may see them. Throws `CallError("unauthorized")`. */
export function requestAccess(): CallAccess {
  const principal = requestPrincipal();
  if (principal === null) throw new CallError("unauthorized", "this needs authorization");
  return getContainer().accessFor(principal);
}

/** Playbooks as whoever sent the request being answered may use them. Throws `CallError("unauthorized")`. */
export function requestPlaybooks(): PlaybookAccess {
  const principal = requestPrincipal();
  if (principal === null) throw new CallError("unauthorized", "this needs authorization");
  return getContainer().playbooksFor(principal);
}

/** Who sent the request being answered, for pages. Null: there are no accounts here. Undefined: nobody signed in. */
export function requestAccount(): Pick<Principal, "name" | "role"> | null | undefined {
  const principal = requestPrincipal();
  if (principal === null) return undefined;
  return principal.id === localPrincipal.id ? null : { name: principal.name, role: principal.role };
}
