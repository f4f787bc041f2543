import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import type { SessionStartReply } from "../../lib/contract/rest.ts";
import { exchange, expectSafe, get, upgrade } from "./raw-http.ts";
import {
  ask,
  expectAlive,
  expectProblem,
  listCalls,
  startBuiltServer,
  startCall,
} from "./server-under-test.ts";

let server: RunningServer;
let call: SessionStartReply;
let secret = "";
beforeAll(async () => {
  server = await startBuiltServer();
  call = await startCall(server, { title: "Not for strangers" });
  secret = (await readFile(join(server.dataFolder, "secret"), "utf8")).trim();
}, 120_000);
afterAll(async () => {
  await server.stop();
});

const ladders = [
  "../secret",
  "..%2fsecret",
  "%2e%2e/secret",
  "%2e%2e%2fsecret",
  "%252e%252e%252fsecret",
  "%25%32%65%25%32%65/secret",
  "..%5csecret",
  "..\\secret",
  "....//secret",
  "..;/secret",
  "%c0%ae%c0%ae%c0%afsecret",
  "%u002e%u002e/secret",
  "../../../../../../../../etc/passwd",
  "%2fetc%2fpasswd",
  "//etc/passwd",
  "file:///etc/passwd",
  "secret%00.wav",
  "%00",
  "%0d%0aX-Injected:%201",
  "\u00ff\u00fe",
  ".",
  "..",
  "%2e",
  "CON",
  "x".repeat(9000),
];
const roots = [
  "/calls/",
  "/coach/",
  "/live/",
  "/history/",
  "/recorded-calls/",
  "/recorded-calls/es-short/",
  "/ws/",
  "/socket.io/",
  "/docs/",
  "/_next/",
  "/_next/static/",
  "/_next/static/chunks/",
  "/_next/image?url=",
  "/_next/data/",
  "/worklets/",
  "/api-docs/",
  "/",
];

describe("paths that lead out", () => {
  it.each(roots)("below %s end nowhere", async (root) => {
    const targets = ladders.flatMap((ladder) => [
      `${root}${ladder}`,
      `http://localhost${root}${ladder}`,
      ...(/^\/(?:calls|coach)\/$/.test(root)
        ? ["transcript.txt", "audio/mix.wav", "token"].map((rest) => `${root}${ladder}/${rest}`)
        : []),
    ]);
    for (let at = 0; at < targets.length; at += 10) {
      await Promise.all(
        targets.slice(at, at + 10).map(async (target) => {
          const { replies } = await exchange(server, get(target));
          expect(replies, target).toHaveLength(1);
          const [reply] = replies;
          expectSafe(reply, target, [secret]);
          // Two of them are pages with other names; nothing else is there.
          const isHome = /^(?:http:\/\/localhost)?\/(?:\.|%2e)?$/.test(target);
          if (!isHome) expect(reply?.status, target).toBeGreaterThanOrEqual(300);
          expect(reply?.status, target).toBeLessThan(500);
          expect(reply?.headers.has("x-injected"), target).toBe(false);
          const location = reply?.headers.get("location");
          if (location !== undefined) expect(location, target).toMatch(/^\/(?![/\\])/);
          if (/^\/(?:calls|coach|recorded-calls)\//.test(target)) {
            expect(reply?.headers.get("content-type"), target).toMatch(/^application\/problem\+json/);
          }
        }),
      );
    }
    await expectAlive(server);
  });

  it("and addresses that look like another site redirect nowhere", async () => {
    for (const target of [
      "//evil.example.com/",
      "/\\evil.example.com/",
      "/%5cevil.example.com/",
      "/%2fevil.example.com/",
      "/.evil.example.com/",
      "/@evil.example.com/",
      "/history/%2f%2fevil.example.com/",
      "///evil.example.com/%2e%2e",
      "/;@evil.example.com/",
      "/history//",
      "/?next=//evil.example.com",
    ]) {
      const { replies } = await exchange(server, get(target));
      const location = replies[0]?.headers.get("location") ?? "/";
      expect(location, target).toMatch(/^\/(?![/\\])/);
      expectSafe(replies[0], target);
    }
  });
});

