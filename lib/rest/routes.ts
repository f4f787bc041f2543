import { callIdPattern } from "../contract/vocabulary.ts";

export type RouteMethod = "GET" | "POST" | "PATCH" | "DELETE";

export interface ApiRoute {
  /** As OpenAPI writes it. */
  readonly path: string;
  readonly methods: readonly RouteMethod[];
}

/** Every address of the API and what it answers to; `HEAD` comes with `GET`. */
export const apiRoutes = [
  { path: "/session/start", methods: ["POST"] },
  { path: "/calls", methods: ["GET"] },
  { path: "/calls/{id}", methods: ["GET", "PATCH", "DELETE"] },
  { path: "/calls/{id}/token", methods: ["POST"] },
  { path: "/calls/{id}/transcript.txt", methods: ["GET"] },
  { path: "/calls/{id}/transcript.json", methods: ["GET"] },
  { path: "/calls/{id}/transcript.srt", methods: ["GET"] },
  { path: "/calls/{id}/transcript.vtt", methods: ["GET"] },
  { path: "/calls/{id}/transcript.csv", methods: ["GET"] },
  { path: "/calls/{id}/transcript.md", methods: ["GET"] },
  { path: "/calls/{id}/audio/{view}.wav", methods: ["GET"] },
  { path: "/coach/{id}/toggle", methods: ["POST"] },
  { path: "/playbooks", methods: ["GET", "POST"] },
  { path: "/playbooks/{name}", methods: ["GET"] },
  { path: "/playbooks/{name}/versions", methods: ["GET", "POST"] },
  { path: "/playbooks/{name}/versions/{version}", methods: ["GET"] },
  { path: "/playbooks/{name}/versions/{version}/restore", methods: ["POST"] },
  { path: "/playbooks/{name}/import", methods: ["POST"] },
  { path: "/playbooks/{name}/export.json", methods: ["GET"] },
  { path: "/playbooks/{name}/try", methods: ["POST"] },
  { path: "/audit", methods: ["GET"] },
  { path: "/recorded-calls/{file}", methods: ["GET"] },
  { path: "/recorded-calls/{name}/{file}", methods: ["GET"] },
  { path: "/sign-in", methods: ["POST"] },
  { path: "/sign-out", methods: ["POST"] },
  { path: "/healthz", methods: ["GET"] },
  { path: "/readyz", methods: ["GET"] },
  { path: "/metrics", methods: ["GET"] },
  { path: "/openapi.json", methods: ["GET"] },
  { path: "/docs", methods: ["GET"] },
] as const satisfies readonly ApiRoute[];

export type ApiPath = (typeof apiRoutes)[number]["path"];

/** First steps of addresses that are the API's or a socket's; everything else is a page or belongs to one. */
const apiRoots: ReadonlySet<string> = new Set([
  ...apiRoutes.map((route) => route.path.split("/", 2)[1] ?? ""),
  "ws",
  "socket.io",
]);

export type RouteMatch =
  | { readonly kind: "page" }
  | { readonly kind: "socket" }
  | { readonly kind: "api"; readonly route: ApiRoute; readonly parameters: Readonly<Record<string, string>> }
  | { readonly kind: "unknown"; readonly code: "not_found" | "call_not_found"; readonly detail: string };

export function matchRoute(segments: readonly string[]): RouteMatch {
  const root = segments[0];
  if (root === undefined || !apiRoots.has(root)) return { kind: "page" };
  if (root === "socket.io") return { kind: "socket" };
  for (const route of apiRoutes) {
    const parameters = matchSegments(route.path.slice(1).split("/"), segments);
    if (parameters === null) continue;
    if (parameters.id !== undefined && !callIdPattern.test(parameters.id)) {
      return { kind: "unknown", code: "call_not_found", detail: "there is no call with this id" };
    }
    return { kind: "api", route, parameters };
  }
  return {
    kind: "unknown",
    code: "not_found",
    detail: root === "ws" ? "this address speaks WebSocket only" : "there is nothing at this address",
  };
}

function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | null {
  if (pattern.length !== segments.length) return null;
  const parameters: Record<string, string> = {};
  for (const [index, step] of pattern.entries()) {
    const segment = segments[index] ?? "";
    const [, name, suffix] = /^\{(\w+)\}(.*)$/.exec(step) ?? [];
    if (name === undefined || suffix === undefined) {
      if (segment !== step) return null;
    } else {
      if (!segment.endsWith(suffix) || segment.length === suffix.length) return null;
      parameters[name] = segment.slice(0, segment.length - suffix.length);
    }
  }
  return parameters;
}

/** Whether people navigate to this path, from other sites too; the rest is for programs. */
export function isPage(path: string): boolean {
  if (path === "/docs" || path === "/sign-in") return true;
  const root = path.split("/", 2)[1] ?? "";
  return !apiRoots.has(root) && root !== "_next";
}

export function allowedMethods(route: ApiRoute): string {
  return [
    ...route.methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])),
    "OPTIONS",
  ].join(", ");
}
