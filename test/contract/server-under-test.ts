import { existsSync } from "node:fs";
import { request, type IncomingHttpHeaders } from "node:http";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { z } from "zod";
import { startServer, type RunningServer, type StartOptions } from "../../bin/running-server.ts";
import type { ErrorCode } from "../../lib/contract/error-codes.ts";
import {
  callListReplySchema,
  callReplySchema,
  problemSchema,
  sessionStartReplySchema,
  type CallListReply,
  type CallReply,
  type Problem,
  type SessionStartReply,
} from "../../lib/contract/rest.ts";

const builtServer = fileURLToPath(new URL("../../dist/server.js", import.meta.url));

/** The built server, with calls enough for a whole file unless the settings say otherwise. */
export async function startBuiltServer(
  settings: Readonly<Record<string, string>> = {},
  options: StartOptions = {},
): Promise<RunningServer> {
  if (!existsSync(builtServer)) {
    throw new Error("The tests of the contract need the built server: run `npm run build` first.");
  }
  return await startServer({ MAX_LIVE_CALLS: "200", LOG_LEVEL: "warn", ...settings }, options);
}

export interface Ask {
  readonly method?: string;
  /** A string or bytes go as they are, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** `node:http`, because `fetch` chooses some of the headers that matter here. */
export async function ask(server: RunningServer, path: string, options: Ask = {}): Promise<Answer> {
  const { body, headers = {} } = options;
  const raw = typeof body === "string" || body instanceof Uint8Array;
  const bytes = body === undefined ? undefined : raw ? body : JSON.stringify(body);
  const type = body === undefined || raw ? {} : { "Content-Type": "application/json" };
  const { hostname, port } = new URL(server.url);
  return await new Promise((resolve, reject) => {
    const sent = request(
      {
        hostname,
        port,
        path,
        method: options.method ?? (body === undefined ? "GET" : "POST"),
        headers: {
          ...type,
          ...(bytes === undefined ? {} : { "Content-Length": String(Buffer.byteLength(bytes)) }),
          ...headers,
        },
      },
      (reply) => {
        const chunks: Buffer[] = [];
        reply.on("data", (chunk: Buffer) => chunks.push(chunk));
        reply.once("end", () => {
          resolve({
            status: reply.statusCode ?? 0,
            headers: reply.headers,
            body: Buffer.concat(chunks),
          });
        });
        reply.once("error", reject);
      },
    );
    sent.setTimeout(20_000, () => sent.destroy(new Error(`no answer to ${path}`)));
    sent.once("error", reject);
    sent.end(bytes);
  });
}

export function jsonOf<T>(answer: Answer, schema: z.ZodType<T>): T {
  expect(answer.headers["content-type"]).toMatch(/^application\/json/);
  return schema.parse(JSON.parse(answer.body.toString("utf8")));
}

/** RFC 9457 with the names of section 3, and the headers of section 4. */
export function expectProblem(answer: Answer, status: number, code: ErrorCode): Problem {
  const text = answer.body.toString("utf8");
  expect({ status: answer.status, text }).toMatchObject({ status });
  expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
  expectSecurityHeaders(answer);
  const problem = problemSchema.parse(JSON.parse(text));
  expect(Object.keys(problem)).toEqual(expect.arrayContaining(["type", "title", "status", "detail", "code"]));
  expect(problem).toMatchObject({ status, code });
  expect(problem.title).not.toBe("");
  expect(problem.detail).not.toBe("");
  return problem;
}

export function expectSecurityHeaders(answer: Answer): void {
  expect(answer.headers["x-content-type-options"]).toBe("nosniff");
  expect(answer.headers["cross-origin-resource-policy"]).toBe("same-origin");
  expect(answer.headers["cross-origin-opener-policy"]).toBe("same-origin");
  expect(answer.headers["referrer-policy"]).toBe("no-referrer");
  expect(answer.headers["permissions-policy"]).toContain("microphone=(self)");
  const policy = answer.headers["content-security-policy"];
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/script-src[^;]*'unsafe-/);
  expect(answer.headers).not.toHaveProperty("x-powered-by");
}

/** The cheap proof that the server goes on. */
export async function expectAlive(server: RunningServer): Promise<void> {
  const health = await ask(server, "/healthz");
  expect(health.status).toBe(200);
  expect((await ask(server, "/calls?limit=1")).status).toBe(200);
}

export async function startCall(server: RunningServer, body?: unknown): Promise<SessionStartReply> {
  const answer = await ask(server, "/session/start", { method: "POST", body });
  expect({ status: answer.status, text: answer.body.toString() }).toMatchObject({ status: 200 });
  return jsonOf(answer, sessionStartReplySchema);
}

export async function readCall(server: RunningServer, callId: string): Promise<CallReply> {
  const answer = await ask(server, `/calls/${callId}`);
  expect({ status: answer.status, text: answer.body.toString() }).toMatchObject({ status: 200 });
  return jsonOf(answer, callReplySchema);
}

export async function listCalls(server: RunningServer, query = ""): Promise<CallListReply> {
  const answer = await ask(server, `/calls${query}`);
  expect({ status: answer.status, text: answer.body.toString() }).toMatchObject({ status: 200 });
  return jsonOf(answer, callListReplySchema);
}

/** Resolves with what `look` gives, once it gives something. */
export async function eventually<T>(
  look: () => Promise<T | null | undefined | false>,
  what: string,
  withinMs = 20_000,
): Promise<T> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > deadlineMs) throw new Error(`it did not happen in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** To compare what was exported at different times. */
export function withoutExportTime<T extends { readonly call_metadata: CallReply["call_metadata"] }>(
  document: T,
): T {
  return { ...document, call_metadata: { ...document.call_metadata, exported_at: "" } };
}