describe("other names for this machine", () => {
  const foreign = [
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "0.0.0.0",
    "[::]",
    "[::1].evil.example.com",
    "localhost.evil.example.com",
    "127.0.0.1.nip.io",
    "localhost@evil.example.com",
    "evil.example.com@localhost",
    "localhost,evil.example.com",
    "localhost evil.example.com",
    "localhost\tevil.example.com",
    "localhost/evil",
    "localhost?",
    "localhost:99999",
    "localhost:80:80",
    "lo\u00e7alhost",
    "",
  ];
  const targets = ["/", "/calls", "/_next/static/x.js", "/socket.io/?EIO=4&transport=polling", "/healthz"];
  it.each(foreign)("such as %j are refused on pages, API, files, polling and upgrades", async (host) => {
    for (const target of targets) {
      const { replies } = await exchange(server, get(target, [`Host: ${host}`]));
      expect(replies[0]?.status, target).toBe(421);
      expectSafe(replies[0], target);
    }
    for (const target of [
      `/ws/${call.call_id}?token=${call.token}`,
      "/socket.io/?EIO=4&transport=websocket",
    ]) {
      const { replies } = await exchange(server, upgrade(target, [`Host: ${host}`]));
      expect(replies[0]?.status, target).toBe(421);
      expectSafe(replies[0], target);
    }
  });

  it("no Host, two, and one that an absolute target contradicts are refused", async () => {
    for (const head of [
      "GET /calls HTTP/1.1\r\n",
      "GET /calls HTTP/1.0\r\n",
      "GET /calls HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n",
      "GET /calls HTTP/1.1\r\nHost: localhost\r\nHost: evil.example.com\r\n",
      "GET http://evil.example.com/calls HTTP/1.1\r\nHost: localhost\r\n",
      "GET http://localhost/calls HTTP/1.1\r\nHost: evil.example.com\r\n",
    ]) {
      const { replies } = await exchange(server, `${head}Connection: close\r\n\r\n`);
      expect([400, 421], head).toContain(replies[0]?.status);
      expectSafe(replies[0], head);
    }
  });

  it("what a proxy would say of the host is not believed", async () => {
    const { replies } = await exchange(
      server,
      "POST /session/start HTTP/1.1\r\nHost: localhost:8123\r\nX-Forwarded-Host: evil.example.com\r\nX-Forwarded-Proto: https\r\nForwarded: host=evil.example.com\r\nX-Original-URL: /metrics\r\nX-HTTP-Method-Override: DELETE\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    expect(replies[0]?.status).toBe(200);
    expect(replies[0]?.body).toContain('"ws_url":"ws://localhost:8123/ws/');
    expect(replies[0]?.body).not.toContain("evil");
  });
});

describe("pages of other sites", () => {
  const body = '{"title":"by another site"}';
  const forms = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""];
  it.each(forms)("cannot start calls with a form of type %j", async (type) => {
    const headers = type === "" ? {} : { "Content-Type": type };
    const before = (await listCalls(server)).calls.length;
    for (const more of [{ Origin: "null" }, { Origin: "https://evil.example.com" }]) {
      const answer = await ask(server, "/session/start", {
        method: "POST",
        body,
        headers: { ...headers, ...more },
      });
      expectProblem(answer, 403, "foreign_origin");
    }
    // Without a browser's marks it is still no JSON.
    expectProblem(
      await ask(server, "/session/start", { method: "POST", body, headers }),
      415,
      "unsupported_type",
    );
    expect((await listCalls(server)).calls).toHaveLength(before);
  });

  it("get no preflight, no reply to read and no socket", async () => {
    for (const [method, path] of [
      ["DELETE", `/calls/${call.call_id}`],
      ["PATCH", `/calls/${call.call_id}`],
      ["POST", `/coach/${call.call_id}/toggle?enabled=false`],
    ] as const) {
      for (const origin of ["https://evil.example.com", "null"]) {
        const preflight = await ask(server, path, {
          method: "OPTIONS",
          headers: { Origin: origin, "Access-Control-Request-Method": method },
        });
        expectProblem(preflight, 403, "foreign_origin");
        expect(Object.keys(preflight.headers).filter((name) => name.startsWith("access-control"))).toEqual(
          [],
        );
        expectProblem(
          await ask(server, path, { method, headers: { Origin: origin } }),
          403,
          "foreign_origin",
        );
      }
    }
    for (const mode of ["no-cors", "cors", "websocket", "navigate"]) {
      const headers = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": "image" };
      expectProblem(
        await ask(server, `/calls/${call.call_id}/audio/mix.wav`, { headers }),
        403,
        "foreign_origin",
      );
    }
    for (const origin of ["null", "https://evil.example.com"]) {
      for (const path of [
        `/ws/${call.call_id}?token=${call.token}`,
        "/socket.io/?EIO=4&transport=websocket",
      ]) {
        const { replies } = await exchange(server, upgrade(path, ["Host: localhost", `Origin: ${origin}`]));
        expect(replies[0]?.status).toBe(403);
        expectSafe(replies[0], path);
      }
    }
  });
});
