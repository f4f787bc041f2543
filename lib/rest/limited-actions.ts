import type { IncomingMessage } from "node:http";
import { CallError } from "../call/errors.ts";
import type { Principal } from "../call/principal.ts";
import type { RouteMatch } from "./routes.ts";

type LimitedAction =
  "start" | "socket" | "token" | "export" | "audio" | "search" | "playbook" | "trial" | "failure";

export interface RequestLimits {
  /** Throws `CallError("rate_limited")` with the seconds to wait. */
  count(action: LimitedAction, request: IncomingMessage, principal: Principal | null): Promise<void>;
}

/** What of the API costs something to answer; null: as often as one likes. */
export function limitedAction(request: IncomingMessage, match: RouteMatch): LimitedAction | null {
  if (match.kind === "socket") {
    // Only what opens a session; its polls are the session's.
    return new URLSearchParams((request.url ?? "").split("?", 2)[1] ?? "").has("sid") ? null : "socket";
  }
  if (match.kind !== "api") return null;
  const { path } = match.route;
  switch (path) {
    case "/session/start":
      return "start";
    case "/calls":
      return "search";
    case "/calls/{id}/token":
      return "token";
    case "/calls/{id}/audio/{view}.wav":
      return "audio";
    case "/playbooks/{name}/try":
      return "trial";
    case "/playbooks/{name}/export.json":
      return "export";
    case "/playbooks":
    case "/playbooks/{name}":
    case "/playbooks/{name}/versions":
    case "/playbooks/{name}/versions/{version}":
    case "/playbooks/{name}/versions/{version}/restore":
    case "/playbooks/{name}/import":
      return request.method === "POST" ? "playbook" : "search";
    default:
      return path.startsWith("/calls/{id}/transcript.") ? "export" : null;
  }
}

/** A refused key or token that was shown counts; too many of them are told to wait instead of why. */
export async function judgeFailure(
  error: unknown,
  request: IncomingMessage,
  limits: RequestLimits,
): Promise<unknown> {
  const isRefusal = error instanceof CallError && error.code === "unauthorized";
  if (!isRefusal || request.headers.authorization === undefined) return error;
  return await limits.count("failure", request, null).then(
    () => error,
    (limited: unknown) => limited,
  );
}
