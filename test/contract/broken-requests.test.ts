import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import type { SessionStartReply } from "../../lib/contract/rest.ts";
import { connectRaw, connectSocketIo } from "./call-client.ts";
import { exchange, expectSafe, get } from "./raw-http.ts";
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
/** Requests that never come to an end; judged by the last test. */
const slow: { readonly what: string; readonly ended: Promise<string> }[] = [];

beforeAll(async () => {
  server = await startBuiltServer();
  call = await startCall(server, { title: "Not for strangers" });
  for (const [what, first, drip] of [
    ["nothing at all", "", ""],
    ["headers, a letter a second", "GET / HTTP/1.1\r\nHost: localhost\r\nX: ", "x"],
    [
      "a body, a letter a second",
      "POST /session/start HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{",
      " ",
    ],
    [
      "a body behind another protocol, a letter a second",
      "POST /session/start HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{",
      " ",
    ],
  ] as const) {
    slow.push({ what, ended: dripping(first, drip) });
  }
}, 120_000);
afterAll(async () => {
  await server.stop();
});

/** Resolves with what was answered when the server has had enough. */
function dripping(first: string, drip: string): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1", () => socket.write(first));
    const drops = setInterval(() => {
      if (drip !== "") socket.write(drip);
    }, 1000);
    socket.on("data", (chunk) => (text += chunk.toString()));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearInterval(drops);
      resolve(text);
    });
  });
}

describe("what is injected into headers", () => {
  const names = [
    "a\r\nSet-Cookie: x=1\r\n\r\n<b>",
    '"; filename="evil.exe',
    "\u0000\u0007",
    "\u202egnp.exe",
    "日本語 🎧",
  ];
  it.each(names)("by the title %j stays text", async (title) => {
    const started = await ask(server, "/session/start", { body: { title, customer: { name: title } } });
    if (started.status === 422) {
      expect(title).toContain("\u0000");
      return;
    }
    expect(started.status).toBe(200);
    const { call_id: callId } = JSON.parse(started.body.toString()) as SessionStartReply;
    for (const path of ["transcript.txt", "transcript.json", "transcript.csv", "transcript.md"]) {
      const answer = await ask(server, `/calls/${callId}/${path}`);
      expect(answer.status).toBe(200);
      expect(answer.headers["set-cookie"]).toBeUndefined();
      expect(answer.headers["content-disposition"]).toMatch(/^attachment; filename="[\w.-]+"$/);
    }
  });

  it("by queries, fragments and conditions stays out", async () => {
    for (const target of [
      "/calls?q=%0d%0aSet-Cookie:%20x=1",
      "/history?q=%0d%0a%0d%0a<script>",
      "/calls?cursor=%0d%0aX-Injected:%201",
      "/%0d%0aSet-Cookie:%20x=1",
    ]) {
      const { replies, text } = await exchange(server, get(target));
      expect(replies).toHaveLength(1);
      expect(text.split("\r\n\r\n", 1)[0]).not.toMatch(/set-cookie|x-injected/i);
    }
    const file = "/recorded-calls/es-short/call.wav";
    for (const [name, value] of [
      ["If-None-Match", '"x'.repeat(4000)],
      ["If-Range", '"\u00ff'.repeat(2000)],
      ["Range", `bytes=${"0-1,".repeat(3000)}2-3`],
      ["Range", "bytes=99999999999999999999999-"],
      ["Range", "bytes=-0"],
      ["Range", `bytes=${"1".repeat(9000)}-`],
      ["Accept-Language", "a;q=".repeat(3500)],
      ["Accept-Encoding", "gzip;q=0.1,".repeat(1200)],
      ["Cookie", `locale=${"e".repeat(9000)}; `.repeat(1)],
      ["Authorization", `Bearer ${" ".repeat(9000)}x`],
      ["Sec-WebSocket-Protocol", `token.${",".repeat(9000)}`],
      ["Next-Router-State-Tree", "%5B".repeat(4000)],
      ["Next-Action", "x".repeat(5000)],
      ["X-Middleware-Subrequest", "middleware:".repeat(500)],
      ["RSC", "1"],
    ] as const) {
      for (const target of [file, "/", "/history"]) {
        const { replies } = await exchange(server, get(target, ["Host: localhost", `${name}: ${value}`]));
        expect(replies, `${name} ${target}`).toHaveLength(1);
        expect(replies[0]?.status, `${name} ${target}`).toBeLessThan(500);
      }
    }
    await expectAlive(server);
  }, 60_000);
});

