import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { freePort, type RunningServer } from "../../bin/running-server.ts";
import { tokenReplySchema, type SessionStartReply } from "../../lib/contract/rest.ts";
import { exchange, expectSafe, upgrade } from "./raw-http.ts";
import { ask, expectAlive, expectProblem, jsonOf, startBuiltServer, startCall } from "./server-under-test.ts";

describe("a server of one's own", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startBuiltServer();
  }, 120_000);
  afterAll(async () => {
    await server.stop();
  });

  it("starts 100 calls in a row and takes 500 sockets at once", { timeout: 60_000 }, async () => {
    const calls: SessionStartReply[] = [];
    for (let i = 0; i < 100; i += 1) calls.push(await startCall(server));
    const addresses = await Promise.all(
      calls.map(async ({ call_id }) => {
        const answer = await ask(server, `/calls/${call_id}/token`, { body: { role: "observer" } });
        return jsonOf(answer, tokenReplySchema).ws_url;
      }),
    );
    const sockets: WebSocket[] = [];
    try {
      const opened = await Promise.all(
        Array.from({ length: 500 }, async (_, i) => {
          const socket = new WebSocket(addresses[i % addresses.length] ?? "");
          sockets.push(socket);
          socket.on("error", () => undefined);
          return await new Promise<number>((resolve) => {
            socket.once("message", () => {
              resolve(101);
            });
            socket.once("unexpected-response", (_request, reply) => {
              resolve(reply.statusCode ?? 0);
            });
          });
        }),
      );
      expect(opened.filter((status) => status === 429)).toEqual([]);
      expect(opened.filter((status) => status === 101).length).toBeGreaterThanOrEqual(256);
    } finally {
      for (const socket of sockets) socket.terminate();
    }
    await expectAlive(server);
    expect((await ask(server, "/metrics")).body.toString()).not.toContain(
      'coach_rate_limited_total{type="socket"}',
    );
  });
});

describe("a server behind a proxy on this machine", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startBuiltServer({
      PORT: String(await freePort()),
      PUBLIC_URL: "https://coach.example.com",
      AUTH_SECRET: "a-secret-of-sufficient-length",
    });
  }, 120_000);
  afterAll(async () => {
    await server.stop();
  });

  const withKey = (forwarded: string, key = "wrong-key") =>
    ask(server, "/calls", {
      headers: {
        Host: "coach.example.com",
        Authorization: `Bearer ${key}`,
        ...(forwarded === "" ? {} : { "X-Forwarded-For": forwarded }),
      },
    });

  it("tells who shows too many wrong keys to wait, by the address that the proxy wrote", async () => {
    for (let i = 0; i < 30; i += 1) {
      expectProblem(await withKey("203.0.113.7", `guess-${i}`), 401, "unauthorized");
    }
    const limited = await withKey("203.0.113.7");
    expectProblem(limited, 429, "rate_limited");
    expect(Number(limited.headers["retry-after"])).toBeGreaterThan(0);
    // What the client itself put before it changes nothing; another client is another.
    expectProblem(await withKey("198.51.100.1, 203.0.113.7"), 429, "rate_limited");
    expectProblem(await withKey("127.0.0.1, 203.0.113.7"), 429, "rate_limited");
    expectProblem(await withKey("203.0.113.8"), 401, "unauthorized");
    expectProblem(await withKey(""), 401, "unauthorized");
    // Without a key nothing was guessed.
    const keyless = await ask(server, "/calls", {
      headers: { Host: "coach.example.com", "X-Forwarded-For": "203.0.113.7" },
    });
    expectProblem(keyless, 401, "unauthorized");
  });

  it("tells the same to who shows too many wrong tokens, before a socket is opened", async () => {
    const head = ["Host: coach.example.com", "X-Forwarded-For: 203.0.113.50"];
    const target = "/ws/call_12345678?token=eyJjYWxsIjoiY2FsbF8xMjM0NTY3OCJ9.AAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const statuses: number[] = [];
    for (let i = 0; i < 32; i += 1) {
      const status = await statusOf(upgrade(target, head));
      statuses.push(status);
    }
    expect(statuses.slice(0, 30).every((status) => status === 101)).toBe(true);
    expect(statuses.slice(30)).toEqual([429, 429]);
    const { replies } = await exchange(server, upgrade(target, head));
    expectSafe(replies[0], "a wrong token too many");
    expect(Number(replies[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(
      await statusOf(upgrade(target, ["Host: coach.example.com", "X-Forwarded-For: 203.0.113.51"])),
    ).toBe(101);
  });

  it("asks browsers to come by TLS only", async () => {
    for (const path of ["/healthz", "/calls", "/sign-in", "/_next/static/nothing.js", "/nope"]) {
      const answer = await ask(server, path, { headers: { Host: "coach.example.com" } });
      expect(answer.headers["strict-transport-security"], path).toMatch(/^max-age=\d{7,}/);
    }
  });

  async function statusOf(bytes: string): Promise<number> {
    const { replies } = await exchange(server, bytes, { quietMs: 60 });
    return replies[0]?.status ?? 0;
  }
});
