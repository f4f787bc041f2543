import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import type { SessionStartReply } from "../../lib/contract/rest.ts";
import { tokenReplySchema } from "../../lib/contract/rest.ts";
import { connectRaw, connectSocketIo, transports } from "./call-client.ts";
import {
  ask,
  expectAlive,
  expectProblem,
  expectSecurityHeaders,
  jsonOf,
  startBuiltServer,
  startCall,
} from "./server-under-test.ts";

const ally = "https://crm.example.com";
let server: RunningServer;
let call: SessionStartReply;
beforeAll(async () => {
  server = await startBuiltServer({ CORS_ORIGINS: ally });
  call = await startCall(server);
}, 120_000);
afterAll(async () => {
  await server.stop();
});

/** What an upgrade without a WebSocket library is answered. */
async function upgrade(path: string, headers: Record<string, string>): Promise<number> {
  const { hostname, port } = new URL(server.url);
  return await new Promise((resolve, reject) => {
    const sent = request({
      hostname,
      port,
      path,
      headers: {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        ...headers,
      },
    });
    sent.once("upgrade", (_reply, socket) => {
      socket.destroy();
      resolve(101);
    });
    sent.once("response", (reply) => {
      reply.resume();
      resolve(reply.statusCode ?? 0);
    });
    sent.once("error", reject);
    sent.end();
  });
}

const everywhere = ["/", "/healthz", "/calls", "/nope", "/icon.svg", "/history", "/docs", "/metrics"];
const sockets = (): string[] => [
  `/ws/${call.call_id}?token=${call.token}`,
  "/socket.io/?EIO=4&transport=websocket",
];

