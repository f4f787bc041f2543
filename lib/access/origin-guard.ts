import type { IncomingMessage } from "node:http";
import { isLoopback, parseHost, sameHost, type HostName } from "./host-name.ts";

export type GuardRefusal = "foreign_host" | "foreign_origin";

/** What the rule looks at, one entry per header line; more than one `Host` or `Origin` is never right. */
export interface GuardedRequest {
  readonly method: string;
  /** The request target as it stood in the request line. */
  readonly target: string;
  readonly hosts: readonly string[];
  readonly origins: readonly string[];
  readonly secFetchSite: string | undefined;
  readonly secFetchMode: string | undefined;
  readonly secFetchDest: string | undefined;
}

export interface OriginGuard {
  /** Null: let it pass. */
  judge(request: GuardedRequest): GuardRefusal | null;
  /** The same for a request or an upgrade as it came in. */
  check(request: IncomingMessage): GuardRefusal | null;
  /** True for an `Origin` that CORS_ORIGINS names. */
  isCorsOrigin(origin: string): boolean;
}

/**
 * The rule of who may ask, for requests and upgrades alike.
 *
 * Host: a loopback name with any port (ports get forwarded) or PUBLIC_URL's own host and port; this is what stops
 * a foreign name that was pointed at this machine (DNS rebinding). Origin: none, our own (the host that was asked,
 * or PUBLIC_URL), or one of CORS_ORIGINS. `Sec-Fetch-Site: cross-site` without an origin from CORS_ORIGINS passes
 * only when a person navigates to a page.
 */
export function createGuard(options: {
  readonly publicUrl: URL | null;
  readonly corsOrigins: readonly string[];
  /** Whether a path is a page that people navigate to, rather than the API. */
  readonly isPage: (path: string) => boolean;
}): OriginGuard {
  const { publicUrl, isPage } = options;
  const corsOrigins = new Set(options.corsOrigins);
  const publicHost = publicUrl === null ? null : parseHost(publicUrl.host);

  const isPublic = (host: HostName): boolean =>
    publicUrl !== null && publicHost !== null && sameHost(host, publicHost, publicUrl.protocol);

  const isOwnOrigin = (origin: string, host: HostName): boolean => {
    if (publicUrl !== null && origin === publicUrl.origin) return true;
    const [, scheme, authority] = /^(https?:)\/\/([^/]+)$/.exec(origin) ?? [];
    if (scheme === undefined || authority === undefined) return false;
    const named = parseHost(authority);
    // Of the public host only the one scheme in PUBLIC_URL is ours.
    return named !== null && isLoopback(host) && sameHost(named, host, scheme);
  };

  const judge = (request: GuardedRequest): GuardRefusal | null => {
    const [hostText, ...otherHosts] = request.hosts;
    const host = hostText === undefined || otherHosts.length > 0 ? null : parseHost(hostText);
    if (host === null || !(isLoopback(host) || isPublic(host))) return "foreign_host";

    const target = splitTarget(request.target);
    if (target.authority !== null) {
      // An absolute request target outranks Host (RFC 9112, 3.2.2), so it must name the same place.
      const named = parseHost(target.authority);
      if (named === null || !sameHost(named, host, target.scheme ?? "http:")) return "foreign_host";
    }

    const [origin, ...otherOrigins] = request.origins;
    if (origin !== undefined) {
      if (otherOrigins.length > 0) return "foreign_origin";
      if (corsOrigins.has(origin)) return null;
      if (!isOwnOrigin(origin, host)) return "foreign_origin";
    }
    if (request.secFetchSite?.trim().toLowerCase() === "cross-site") {
      const toPage =
        (request.method === "GET" || request.method === "HEAD") &&
        request.secFetchMode === "navigate" &&
        (request.secFetchDest === undefined || request.secFetchDest === "document") &&
        isPage(target.path);
      if (!toPage) return "foreign_origin";
    }
    return null;
  };

  return {
    judge,
    check: (request) => judge(guarded(request)),
    isCorsOrigin: (origin) => corsOrigins.has(origin),
  };
}

function guarded(request: IncomingMessage): GuardedRequest {
  const { headers, rawHeaders } = request;
  const lines = (name: string): string[] =>
    rawHeaders.flatMap((value, index) =>
      index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name ? [value] : [],
    );
  const one = (value: string | string[] | undefined): string | undefined =>
    typeof value === "string" ? value : value?.join(",");
  return {
    method: request.method ?? "GET",
    target: request.url ?? "/",
    hosts: lines("host"),
    origins: lines("origin"),
    secFetchSite: one(headers["sec-fetch-site"]),
    secFetchMode: one(headers["sec-fetch-mode"]),
    secFetchDest: one(headers["sec-fetch-dest"]),
  };
}

interface RequestTarget {
  readonly scheme: string | null;
  readonly authority: string | null;
  /** Without the query. */
  readonly path: string;
}

function splitTarget(target: string): RequestTarget {
  const [, scheme, authority, rest] = /^([a-z][a-z0-9+.-]*:)\/\/([^/?#]*)(.*)$/i.exec(target) ?? [];
  const path = (rest ?? target).split(/[?#]/, 1)[0] ?? "";
  return {
    scheme: scheme?.toLowerCase() ?? null,
    authority: authority ?? null,
    path: path === "" ? "/" : path,
  };
}
