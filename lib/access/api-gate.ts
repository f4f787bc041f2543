/**
 * Which routes need to know who asks. Without AUTH_SECRET the server is a person's own and listens on loopback only:
 * none does. With it all do but the probes, signing in, and what its page is made of. Sockets bring a call token
 * instead, which they show after they are open.
 */
export interface ApiGate {
  /** `segments` of a path as they were decoded; null: it is no clean path. */
  isOpen(segments: readonly string[] | null): boolean;
}

const openRoutes: ReadonlySet<string> = new Set(["healthz", "readyz", "sign-in", "sign-out", "icon.svg"]);

export function createApiGate(options: { readonly authSecret: string | null }): ApiGate {
  const closed = options.authSecret !== null;
  return {
    isOpen(segments) {
      if (!closed) return true;
      if (segments === null) return false;
      const [root = "", next] = segments;
      if (root === "_next") return next === "static" && segments.length > 2;
      return segments.length === 1 && openRoutes.has(root);
    },
  };
}
