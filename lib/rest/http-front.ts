import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { CallAccess } from "../call/call-access.ts";
import { CallError } from "../call/errors.ts";
import type { Clock, Logger } from "../call/ports.ts";
import type { Principal } from "../call/principal.ts";
import { serveAudio, type OpenWavView } from "./audio-route.ts";
import { judgeFailure, limitedAction, type RequestLimits } from "./limited-actions.ts";
import { ownPath } from "./own-path.ts";
import { problemOf, type ProblemReply } from "./problem.ts";
import { dressReply, type ReplyHeaders } from "./reply-dress.ts";
import { serveRecordedCall } from "./recorded-calls-route.ts";
import { requestPath } from "./request-path.ts";
import {
  seeOther,
  serveSignIn,
  serveSignOut,
  signInAddress,
  type RequestIdentity,
  type SignInDoor,
} from "./sign-in-route.ts";
import { allowedMethods, isPage, matchRoute, type ApiRoute, type RouteMatch } from "./routes.ts";
import { Turnstile } from "./turnstile.ts";

export interface HttpFrontOptions {
  readonly guard: {
    check(request: IncomingMessage): "foreign_host" | "foreign_origin" | null;
    isCorsOrigin(origin: string): boolean;
  };
  readonly gate: { isOpen(segments: readonly string[] | null): boolean };
  /** Null: nobody we know. Rejects with `CallError("storage_failed")` when that cannot be found out. */
  readonly identify: (request: IncomingMessage) => Promise<RequestIdentity | null>;
  /** Null: there are no accounts here. */
  readonly signInDoor: SignInDoor | null;
  readonly accessFor: (principal: Principal) => Pick<CallAccess, "recording">;
  readonly headers: ReplyHeaders;
  readonly limits: RequestLimits;
  readonly wavView: OpenWavView;
  /** Folder with the recorded calls that are shipped, and their `index.json`. */
  readonly recordedCallsFolder: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const maxLoggedPath = 200;

export type Taken =
  | { readonly answered: true }
  /** It may go on, to Socket.IO's polling or to Next, as what this principal asks. */
  | { readonly answered: false; readonly principal: Principal | null };

export interface HttpFront {
  /**
   * Takes every request first. What is not answered has its security headers and CORS set, and its target is a clean
   * path. Never rejects.
   */
  take(request: IncomingMessage, response: ServerResponse): Promise<Taken>;
  /** The same judgement for an upgrade: null to let it pass, or what to refuse it with. */
  refusalOfUpgrade(request: IncomingMessage): ProblemReply | null;
  /** For the server's `clientError`: what is not even HTTP gets a problem, too. */
  answerBrokenRequest(error: Error, socket: Duplex): void;
}

const corsHeaders = {
  "Access-Control-Expose-Headers":
    "Accept-Ranges, Allow, Content-Disposition, Content-Length, Content-Range, ETag, Retry-After",
} as const;
const answered: Taken = { answered: true };

const preflightHeaders = {
  "Access-Control-Allow-Headers": "Authorization, Content-Type, If-None-Match, If-Range, Range",
  "Access-Control-Max-Age": "600",
} as const;

const anybodys: ReadonlySet<string> = new Set(["healthz", "readyz", "_next"]);

export function createHttpFront(options: HttpFrontOptions): HttpFront {
  const { guard, gate, headers, limits, clock, logger } = options;
  const turnstile = new Turnstile();

  const answerOrPass = async (request: IncomingMessage, response: ServerResponse): Promise<Taken> => {
    for (const [name, value] of Object.entries(headers.always)) response.setHeader(name, value);
    const refusal = guard.check(request);
    if (refusal !== null) throw guardError(refusal);
    const { origin } = request.headers;
    const isCors = origin !== undefined && guard.isCorsOrigin(origin);
    if (isCors) allowOrigin(response, origin);

    const method = request.method ?? "GET";
    const { path, segments, match } = route(request);
    const isPreflight = isCors && request.headers["access-control-request-method"] !== undefined;
    if (method === "OPTIONS" && match.kind === "api" && isPreflight) {
      // Browsers send no credentials with it, so it comes before the gate.
      answerPreflight(response, match.route);
      return answered;
    }
    dressReply(request, response, match, headers);
    // Its handshake brings a call token, which is all that counts there.
    const action = limitedAction(request, match);
    if (match.kind === "socket") {
      if (action !== null) await limits.count(action, request, null);
      return { answered: false, principal: null };
    }
    // The probes answer also while nobody can be asked who this is, and files of pages are asked for often.
    const identity = anybodys.has(segments?.[0] ?? "") ? null : await options.identify(request);
    const principal = identity?.principal ?? null;
    if (principal === null && !gate.isOpen(segments)) {
      const signIn = signInAddress(request, path);
      if (signIn === null) throw new CallError("unauthorized", "this server needs authorization");
      seeOther(response, signIn);
      return answered;
    }
    if (identity !== null && identity.cookies.length > 0) {
      response.setHeader("Set-Cookie", [...identity.cookies]);
    }
    if (match.kind === "page") {
      requirePageMethod(method, path, response);
      if (path === "/sign-in" && principal !== null) {
        seeOther(response, ownPath(requestQuery(request).get("next"), isPage));
        return answered;
      }
      return { answered: false, principal };
    }
    if (match.kind === "unknown") throw new CallError(match.code, match.detail);
    if (method === "OPTIONS") {
      response.writeHead(204, { Allow: allowedMethods(match.route) }).end();
      return answered;
    }
    if (!isAllowed(method, match.route)) {
      response.setHeader("Allow", allowedMethods(match.route));
      throw new CallError("method_not_allowed", `${method} is not for this address`);
    }
    if (action !== null) await limits.count(action, request, principal);
    return serve(request, response, match, principal);
  };

  const requireDoor = (): SignInDoor => {
    const { signInDoor } = options;
    if (signInDoor === null) throw new CallError("not_found", "this server has no accounts");
    return signInDoor;
  };

  const serve = async (
    request: IncomingMessage,
    response: ServerResponse,
    match: Extract<RouteMatch, { kind: "api" }>,
    principal: Principal | null,
  ): Promise<Taken> => {
    const { id = "", view = "", name, file = "" } = match.parameters;
    switch (match.route.path) {
      case "/sign-in": {
        const { answered } = await serveSignIn(request, response, requireDoor());
        if (answered) return { answered };
        dressReply(request, response, { kind: "page" }, options.headers);
        return { answered, principal: null };
      }
      case "/sign-out":
        await serveSignOut(request, response, requireDoor());
        return answered;
      case "/calls/{id}/audio/{view}.wav": {
        if (principal === null) throw new CallError("unauthorized", "this server needs authorization");
        const { accessFor, wavView } = options;
        const access = accessFor(principal);
        await serveAudio(request, response, { access, wavView, clock, callId: id, view });
        return answered;
      }
      case "/recorded-calls/{file}":
      case "/recorded-calls/{name}/{file}":
        await serveRecordedCall(request, response, {
          folder: options.recordedCallsFolder,
          clock,
          name,
          file,
        });
        return answered;
      default:
        return { answered: false, principal };
    }
  };

  return {
    async take(request, response) {
      logWhenDone(request, response, clock, logger);
      await turnstile.enter();
      if (response.destroyed) return answered;
      try {
        return await answerOrPass(request, response);
      } catch (error) {
        const reply = problemOf(await judgeFailure(error, request, limits));
        if (reply.status >= 500) logger.error({ err: error, path: pathOf(request) }, "a request failed");
        sendProblem(request, response, reply);
        return answered;
      }
    },

    refusalOfUpgrade(request) {
      const refusal = guard.check(request);
      return refusal === null ? null : problemOf(guardError(refusal));
    },

    answerBrokenRequest(error, socket) {
      if (!socket.writable || ("code" in error && error.code === "ECONNRESET")) {
        socket.destroy();
        return;
      }
      const { status, problem, headers: problemHeaders } = problemOfBroken(error);
      const body = JSON.stringify({ ...problem, status });
      const lines = Object.entries({
        ...headers.always,
        ...problemHeaders,
        "Content-Length": String(Buffer.byteLength(body)),
        Connection: "close",
      }).map(([name, value]) => `${name}: ${value}`);
      const reason = STATUS_CODES[status] ?? problem.title;
      socket.end(`HTTP/1.1 ${status} ${reason}\r\n${lines.join("\r\n")}\r\n\r\n${body}`, () => {
        // What the peer goes on sending is read by nobody.
        socket.destroy();
      });
    },
  };
}

/** By the codes of Node's parser and of its watch over slow requests. */
function problemOfBroken(error: Error): ProblemReply {
  const code = "code" in error ? error.code : null;
  if (code === "HPE_HEADER_OVERFLOW") {
    return {
      ...problemOf(new CallError("too_large", "the headers of the request are too large")),
      status: 431,
    };
  }
  return problemOf(
    code === "ERR_HTTP_REQUEST_TIMEOUT"
      ? new CallError("silent", "the request did not arrive whole in time")
      : new CallError("malformed", "the request is not HTTP"),
  );
}

function requestQuery(request: IncomingMessage): URLSearchParams {
  return new URLSearchParams((request.url ?? "").split("?", 2)[1] ?? "");
}

/** Where the request goes. Cleans `request.url` of an absolute form, which the guard has judged. */
function route(request: IncomingMessage): {
  readonly path: string;
  readonly segments: readonly string[] | null;
  readonly match: RouteMatch;
} {
  const target = requestPath(request.url ?? "");
  if (target === null) throw new CallError("malformed", "the request target is not a path");
  const { path, query, segments } = target;
  request.url = path + query;
  if (segments !== null) {
    const isRead = request.method === "GET" || request.method === "HEAD";
    // One address: what people see there, and what they send from it.
    const match = path === "/sign-in" && isRead ? ({ kind: "page" } as const) : matchRoute(segments);
    return { path, segments, match };
  }
  // One slash at the end: Socket.IO's own address has it, and Next sends pages to the one without.
  const trimmed = /[^/]\/$/.test(path) ? requestPath(path.slice(0, -1))?.segments : null;
  const match = trimmed === null || trimmed === undefined ? null : matchRoute(trimmed);
  if (match?.kind === "page" || match?.kind === "socket") return { path, segments, match };
  const call = path.startsWith("/calls/") || path.startsWith("/coach/");
  return {
    path,
    segments,
    match: {
      kind: "unknown",
      code: call ? "call_not_found" : "not_found",
      detail: call ? "there is no call with this id" : "there is nothing at this address",
    },
  };
}

function guardError(refusal: "foreign_host" | "foreign_origin"): CallError {
  return refusal === "foreign_host"
    ? new CallError("foreign_host", "this server does not answer for the host that was asked")
    : new CallError("foreign_origin", "this server does not answer pages of another site");
}

function allowOrigin(response: ServerResponse, origin: string): void {
  response.setHeader("Access-Control-Allow-Origin", origin);
  response.setHeader("Vary", "Origin");
  for (const [name, value] of Object.entries(corsHeaders)) response.setHeader(name, value);
}

function answerPreflight(response: ServerResponse, asked: ApiRoute): void {
  const methods = allowedMethods(asked);
  response
    .writeHead(204, { ...preflightHeaders, "Access-Control-Allow-Methods": methods, Allow: methods })
    .end();
}

/** Pages are read. Next's own tools in development also post, below addresses of their own. */
function requirePageMethod(method: string, path: string, response: ServerResponse): void {
  if (method === "GET" || method === "HEAD" || /^\/(?:_next\/|__nextjs_)/.test(path)) return;
  response.setHeader("Allow", "GET, HEAD");
  throw new CallError("method_not_allowed", `${method} is not for pages`);
}

function isAllowed(method: string, route: ApiRoute): boolean {
  const meant = method === "HEAD" ? "GET" : method;
  return route.methods.some((allowed) => allowed === meant);
}

function sendProblem(request: IncomingMessage, response: ServerResponse, reply: ProblemReply): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = JSON.stringify(reply.problem);
  response.writeHead(reply.status, {
    ...reply.headers,
    "Content-Length": String(Buffer.byteLength(body)),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

/** Never the query, the fragment or the user of an address: they may carry a token. */
function pathOf(request: IncomingMessage): string {
  return (requestPath(request.url ?? "")?.path ?? "").slice(0, maxLoggedPath);
}

function logWhenDone(request: IncomingMessage, response: ServerResponse, clock: Clock, logger: Logger): void {
  const startedMs = clock.monotonicMs();
  response.once("close", () => {
    const fields = {
      method: request.method,
      path: pathOf(request),
      status: response.statusCode,
      ms: Math.round(clock.monotonicMs() - startedMs),
      ...(response.writableFinished ? {} : { cut: true }),
    };
    logger.debug(fields, "request");
  });
}