describe("requests within requests", () => {
  const inner = "GET /calls HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const post = "POST /session/start HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  it.each([
    ["two lengths", `${post}Content-Length: 2\r\nContent-Length: 44\r\n\r\n{}${inner}`],
    ["a list of lengths", `${post}Content-Length: 2, 2\r\n\r\n{}${inner}`],
    ["a length with a sign", `${post}Content-Length: +2\r\n\r\n{}${inner}`],
    ["a negative length", `${post}Content-Length: -2\r\n\r\n{}${inner}`],
    ["a length in hexadecimal", `${post}Content-Length: 0x2\r\n\r\n{}${inner}`],
    [
      "a length and chunks",
      `${post}Content-Length: 44\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
    ],
    [
      "chunks and a length",
      `${post}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${inner}`,
    ],
    ["a coding that is not the last", `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${inner}`],
    ["an unknown coding", `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${inner}`],
    ["a blank before the colon", `${post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${inner}`],
    ["a folded header", `${post}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${inner}`],
    ["a tab in the coding", `${post}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n${inner}`],
    ["a NUL in a header", `${post}X: a\0b\r\nContent-Length: 2\r\n\r\n{}${inner}`],
    ["a bare CR", `${post}X: a\rContent-Length: 2\r\n\r\n{}${inner}`],
    ["a chunk of no size", `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n${inner}`],
    ["a chunk too large", `${post}Transfer-Encoding: chunked\r\n\r\n${"f".repeat(20)}\r\n{}${inner}`],
    [
      "a line of nothing but LF",
      `POST /session/start HTTP/1.1\nHost: localhost\nContent-Length: 2\n\n{}${inner}`,
    ],
    ["two versions", `GET / HTTP/1.1 HTTP/1.1\r\nHost: localhost\r\n\r\n${inner}`],
    ["a blank in the target", `GET / x HTTP/1.1\r\nHost: localhost\r\n\r\n${inner}`],
    ["HTTP/2 without TLS", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ])("with %s are refused whole", async (_what, bytes) => {
    const { replies } = await exchange(server, bytes);
    // What was read before the fault may have had its answer; what was hidden behind it has none.
    expect(replies.map((reply) => reply.status)).toEqual([400]);
    expectSafe(replies[0], bytes);
    expect(replies[0]?.body).not.toContain('"calls"');
    expect(replies[0]?.headers.get("connection")).toBe("close");
    await expectAlive(server);
  });

  it("cannot hide behind an upgrade that is declined", async () => {
    const h2c = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
    for (const bytes of [
      `GET /healthz HTTP/1.1\r\nHost: localhost\r\n${h2c}\r\n${inner}`,
      `${post}${h2c}Content-Length: 2\r\n\r\n{}${inner}`,
      `${post}${h2c}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
      `${post}${h2c}Content-Length: 99999999\r\n\r\n{}${inner}`,
      `GET /ws/${call.call_id} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n${inner}`,
    ]) {
      const { replies } = await exchange(server, bytes);
      expect(replies, bytes).toHaveLength(1);
      expect(replies[0]?.body).not.toContain('"calls"');
      expectSafe(replies[0], bytes);
    }
  });

  it("headers without end, in size or number, are refused", async () => {
    for (const bytes of [
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(100_000)}\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: localhost\r\n${Array.from({ length: 5000 }, (_, i) => `X${i}: y\r\n`).join("")}\r\n`,
      `GET /${"a".repeat(100_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    ]) {
      const { replies } = await exchange(server, bytes);
      expect(replies[0]?.status).toBe(431);
      expectSafe(replies[0], "too large");
    }
  });
});

describe("methods and expectations", () => {
  it.each(["TRACE", "TRACK", "PROPFIND", "PUT", "DELETE", "PURGE", "LOCK"])(
    "%s is not for pages",
    async (method) => {
      const { replies } = await exchange(
        server,
        `${method} / HTTP/1.1\r\nHost: localhost\r\nX-Echo: do-not-echo\r\nConnection: close\r\n\r\n`,
      );
      expect([400, 405]).toContain(replies[0]?.status);
      expect(replies[0]?.body).not.toContain("do-not-echo");
      expectSafe(replies[0], method);
    },
  );

  it("CONNECT opens no tunnel", async () => {
    const { text } = await exchange(server, "CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect(text).not.toMatch(/^HTTP\/1\.1 2/);
    await expectAlive(server);
  });

  it("an expectation is met or ignored, with our headers", async () => {
    const odd = await exchange(server, get("/healthz", ["Host: localhost", "Expect: the-unexpected"]));
    expect(odd.replies.map((reply) => reply.status)).toEqual([200]);
    expectSafe(odd.replies[0], "odd");
    const continued = await exchange(
      server,
      "POST /session/start HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
    );
    expect(continued.replies.map((reply) => reply.status)).toEqual([100, 200]);
  });
});

describe("keys that mean something to JavaScript", () => {
  it.each([
    '{"__proto__":{"title":"x"}}',
    '{"customer":{"__proto__":{"name":"x"}}}',
    '{"constructor":{"prototype":{"title":"x"}}}',
    '{"consent":{"obtained":true,"prototype":1}}',
    '{"toString":"x"}',
    '{"hasOwnProperty":1}',
  ])("are refused in the body %s", async (body) => {
    const headers = { "Content-Type": "application/json" };
    expectProblem(await ask(server, "/session/start", { method: "POST", body, headers }), 422, "invalid");
  });

  it("are refused in queries", async () => {
    for (const name of ["constructor", "toString", "q[__proto__]", "__proto__[x]"]) {
      expectProblem(await ask(server, `/calls?${encodeURIComponent(name)}=1`), 400, "malformed");
    }
    // Next itself takes this one out of every query, before anybody sees it.
    expect((await ask(server, "/calls?__proto__=1&limit=1")).status).toBe(200);
  });

  it("are no messages and change nobody's connection", async () => {
    const started = await startCall(server);
    const raw = connectRaw(server, started);
    await raw.next("session_started");
    const io = connectSocketIo(server, await startCall(server));
    await io.next("session_started");
    for (const type of ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"]) {
      raw.send(type, { enabled: true });
      expect((await raw.next("error")).code).toBe("unknown_message");
      io.send(type, { enabled: true });
      expect((await io.next("error")).code).toBe("unknown_message");
    }
    raw.socket.send('{"__proto__":{"type":"stop_transcription"}}');
    expect((await raw.next("error")).code).toBe("malformed");
    raw.socket.send('{"type":"toggle_coach","data":{"__proto__":{"enabled":true}}}');
    expect((await raw.next("error")).code).toBe("malformed");
    raw.send("ping");
    await raw.next("pong");
    expect((await listCalls(server)).calls.length).toBeGreaterThan(0);
  });
});

describe("what could take long to look at", () => {
  it.each([
    ["blanks", " ".repeat(500)],
    ["quotes", '"'.repeat(500)],
    ["stars", "a* ".repeat(160)],
    ["operators", "a OR NEAR( AND NOT ".repeat(25)],
    ["marks", "a\u0301".repeat(250)],
    ["one letter", "a".repeat(500)],
    ["many words", Array.from({ length: 120 }, (_, i) => `w${i}`).join(" ")],
    ["another script", "한".repeat(250)],
    ["halves of letters", "%ED%A0%80"],
    ["LIKE", "%25_".repeat(120)],
    ["SQL", "' OR 1=1; DROP TABLE calls; --"],
  ])("is bounded: a search for %s", async (_what, words) => {
    const query = words.startsWith("%") ? words : encodeURIComponent(words);
    const answer = await ask(server, `/calls?q=${query}&limit=5`);
    expect([200, 400]).toContain(answer.status);
    expect((await listCalls(server)).calls.length).toBeGreaterThan(0);
  });

  it.each([
    ["from", `2026-${"0".repeat(400)}`],
    ["to", "9".repeat(400)],
    ["limit", "1e9"],
    ["limit", "-1"],
    ["cursor", "A".repeat(4000)],
    ["cursor", Buffer.from('{"__proto__":1}').toString("base64url")],
    ["objection", "price,".repeat(300)],
    ["status", "completed".repeat(100)],
  ])("is bounded: %s=%s", async (name, value) => {
    expectProblem(await ask(server, `/calls?${name}=${encodeURIComponent(value)}`), 400, "malformed");
  });

  it("is bounded: JSON as deep as it is long", async () => {
    const headers = { "Content-Type": "application/json" };
    for (const body of [
      `{"title":${"[".repeat(30_000)}${"]".repeat(30_000)}}`,
      `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`,
      `{"title":"${"\\u202e".repeat(10_000)}"}`,
    ]) {
      const answer = await ask(server, "/session/start", { method: "POST", body, headers });
      expect([400, 413, 422]).toContain(answer.status);
    }
    await expectAlive(server);
  });
});

describe("who never comes to an end", () => {
  it("is let go", { timeout: 90_000 }, async () => {
    for (const { what, ended } of slow) {
      const text = await ended;
      expect([what, /^(?:HTTP\/1\.1 408 |$)/.test(text)]).toEqual([what, true]);
    }
    await expectAlive(server);
  });
});
