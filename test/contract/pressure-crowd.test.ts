import { connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { RunningServer } from "../../bin/running-server.ts";
import { connectRaw, joined, transports } from "./call-client.ts";
import { answers, counted, neighbour, rssBytes } from "./pressure-bench.ts";
import { ask, eventually, expectProblem, startBuiltServer, startCall } from "./server-under-test.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startBuiltServer();
}, 120_000);
afterAll(async () => {
  expect(server.output()).not.toMatch(/unhandled rejection|uncaught exception|MaxListenersExceeded/u);
  await server.stop();
});
const leftovers: (() => unknown)[] = [];
afterEach(() => {
  for (const end of leftovers.splice(0)) end();
});

function plain(words: string): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  leftovers.push(() => socket.destroy());
  return new Promise((resolve) => {
    socket.once("connect", () => {
      if (words !== "") socket.write(words);
      resolve(socket);
    });
  });
}

describe("five hundred that stay silent", () => {
  it("§5 at every step of coming in take no place from those who speak", async () => {
    const other = await neighbour(server);
    const call = await startCall(server);
    const before = await rssBytes(server);
    const upgrade = `GET /ws/${call.call_id} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`;
    for (let count = 0; count < 100; count += 1) {
      await plain("");
      await plain("GET /calls HTTP/1.1\r\nHost: localhost\r\n");
      await plain(upgrade);
    }
    const strangers: WebSocket[] = [];
    for (let count = 0; count < 300; count += 1) {
      const ws = new WebSocket(`${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
      ws.on("error", () => undefined);
      leftovers.push(() => {
        ws.terminate();
      });
      strangers.push(ws);
      if (count % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    // Each new host takes over from the one before: one of them stays.
    const hosts = Array.from({ length: 25 }, () => connectRaw(server, call));
    await eventually(
      () => Promise.resolve(hosts.filter((host) => host.all("session_started").length > 0).length >= 24),
      "the hosts are let in, one after the other",
    );
    for (const { connect: enter } of transports) {
      const client = enter(server, await startCall(server));
      await joined(client);
      await answers(client);
    }
    await other.check();
    expect(await counted(server, "connections_refused_total", "no_token_in_time")).toBeGreaterThan(0);
    expect((await rssBytes(server)) - before).toBeLessThan(150 * 1024 * 1024);
    expect(strangers.length).toBe(300);
  }, 60_000);

  it("connections that say nothing, or half a request, are closed by the server", async () => {
    const sockets = [await plain(""), await plain("GET /calls HTTP/1.1\r\nHost: loc")];
    await Promise.all(
      sockets.map(
        (socket) =>
          new Promise((resolve) => {
            socket.resume();
            socket.once("close", resolve);
          }),
      ),
    );
  }, 60_000);
});

describe("REST under pressure", () => {
  it.each([
    ["nothing but brackets", "[".repeat(60_000), 400],
    ["a number too large for the field", '{"sample_rate":1e400}', 422],
    ["duplicate keys", '{"title":"a","title":"b"}', 200],
    ["a lone surrogate", '{"title":"\\ud800"}', 200],
    [
      "keys by the thousand",
      `{${Array.from({ length: 5000 }, (_, key) => `"k${String(key)}":1`).join(",")}}`,
      422,
    ],
    ["depth by the thousand", `{"customer":${'{"a":'.repeat(9000)}1${"}".repeat(9000)}}`, 422],
    ["a prototype", '{"__proto__":{"title":"x"}}', 422],
  ])("§3 %s is answered as the contract says", async (_what, body, status) => {
    const answer = await ask(server, "/session/start", {
      method: "POST",
      body,
      headers: { "Content-Type": "application/json" },
    });
    expect({ status: answer.status, body: answer.body.toString().slice(0, 300) }).toMatchObject({ status });
    expect(answer.body.length).toBeLessThan(1_000_000);
  });

  it("§3 a body too large is 413, of another type 415, not UTF-8 400", async () => {
    const post = (body: string | Buffer, type: string) =>
      ask(server, "/session/start", { method: "POST", body, headers: { "Content-Type": type } });
    expectProblem(await post(`{"title":"${"x".repeat(100_000)}"}`, "application/json"), 413, "too_large");
    expectProblem(await post("title=x", "application/x-www-form-urlencoded"), 415, "unsupported_type");
    expectProblem(await post(Buffer.from([0x7b, 0xff, 0x7d]), "application/json"), 400, "malformed");
  });

  it("§3 a thousand searches and downloads at once: answered or 429, and a live call is not kept waiting", async () => {
    const other = await neighbour(server);
    const call = await startCall(server);
    const client = connectRaw(server, call);
    await joined(client);
    const asked = Array.from({ length: 1000 }, (_, index) =>
      ask(
        server,
        index % 2 === 0 ? `/calls?q=palabra${String(index)}` : `/calls/${call.call_id}/transcript.json`,
      ),
    );
    await other.check();
    const answers = await Promise.all(asked);
    const statuses = new Set(answers.map(({ status }) => status));
    for (const status of statuses) expect([200, 429]).toContain(status);
    expect(statuses.has(200)).toBe(true);
    for (const answer of answers.filter(({ status }) => status === 429).slice(0, 5)) {
      expectProblem(answer, 429, "rate_limited");
      expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    }
    expect((await ask(server, "/calls?q=hola")).status).toBe(200);
  }, 90_000);
});
