import type { IncomingMessage, ServerResponse } from "node:http";
import { CallError } from "../call/errors.ts";
import type { Principal } from "../call/principal.ts";
import { signInRequestSchema, type SignInReply } from "../contract/rest.ts";
import { ownPath } from "./own-path.ts";
import { problemOf } from "./problem.ts";
import { isPage } from "./routes.ts";
import { schemaIssues } from "./schema-issues.ts";

/** Who a request comes from, and the lines of `Set-Cookie` that its reply needs. */
export interface RequestIdentity {
  readonly principal: Principal;
  readonly cookies: readonly string[];
}

export interface SignInDoor {
  /** Before a password is looked at; gives what to call when it was right. Throws `rate_limited`. */
  admit(name: string, request: IncomingMessage): Promise<() => Promise<void>>;
  /** Null: the name or the password is wrong. */
  signIn(name: string, password: string): Promise<RequestIdentity | null>;
  /** The lines of `Set-Cookie` that take the cookie away. */
  signOut(cookieHeader: string): Promise<readonly string[]>;
}

const maxBodyBytes = 8 * 1024;

/**
 * `POST /sign-in`, as a form of a page or as JSON. A form is answered with the page asked for; one that is refused
 * becomes the sign-in page again, with the status of the refusal: true, and Next is to answer it.
 */
export async function serveSignIn(
  request: IncomingMessage,
  response: ServerResponse,
  door: SignInDoor,
): Promise<{ readonly answered: boolean }> {
  const type = (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase();
  const isForm = type === "application/x-www-form-urlencoded";
  if (!isForm && type !== "application/json") {
    throw new CallError("unsupported_type", "a form or application/json is expected");
  }
  const text = await readText(request);
  const form = new URLSearchParams(isForm ? text : "");
  const next = ownPath(form.get("next"), isPage);
  try {
    const asked = signInRequestSchema.safeParse(
      isForm ? { name: form.get("name") ?? "", password: form.get("password") ?? "" } : readJson(text),
    );
    if (!asked.success) {
      throw new CallError("invalid", "a name and a password are expected", {
        issues: schemaIssues(asked.error),
      });
    }
    const { name, password } = asked.data;
    const wasRight = await door.admit(name.trim(), request);
    const signedIn = await door.signIn(name.trim(), password);
    if (signedIn === null) throw new CallError("unauthorized", "the name or the password is wrong");
    await wasRight();
    response.setHeader("Set-Cookie", [...signedIn.cookies]);
    response.setHeader("Cache-Control", "no-store");
    if (isForm) {
      seeOther(response, next);
    } else {
      const body = JSON.stringify({
        name: signedIn.principal.name,
        role: signedIn.principal.role,
      } satisfies SignInReply);
      response.writeHead(200, { "Content-Type": "application/json; charset=utf-8" }).end(body);
    }
    return { answered: true };
  } catch (error) {
    if (!isForm) throw error;
    const { status, headers, problem } = problemOf(error);
    if (status >= 500) throw error;
    response.statusCode = status;
    const retryAfter = headers["Retry-After"];
    if (retryAfter !== undefined) response.setHeader("Retry-After", retryAfter);
    request.method = "GET";
    request.url = `/sign-in?${new URLSearchParams({ problem: problem.code, next }).toString()}`;
    for (const name of ["content-type", "content-length", "transfer-encoding"]) {
      Reflect.deleteProperty(request.headers, name);
    }
    return { answered: false };
  }
}

/** `POST /sign-out`: ends the session and leads to the sign-in page. */
export async function serveSignOut(
  request: IncomingMessage,
  response: ServerResponse,
  door: SignInDoor,
): Promise<void> {
  request.resume();
  const cookies = await door.signOut(request.headers.cookie ?? "");
  response.setHeader("Set-Cookie", [...cookies]);
  response.setHeader("Cache-Control", "no-store");
  // Seats of unfinished calls, and sound of theirs, wait in the browser; the next person may be another.
  response.setHeader("Clear-Site-Data", '"storage"');
  seeOther(response, "/sign-in");
}

/** Where a person who is not signed in goes, or null: what asks is a program and wants to be told. */
export function signInAddress(request: IncomingMessage, path: string): string | null {
  const { accept = "*/*", rsc } = request.headers;
  if ((request.method !== "GET" && request.method !== "HEAD") || rsc !== undefined) return null;
  if (!isPage(path) || /\.\w+$/.test(path)) return null;
  const isNavigation = request.headers["sec-fetch-mode"] === "navigate" || accept.includes("text/html");
  // `/docs` is read by programs, too; all else that is a page has nothing to give them.
  if (!isNavigation && (path === "/docs" || !accept.includes("*/*"))) return null;
  const next = ownPath(request.url, isPage);
  return next === "/" ? "/sign-in" : `/sign-in?${new URLSearchParams({ next }).toString()}`;
}

export function seeOther(response: ServerResponse, path: string): void {
  response.writeHead(303, { Location: path, "Content-Length": "0", "Cache-Control": "no-store" }).end();
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.byteLength;
    if (length > maxBodyBytes) throw new CallError("too_large", "the body is too large to sign in");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length).toString("utf8");
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CallError("malformed", "the body is not JSON", { cause: error });
  }
}
