import { request as httpRequest, type IncomingMessage } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CallError } from "../call/errors.ts";
import { problemSchema } from "../contract/rest.ts";
import { startFrontServer, type FrontServer } from "./testing/front-server.ts";

const id = "call_12345678";

describe("the front of the server", () => {
  let front: FrontServer;
  beforeEach(async () => {
    front = await startFrontServer();
  });
  afterEach(async () => {
    await front.close();
  });

  it.each([
    ["GET", "/"],
    ["GET", `/live/${id}`],
    ["GET", "/history/"],
    ["GET", "/_next/static/x.js?v=1"],
    ["POST", "/session/start"],
    ["GET", "/calls?q=x"],
    ["HEAD", `/calls/${id}`],
    ["PATCH", `/calls/${id}`],
    ["GET", `/calls/${id}/transcript.srt`],
    ["POST", `/coach/${id}/toggle?enabled=true`],
    ["GET", "/socket.io/?EIO=4&transport=polling"],
    ["GET", "/docs"],
  ])("lets %s %s pass, with security headers", async (method, path) => {
    const reply = await fetch(front.url + path, { method });
    expect(front.passed).toEqual([`${method} ${path}`]);
    expect(reply.headers.get("x-content-type-options")).toBe("nosniff");
    expect(reply.headers.get("cross-origin-resource-policy")).toBe("same-origin");
  });

  it.each([
    ["GET", "/calls/short", 404, "call_not_found"],
    ["GET", `/calls/${"x".repeat(65)}`, 404, "call_not_found"],
    ["GET", "/calls/..%2F..%2Fetc", 404, "call_not_found"],
    ["GET", "/calls/%00%00%00%00%00%00%00%00", 404, "call_not_found"],
    ["GET", "/calls/%zz", 404, "call_not_found"],
    ["DELETE", "/calls/bad!id!!", 404, "call_not_found"],
    ["POST", "/coach/x/toggle?enabled=true", 404, "call_not_found"],
    ["GET", `/calls/${id}/audio/bass.wav`, 404, "not_found"],
    ["GET", `/calls/${id}/audio/.wav`, 404, "not_found"],
    ["GET", `/calls/${id}/transcript.exe`, 404, "not_found"],
    ["GET", "/session", 404, "not_found"],
    ["GET", "/ws/call_12345678", 404, "not_found"],
    ["PUT", `/calls/${id}`, 405, "method_not_allowed"],
    ["GET", "/session/start", 405, "method_not_allowed"],
    ["POST", `/calls/${id}/audio/mix.wav`, 405, "method_not_allowed"],
    ["DELETE", "/calls", 405, "method_not_allowed"],
    ["POST", "/", 405, "method_not_allowed"],
    ["DELETE", "/history", 405, "method_not_allowed"],
  ])("answers %s %s with %i %s", async (method, path, status, code) => {
    const reply = await fetch(front.url + path, { method });
    expect(reply.status).toBe(status);
    expect(reply.headers.get("content-type")).toContain("application/problem+json");
    expect(reply.headers.get("x-content-type-options")).toBe("nosniff");
    const problem = problemSchema.parse(await reply.json());
    expect(problem).toMatchObject({ status, code });
    expect(reply.headers.has("allow")).toBe(status === 405);
    expect(front.passed).toEqual([]);
  });

  it("names the methods of an address", async () => {
    const reply = await fetch(`${front.url}/calls/${id}`, { method: "PUT" });
    expect(reply.headers.get("allow")).toBe("GET, HEAD, PATCH, DELETE, OPTIONS");
    const options = await fetch(`${front.url}/session/start`, { method: "OPTIONS" });
    expect([options.status, options.headers.get("allow")]).toEqual([204, "POST, OPTIONS"]);
  });

  it.each([
    "/%",
    "//",
    "//evil.example.com/calls",
    "/a//b",
    "/../etc/passwd",
    "/x/%2e%2e/y",
    "/%00",
    "/a\\b",
    "/%5c",
  ])("answers %s itself and lives", async (target) => {
    const answer = await front.raw(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(front.passed).toEqual([]);
    expect((await fetch(`${front.url}/`)).status).toBe(200);
  });

  it("reads an absolute target as the path in it, and refuses what is no path", async () => {
    const ask = (line: string) =>
      front.raw(`${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect(await ask("GET http://localhost/calls?q=a")).toContain("200 OK");
    expect(await ask("GET http://localhost")).toContain("200 OK");
    expect(await ask("OPTIONS *")).toContain("400 Bad Request");
    expect(front.passed).toEqual(["GET /calls?q=a", "GET /"]);
  });

  it.each(["nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n"])(
    "answers what is not even HTTP with a problem: %j",
    async (text) => {
      const answer = await front.raw(text);
      expect(answer).toContain("HTTP/1.1 400 ");
      expect(answer).toContain('"code":"malformed"');
      expect(answer).toContain("nosniff");
    },
  );

  it("answers headers that are too large", async () => {
    const answer = await front.raw(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(40_000)}\r\n\r\n`);
    expect(answer).toContain("HTTP/1.1 431 ");
  });

  it("answers HEAD of nothing without a body", async () => {
    const reply = await fetch(`${front.url}/calls/short`, { method: "HEAD" });
    expect([reply.status, await reply.text()]).toEqual([404, ""]);
    expect(Number(reply.headers.get("content-length"))).toBeGreaterThan(0);
  });

  it("keeps a connection usable after it refused a request with a body", async () => {
    const body = "x".repeat(100_000);
    const answer = await front.raw(
      `POST /calls HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}` +
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    expect(answer).toContain("405 Method Not Allowed");
    expect(answer).toContain("behind the front");
  });
});

describe("the front with a guard, a gate and other origins", () => {
  let front: FrontServer;
  const friend = "https://crm.example.com";
  beforeEach(async () => {
    front = await startFrontServer({
      guard: {
        check: (request) =>
          request.headers.host?.startsWith("evil") === true
            ? "foreign_host"
            : request.headers.origin === "https://evil.example.com"
              ? "foreign_origin"
              : null,
        isCorsOrigin: (origin) => origin === friend,
      },
      gate: { isOpen: (segments) => segments?.[0] !== "metrics" },
      identify: () => Promise.resolve(null),
    });
  });
  afterEach(async () => {
    await front.close();
  });

  function ask(path: string, method: string, headers: Record<string, string>) {
    return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
      (resolve, reject) => {
        const outgoing = httpRequest(front.url + path, { method, headers }, (reply) => {
          let body = "";
          reply.on("data", (chunk: Buffer) => (body += chunk.toString()));
          reply.on("end", () => {
            resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body });
          });
        });
        outgoing.on("error", reject);
        outgoing.end();
      },
    );
  }

  it("refuses foreign hosts with 421 and foreign origins with 403, before anything else", async () => {
    expect(await ask("/nowhere/../x", "GET", { host: "evil.example.com" })).toMatchObject({ status: 421 });
    const reply = await ask("/calls", "OPTIONS", { origin: "https://evil.example.com" });
    expect(reply.status).toBe(403);
    expect(JSON.parse(reply.body)).toMatchObject({ code: "foreign_origin" });
    expect(reply.headers).not.toHaveProperty("access-control-allow-origin");
    expect(front.passed).toEqual([]);
  });

  it("closes the gate with 401 and says how to open it", async () => {
    const reply = await ask("/metrics", "GET", {});
    expect(reply).toMatchObject({ status: 401, headers: { "www-authenticate": "Bearer" } });
  });

  it("answers the preflight of a named origin, also before the gate", async () => {
    const reply = await ask("/metrics", "OPTIONS", {
      origin: friend,
      "access-control-request-method": "GET",
    });
    expect(reply).toMatchObject({
      status: 204,
      headers: {
        "access-control-allow-origin": friend,
        "access-control-allow-methods": "GET, HEAD, OPTIONS",
        vary: "Origin",
      },
    });
    expect(String(reply.headers["access-control-allow-headers"])).toContain("Content-Type");
  });

  it("lets a named origin read replies and errors, and nobody else", async () => {
    const headers = { "access-control-allow-origin": friend };
    expect(await ask("/calls", "GET", { origin: friend })).toMatchObject({ status: 200, headers });
    expect(await ask("/calls/short", "GET", { origin: friend })).toMatchObject({ status: 404, headers });
    expect((await ask("/calls", "GET", {})).headers).not.toHaveProperty("access-control-allow-origin");
  });
});

