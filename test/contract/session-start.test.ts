import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import { connectRaw, connectSocketIo, joined } from "./call-client.ts";
import { expectKeys } from "./contract-keys.ts";
import {
  ask,
  expectAlive,
  expectProblem,
  expectSecurityHeaders,
  readCall,
  startBuiltServer,
  startCall,
} from "./server-under-test.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startBuiltServer({ SESSION_TIMEOUT_SEC: "1000", RESUME_WINDOW_SEC: "234" });
}, 120_000);
afterAll(async () => {
  await server.stop();
});

const started = (body: unknown, headers: Record<string, string> = {}) =>
  ask(server, "/session/start", { method: "POST", body, headers });

describe("§3 POST /session/start", () => {
  it("§3 takes no body at all, and answers with the names and values of the contract", async () => {
    const before = Date.now();
    const answer = await started(undefined);
    expect(answer.status).toBe(200);
    expectSecurityHeaders(answer);
    const reply = JSON.parse(answer.body.toString()) as Record<string, unknown>;
    expectKeys(reply, ["call_id", "ws_url", "status", "token", "expires_at", "socket"]);
    expect(reply.status).toBe("started");
    expect(reply.call_id).toMatch(/^[A-Za-z0-9_-]{8,64}$/);
    expect(reply.socket).toEqual({ path: "/socket.io/" });
    // §4 the host token lives for SESSION_TIMEOUT_SEC + RESUME_WINDOW_SEC.
    const livesMs = Date.parse(String(reply.expires_at)) - before;
    expect(livesMs).toBeGreaterThan(1_229_000);
    expect(livesMs).toBeLessThan(1_244_000);
    expect(reply.expires_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  });

  it.each([{}, ""])("§3 takes an empty body (%j) as none", async (body) => {
    expect((await started(body)).status).toBe(200);
  });

  it("§3 gives an absolute ws_url for the host that was asked, signed: it needs nothing else", async () => {
    const { port } = new URL(server.url);
    const answer = await started({}, { Host: `localhost:${port}` });
    const reply = JSON.parse(answer.body.toString()) as { ws_url: string; call_id: string; token: string };
    const url = new URL(reply.ws_url);
    expect(url.protocol).toBe("ws:");
    expect(url.host).toBe(`localhost:${port}`);
    expect(url.pathname).toBe(`/ws/${reply.call_id}`);
    // With an Origin of our own nobody is let in without a token, so the address itself carries it.
    const client = connectRaw(
      server,
      { ...reply, ws_url: reply.ws_url.replace("localhost", "127.0.0.1") },
      { tokenIn: "ws_url", headers: { Origin: server.url } },
    );
    expect(await client.next("session_started")).toMatchObject({ role: "host" });
  });

  it("§8 uses the defaults of the environment: Spanish, stereo LR, 16000, coach on, embedded", async () => {
    const call = await startCall(server);
    const client = connectRaw(server, call);
    expect(await client.next("session_started")).toMatchObject({
      call_id: call.call_id,
      state: "created",
      role: "host",
      next_sample: 0,
      last_seq: 0,
      sample_rate: 16_000,
      channels: 2,
      stereo_layout: "LR",
      language: "es",
      transcriber: "embedded",
      coach_enabled: true,
      protocol: 1,
    });
  });

  it("§3 uses every field that it is given", async () => {
    const call = await startCall(server, {
      language: "en",
      audio_mode: "mono",
      stereo_layout: "RL",
      sample_rate: 8000,
      coach_enabled: false,
      transcriber: "embedded",
      title: "Segunda llamada — “ñandú” 🎧",
      customer: { name: "Ana Núñez", company: "Acme, S. L." },
      playbook: "default",
      consent: { obtained: true, method: "verbal", note: "al empezar" },
    });
    const client = connectSocketIo(server, call);
    expect(await client.next("session_started")).toMatchObject({
      channels: 1,
      sample_rate: 8000,
      language: "en",
      transcriber: "embedded",
      coach_enabled: false,
    });
    const read = await readCall(server, call.call_id);
    expect(read).toMatchObject({
      next_sample: 0,
      notes: "",
      consent: { obtained: true, method: "verbal", note: "al empezar" },
      call_metadata: {
        call_id: call.call_id,
        title: "Segunda llamada — “ñandú” 🎧",
        customer: { name: "Ana Núñez", company: "Acme, S. L." },
        language: "en",
      },
    });
  });

  it("§3 the path in the reply is that of Socket.IO", async () => {
    const call = await startCall(server, { stereo_layout: "RL", sample_rate: 48_000 });
    const client = connectSocketIo(server, call);
    expect(await joined(client)).toMatchObject({ stereo_layout: "RL", sample_rate: 48_000, channels: 2 });
  });

  it.each([
    ["language", { language: "fr" }],
    ["audio_mode", { audio_mode: "surround" }],
    ["stereo_layout", { stereo_layout: "lr" }],
    ["sample_rate", { sample_rate: 7999 }],
    ["sample_rate", { sample_rate: 48_001 }],
    ["sample_rate", { sample_rate: 16_000.5 }],
    ["sample_rate", { sample_rate: "16000" }],
    ["sample_rate", { sample_rate: null }],
    ["coach_enabled", { coach_enabled: "true" }],
    ["transcriber", { transcriber: "whisper" }],
    ["title", { title: 7 }],
    ["customer", { customer: "Ana" }],
    ["customer.name", { customer: { name: 3 } }],
    ["customer.phone", { customer: { phone: "600" } }],
    ["playbook", { playbook: "" }],
    ["consent.obtained", { consent: { method: "verbal" } }],
    ["langauge", { langauge: "en" }],
    ["__proto__", '{"__proto__": {"title": "x"}}'],
  ])("§3 refuses a wrong or unknown %s by its name: %j", async (path, body) => {
    const headers = typeof body === "string" ? { "Content-Type": "application/json" } : {};
    const problem = expectProblem(await started(body, headers), 422, "invalid");
    expect(problem.errors?.map((error) => error.path)).toContain(path);
    await expectAlive(server);
  });

  it("§3 refuses a title of 5000 characters by its name", async () => {
    const problem = expectProblem(await started({ title: "x".repeat(5000) }), 422, "invalid");
    expect(problem.errors?.map((error) => error.path)).toEqual(["title"]);
  });

  it("§3 names every fault of a body at once", async () => {
    const problem = expectProblem(
      await started({ language: "xx", sample_rate: 1, wrong: 1, also: 2 }),
      422,
      "invalid",
    );
    expect(problem.errors?.map((error) => error.path).sort()).toEqual(
      ["also", "language", "sample_rate", "wrong"].sort(),
    );
  });

  it("§3 a language that the engine lacks is 422 language_not_supported", async () => {
    expectProblem(await started({ language: "multi" }), 422, "language_not_supported");
    expectProblem(
      await started({ language: "multi", transcriber: "embedded" }),
      422,
      "language_not_supported",
    );
    await expectAlive(server);
  });

  it("§3 an engine or a playbook that is not there is 422", async () => {
    expectProblem(await started({ transcriber: "deepgram" }), 422, "transcriber_not_available");
    expectProblem(await started({ playbook: "no-such-playbook" }), 422, "invalid");
    expect((await started({ transcriber: "auto" })).status).toBe(200);
  });

  it.each(["{", "nonsense", "[]", "[{}]", '"text"', "7", "null", '{"title": "\ud800', "{}{}"])(
    "§3 a body that is no JSON object (%j) is 400 malformed",
    async (body) => {
      expectProblem(await started(body, { "Content-Type": "application/json" }), 400, "malformed");
      await expectAlive(server);
    },
  );

  it("§3 a body that is no UTF-8 is 400 malformed", async () => {
    const body = Buffer.from([0x7b, 0x22, 0x74, 0x69, 0x74, 0x6c, 0x65, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]);
    expectProblem(await started(body, { "Content-Type": "application/json" }), 400, "malformed");
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])(
    "§3 a body of type %s is 415",
    async (type) => {
      expectProblem(await started("{}", { "Content-Type": type }), 415, "unsupported_type");
      await expectAlive(server);
    },
  );

  it("§3 JSON may name its charset", async () => {
    const answer = await started("{}", { "Content-Type": "application/json; charset=UTF-8" });
    expect(answer.status).toBe(200);
  });

  it("§3 a body that is too large is 413", async () => {
    expectProblem(await started({ title: "x".repeat(2_000_000) }), 413, "too_large");
    await expectAlive(server);
  });

  it.each(["GET", "PUT", "DELETE", "PATCH"])(
    "§3 %s is refused with the methods there are",
    async (method) => {
      const answer = await ask(server, "/session/start", { method });
      expectProblem(answer, 405, "method_not_allowed");
      expect(answer.headers.allow).toContain("POST");
    },
  );
});

describe("§3 the server's own routes", () => {
  it("§3 /healthz tells ok, version and the calls that are not completed", async () => {
    const read = async (): Promise<Record<string, unknown>> =>
      JSON.parse((await ask(server, "/healthz")).body.toString()) as Record<string, unknown>;
    const before = await read();
    expectKeys(before, ["ok", "version", "sessions_active"]);
    await startCall(server);
    expect(await read()).toEqual({
      ...before,
      ok: true,
      sessions_active: Number(before.sessions_active) + 1,
    });
  });

  it("§3 /readyz says 200 once the engine is warm, /metrics is Prometheus text", async () => {
    expect((await ask(server, "/readyz")).status).toBe(200);
    const metrics = await ask(server, "/metrics");
    expect(metrics.headers["content-type"]).toMatch(/^text\/plain/);
    for (const line of metrics.body
      .toString()
      .split("\n")
      .filter((line) => line !== "")) {
      expect(line).toMatch(/^(# (HELP|TYPE) \S+|[a-zA-Z_:][\w:]*(\{.*\})? \S+$)/);
    }
  });

  it("§3 /openapi.json is OpenAPI 3.1 and has every route of the table; /docs is a page", async () => {
    const openapi = JSON.parse((await ask(server, "/openapi.json")).body.toString()) as {
      openapi: string;
      paths: Record<string, Record<string, unknown>>;
    };
    expect(openapi.openapi).toMatch(/^3\.1\./);
    const routes: [string, string][] = [
      ["post", "/session/start"],
      ["post", "/calls/{id}/token"],
      ["get", "/calls"],
      ["get", "/calls/{id}"],
      ["patch", "/calls/{id}"],
      ["delete", "/calls/{id}"],
      ["post", "/coach/{id}/toggle"],
      ["get", "/healthz"],
      ["get", "/readyz"],
      ["get", "/metrics"],
      ...["txt", "json", "srt", "vtt", "csv", "md"].map((format): [string, string] => [
        "get",
        `/calls/{id}/transcript.${format}`,
      ]),
    ];
    for (const [method, path] of routes) {
      expect(Object.keys(openapi.paths[path] ?? {}), path).toContain(method);
    }
    expect((await ask(server, "/docs")).headers["content-type"]).toMatch(/^text\/html/);
  });
});
