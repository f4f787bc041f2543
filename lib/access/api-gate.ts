/**
 * Which routes need authorization. Without AUTH_SECRET the server is a person's own and listens on loopback only:
 * nothing does. With it everything but the probes does, and as nobody can sign in yet, nothing else is let through.
 */
export interface ApiGate {
  /** Null: let it pass. `path` is without query. */
  check(path: string): "unauthorized" | null;
}

const openPaths: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);

export function createApiGate(options: { readonly authSecret: string | null }): ApiGate {
  const closed = options.authSecret !== null;
  return { check: (path) => (closed && !openPaths.has(path) ? "unauthorized" : null) };
}