describe("the front with limits", () => {
  it("counts what costs something, by what it is, and tells who does too much of it to wait", async () => {
    const counted: string[] = [];
    const front = await startFrontServer({
      limits: {
        count(action) {
          counted.push(action);
          return action === "start"
            ? Promise.reject(new CallError("rate_limited", "too many", { retryAfterSec: 12 }))
            : Promise.resolve();
        },
      },
    });
    try {
      const reply = await fetch(`${front.url}/session/start`, { method: "POST" });
      expect([reply.status, reply.headers.get("retry-after")]).toEqual([429, "12"]);
      expect(problemSchema.parse(await reply.json()).code).toBe("rate_limited");
      for (const path of [
        "/calls?q=a",
        `/calls/${id}/transcript.csv`,
        "/socket.io/?EIO=4&transport=polling",
        "/socket.io/?EIO=4&transport=polling&sid=abc",
        "/healthz",
        "/",
      ]) {
        await fetch(front.url + path);
      }
      await fetch(`${front.url}/calls/${id}/token`, { method: "POST" });
      expect(counted.splice(0)).toEqual(["start", "search", "export", "socket", "token"]);
      for (const path of [
        "/playbooks",
        "/playbooks/a",
        "/playbooks/a/versions/1",
        "/playbooks/a/export.json",
      ]) {
        await fetch(front.url + path);
      }
      for (const path of ["/playbooks/a/versions", "/playbooks/a/try"]) {
        await fetch(front.url + path, { method: "POST" });
      }
      expect(counted).toEqual(["search", "search", "search", "export", "playbook", "trial"]);
    } finally {
      await front.close();
    }
  });

  it("counts refused keys, and no request without one", async () => {
    const counted: string[] = [];
    const front = await startFrontServer({
      gate: { isOpen: () => false },
      identify: () => Promise.resolve(null),
      limits: {
        count(action) {
          counted.push(action);
          return counted.length > 2
            ? Promise.reject(new CallError("rate_limited", "too many"))
            : Promise.resolve();
        },
      },
    });
    try {
      const statuses: number[] = [];
      for (const headers of [
        {},
        ...Array.from({ length: 4 }, () => ({ authorization: "Bearer wrong" })),
        {},
      ]) {
        statuses.push((await fetch(`${front.url}/calls`, { headers })).status);
      }
      expect(statuses).toEqual([401, 401, 401, 429, 429, 401]);
      expect(new Set(counted)).toEqual(new Set(["failure"]));
    } finally {
      await front.close();
    }
  });
});