describe("§4 who may ask", () => {
  it.each(["evil.example.com", "evil.example.com:8000", "127.0.0.1.evil.example", "localhost.evil.io"])(
    "§4 Host %j gets 421 on every route and upgrade",
    async (host) => {
      for (const path of everywhere) {
        expectProblem(await ask(server, path, { headers: { Host: host } }), 421, "foreign_host");
      }
      expectProblem(
        await ask(server, "/session/start", { method: "POST", headers: { Host: host } }),
        421,
        "foreign_host",
      );
      for (const path of [...sockets(), "/socket.io/?EIO=4&transport=polling"]) {
        const polling = path.endsWith("polling");
        const status = polling
          ? (await ask(server, path, { headers: { Host: host } })).status
          : await upgrade(path, { Host: host });
        expect(status, path).toBe(421);
      }
      await expectAlive(server);
    },
  );

  it.each(["localhost", "LOCALHOST:1234", "127.0.0.1", "127.0.0.1:9", "[::1]", "[::1]:8000"])(
    "§4 Host %j is loopback and is answered",
    async (host) => {
      expect((await ask(server, "/healthz", { headers: { Host: host } })).status).toBe(200);
    },
  );

  it.each([
    "https://evil.example.com",
    "null",
    "http://127.0.0.1:1",
    "file://",
    "https://crm.example.com.evil",
  ])("§4 Origin %j gets 403 on every route and upgrade", async (origin) => {
    for (const path of everywhere) {
      expectProblem(await ask(server, path, { headers: { Origin: origin } }), 403, "foreign_origin");
    }
    expectProblem(
      await ask(server, "/session/start", { method: "POST", headers: { Origin: origin } }),
      403,
      "foreign_origin",
    );
    for (const path of sockets()) expect(await upgrade(path, { Origin: origin }), path).toBe(403);
    const polling = "/socket.io/?EIO=4&transport=polling";
    expect((await ask(server, polling, { headers: { Origin: origin } })).status).toBe(403);
    await expectAlive(server);
  });

  it("§4 our own Origin and those of CORS_ORIGINS are answered, the latter with CORS headers", async () => {
    for (const path of sockets()) {
      expect(await upgrade(path, { Origin: server.url })).toBe(101);
      expect(await upgrade(path, { Origin: ally, "Sec-Fetch-Site": "cross-site" })).toBe(101);
    }
    expect((await ask(server, "/calls", { headers: { Origin: server.url } })).status).toBe(200);
    const answer = await ask(server, "/calls", { headers: { Origin: ally, "Sec-Fetch-Site": "cross-site" } });
    expect(answer.status).toBe(200);
    expect(answer.headers["access-control-allow-origin"]).toBe(ally);
    const preflight = await ask(server, "/session/start", {
      method: "OPTIONS",
      headers: {
        Origin: ally,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers["access-control-allow-origin"]).toBe(ally);
    expect(preflight.headers["access-control-allow-methods"]).toContain("POST");
    expect(preflight.headers["access-control-allow-headers"]?.toLowerCase()).toContain("content-type");
  });

  it("§4 Sec-Fetch-Site: cross-site gets 403, but for navigating to a page", async () => {
    const crossSite = { "Sec-Fetch-Site": "cross-site" };
    const navigate = { ...crossSite, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" };
    for (const path of ["/calls", "/healthz", `/calls/${call.call_id}`, "/openapi.json"]) {
      expectProblem(await ask(server, path, { headers: crossSite }), 403, "foreign_origin");
      expectProblem(await ask(server, path, { headers: navigate }), 403, "foreign_origin");
    }
    for (const path of sockets()) expect(await upgrade(path, crossSite)).toBe(403);
    expect((await ask(server, "/", { headers: navigate })).status).toBe(200);
    expect((await ask(server, "/history", { headers: navigate })).status).toBe(200);
    expect((await ask(server, "/", { headers: crossSite })).status).toBe(403);
    for (const site of ["same-origin", "none"]) {
      expect((await ask(server, "/calls", { headers: { "Sec-Fetch-Site": site } })).status).toBe(200);
    }
  });

  it("§4 every reply carries nosniff and Cross-Origin-Resource-Policy, errors and files too", async () => {
    const page = await ask(server, "/");
    const [, file = ""] = /"(\/_next\/static\/[^"]+\.(?:js|css))"/.exec(page.body.toString()) ?? [];
    expect(file).not.toBe("");
    const paths = [
      ...everywhere,
      file,
      "/calls/x",
      "/calls?nope=1",
      "/calls/does-not-exist/audio/mix.wav",
      "/recorded-calls/index.json",
      "/_next/static/nothing.js",
      "/socket.io/?EIO=4&transport=polling",
      "/socket.io/?EIO=9&transport=bogus",
      "/socket.io/",
      "/%zz",
      "//evil.example.com",
    ];
    for (const path of paths) {
      const answer = await ask(server, path);
      expect(answer.status, path).toBeLessThan(500);
      expectSecurityHeaders(answer);
    }
    expectSecurityHeaders(await ask(server, "/", { method: "POST", body: "{}" }));
    expectSecurityHeaders(await ask(server, "/session/start", { method: "OPTIONS" }));
  });

  it("§4 a random key is kept in DATA_DIR/secret, mode 0600", async () => {
    const secret = await stat(join(server.dataFolder, "secret"));
    expect(secret.mode & 0o777).toBe(0o600);
    expect(secret.size).toBeGreaterThanOrEqual(16);
  });

  it("§4 nothing in DATA_DIR can be read by other users of the machine", async () => {
    await startCall(server);
    const open: string[] = [];
    for (const entry of await readdir(server.dataFolder, { recursive: true })) {
      if (((await stat(join(server.dataFolder, entry))).mode & 0o077) !== 0) open.push(entry);
    }
    expect(open).toEqual([]);
  });

  it("§4 query strings and tokens are never logged", async () => {
    const loud = await startBuiltServer({ LOG_LEVEL: "trace" });
    try {
      const spoken = await startCall(loud, { title: "secreto-titular" });
      await ask(loud, "/calls?q=palabra-buscada");
      await ask(loud, "/nothing?token=clave-en-la-direccion");
      const client = connectRaw(loud, spoken, { tokenIn: "query" });
      await client.next("session_started");
      const wrong = connectRaw(loud, { ...spoken, token: "una.clave.falsa" }, { tokenIn: "query" });
      expect(await wrong.closed).toBe(4401);
      client.close();
      await client.closed;
      for (const secret of [spoken.token, "palabra-buscada", "clave-en-la-direccion", "una.clave.falsa"]) {
        expect(loud.output()).not.toContain(secret);
      }
    } finally {
      await loud.stop();
    }
  }, 120_000);

  it("§4 with AUTH_SECRET every route but /healthz and /readyz needs authorization", async () => {
    const folder = await mkdtemp("/tmp/sales-coach-locked-");
    const locked = await startBuiltServer({ AUTH_SECRET: "a-secret-of-sufficient-length", DATA_DIR: folder });
    try {
      for (const path of ["/healthz", "/readyz"]) expect((await ask(locked, path)).status).toBe(200);
      for (const path of ["/calls", "/metrics", "/openapi.json", `/calls/${call.call_id}`]) {
        expectProblem(await ask(locked, path), 401, "unauthorized");
        expectProblem(
          await ask(locked, path, { headers: { Authorization: "Bearer wrong" } }),
          401,
          "unauthorized",
        );
      }
      expectProblem(await ask(locked, "/session/start", { method: "POST" }), 401, "unauthorized");
      const anonymous = connectRaw(locked, { call_id: "some-call-id", token: null });
      expect([4401, 4404]).toContain(await anonymous.closed);
    } finally {
      await locked.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }, 120_000);
});

describe("§4 call tokens", () => {
  const observerOf = async (callId: string) =>
    await ask(server, `/calls/${callId}/token`, { body: { role: "observer" } });

  it("§3 POST /calls/{id}/token gives an observer's token and a signed ws_url", async () => {
    const answer = await observerOf(call.call_id);
    expect(answer.status).toBe(200);
    const reply = jsonOf(answer, tokenReplySchema);
    expect(Date.parse(reply.expires_at)).toBeGreaterThan(Date.now());
    const seat = { ...call, ...reply };
    for (const client of [
      connectRaw(server, seat),
      connectRaw(server, seat, { tokenIn: "query" }),
      connectRaw(server, seat, { tokenIn: "ws_url" }),
      connectSocketIo(server, seat),
    ]) {
      expect(await client.next("session_started")).toMatchObject({ role: "observer" });
    }
  });

  it.each([{ role: "host" }, { role: "manager" }, {}, { role: "observer", more: 1 }])(
    "§3 a token is not given for %j",
    async (body) => {
      expectProblem(await ask(server, `/calls/${call.call_id}/token`, { body }), 422, "invalid");
    },
  );

  it("§3 a token for a call that is not there is 404", async () => {
    expectProblem(await observerOf("no-such-call"), 404, "call_not_found");
    expectProblem(await observerOf("bad!id"), 404, "call_not_found");
  });

  it("§4 the token of the subprotocol is agreed to by its name", async () => {
    const client = connectRaw(server, call, { headers: { Origin: server.url } });
    expect(await client.next("session_started")).toMatchObject({ role: "host" });
    expect(client.socket.protocol).toBe(`token.${call.token}`);
  });

  describe.each(transports)("on $name", ({ connect }) => {
    it.each([".", "garbage", "a.b.c", "%00", "token.token"])(
      "§4 the token %j closes with 4401",
      async (token) => {
        const seat = { call_id: call.call_id, token };
        expect(await connect(server, seat).closed).toBe(4401);
        await expectAlive(server);
      },
    );

    it("§4 a token of another call, or a changed one, closes with 4401", async () => {
      const other = await startCall(server);
      expect(await connect(server, { ...call, token: other.token }).closed).toBe(4401);
      const flipped = `${call.token.slice(0, -2)}${call.token.endsWith("AA") ? "BB" : "AA"}`;
      expect(await connect(server, { ...call, token: flipped }).closed).toBe(4401);
      const client = connect(server, other);
      expect(await client.next("session_started")).toMatchObject({ call_id: other.call_id });
    });

    it("§5 a call that is not there closes with 4404 or 4401, an id that is none with 4404", async () => {
      expect([4401, 4404]).toContain(await connect(server, { ...call, call_id: "no-such-call" }).closed);
      expect(await connect(server, { ...call, call_id: "short" }).closed).toBe(4404);
      await expectAlive(server);
    });
  });

  it("§4 /ws without a token is the host's from loopback without an Origin, and 4401 with one", async () => {
    const anonymous = { call_id: call.call_id, token: null };
    const client = connectRaw(server, anonymous);
    expect(await client.next("session_started")).toMatchObject({ role: "host" });
    const browser = connectRaw(server, anonymous, { headers: { Origin: server.url } });
    expect(await browser.closed).toBe(4401);
    const absent = connectRaw(server, { call_id: "no-such-call", token: null });
    expect(await absent.closed).toBe(4404);
    expect(await connectSocketIo(server, anonymous).closed).toBe(4401);
  });
});
