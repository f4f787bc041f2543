import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { docsContentSecurityPolicy } from "./docs-page.ts";
import type { RouteMatch } from "./routes.ts";

export interface ReplyHeaders {
  /** On every reply there is (contract, section 4). */
  readonly always: Readonly<Record<string, string>>;
  /** The Content-Security-Policy of a page whose own scripts carry `nonce`. */
  pagePolicy(options: { readonly nonce: string; readonly host: string | undefined }): string;
}

const policyHeader = "Content-Security-Policy";
const nonceBytes = 18;

/**
 * What a reply says by the kind of its address: only pages run scripts, and of the rest nothing is stored. Next reads
 * the nonce for its own scripts from the policy in the request; a client's own is never taken.
 */
export function dressReply(
  request: IncomingMessage,
  response: ServerResponse,
  match: RouteMatch,
  headers: ReplyHeaders,
): void {
  delete request.headers["content-security-policy"];
  delete request.headers["content-security-policy-report-only"];
  if (match.kind !== "page") {
    response.setHeader("Cache-Control", "private, no-store");
    const isDocs = match.kind === "api" && match.route.path === "/docs";
    if (isDocs) response.setHeader(policyHeader, docsContentSecurityPolicy);
    return;
  }
  // Next's own files, not pages.
  if ((request.url ?? "").startsWith("/_next/")) return;
  const nonce = randomBytes(nonceBytes).toString("base64");
  const policy = headers.pagePolicy({ nonce, host: request.headers.host });
  request.headers["content-security-policy"] = policy;
  response.setHeader(policyHeader, policy);
}