describe("the policy of a page", () => {
  it("is new for each reply, handed on to Next, and never the client's own", async () => {
    const front = await startFrontServer();
    const seen: unknown[] = [];
    front.server.prependListener("request", (request: IncomingMessage) => {
      request.once("end", () => seen.push(request.headers["content-security-policy"]));
    });
    try {
      const ask = (path: string): Promise<Response> =>
        fetch(front.url + path, {
          headers: {
            "content-security-policy": "script-src 'nonce-guessed'",
            "content-security-policy-report-only": "script-src 'nonce-guessed'",
          },
        });
      const first = (await ask("/")).headers.get("content-security-policy");
      const second = (await ask("/history")).headers.get("content-security-policy");
      expect(first).toMatch(/'nonce-[\w+/]{24}'/);
      expect(second).not.toBe(first);
      expect(seen).toEqual([first, second]);
      await ask("/_next/static/x.js");
      await ask("/calls");
      expect(seen.slice(2)).toEqual([undefined, undefined]);
    } finally {
      await front.close();
    }
  });

  it("leaves everything that is no page unstored", async () => {
    const front = await startFrontServer();
    try {
      for (const path of ["/calls", "/session", `/calls/${id}/transcript.txt`, "/socket.io/?EIO=4"]) {
        expect((await fetch(front.url + path)).headers.get("cache-control"), path).toContain("no-store");
      }
    } finally {
      await front.close();
    }
  });
});
