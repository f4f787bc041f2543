import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCallTokens } from "../lib/access/call-tokens.ts";
import { createCallAccess } from "../lib/call/call-access.ts";
import { CallError } from "../lib/call/errors.ts";
import type {
  CallListRow,
  CallRepository,
  CallSearch,
  Clock,
  Logger,
  TranscriptLibrary,
} from "../lib/call/ports.ts";
import { localPrincipal, type Principal } from "../lib/call/principal.ts";
import {
  callListReplySchema,
  callReplySchema,
  problemSchema,
  sessionStartReplySchema,
  tokenReplySchema,
} from "../lib/contract/rest.ts";
import { loadConfig } from "../lib/platform/config.ts";
import { setContainer, type Readiness } from "../lib/platform/container.ts";
import { createMetrics, type Metrics } from "../lib/platform/metrics.ts";
import { runAs } from "../lib/platform/request-principal.ts";
import {
  NotingDesk,
  notedCall as call,
  notedCallId as id,
  notedDocument as document,
  nowMs,
} from "../lib/rest/testing/noting-desk.ts";
import * as callsRoute from "./calls/route.ts";
import * as callRoute from "./calls/[id]/route.ts";
import * as tokenRoute from "./calls/[id]/token/route.ts";
import * as csvRoute from "./calls/[id]/transcript.csv/route.ts";
import * as txtRoute from "./calls/[id]/transcript.txt/route.ts";
import * as coachRoute from "./coach/[id]/toggle/route.ts";
import { GET as docs } from "./docs/route.ts";
import { GET as healthz } from "./healthz/route.ts";
import { GET as metricsText } from "./metrics/route.ts";
import { GET as openapi } from "./openapi.json/route.ts";
import { GET as readyz } from "./readyz/route.ts";
import * as sessionRoute from "./session/start/route.ts";

/** Who sends the requests of a test. */
let principal: Principal | null = localPrincipal;

const asked =
  <A extends readonly unknown[]>(route: (...args: A) => Promise<Response>) =>
  (...args: A): Promise<Response> =>
    principal === null ? route(...args) : runAs(principal, () => route(...args));

const startSession = asked(sessionRoute.POST);
const listCalls = asked(callsRoute.GET);
const readCall = asked(callRoute.GET);
const patchCall = asked(callRoute.PATCH);
const deleteCall = asked(callRoute.DELETE);
const observerToken = asked(tokenRoute.POST);
const transcriptCsv = asked(csvRoute.GET);
const transcriptTxt = asked(txtRoute.GET);
const toggleCoach = asked(coachRoute.POST);

const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => 0, after: () => () => undefined };
const tokens = createCallTokens({ secret: "a-secret-for-these-tests", clock });
type Sent = Omit<RequestInit, "headers"> & { readonly headers?: Readonly<Record<string, string>> };

describe("the route handlers", () => {
  let desk: NotingDesk;
  let metrics: Metrics;
  let readiness: Readiness;
  let searches: CallSearch[];
  let rows: CallListRow[];
  const logged: unknown[] = [];
  const note = (fields: object): void => void logged.push(fields);
  const logger: Logger = { debug: note, info: note, warn: note, error: note, child: () => logger };

  beforeEach(() => {
    desk = new NotingDesk();
    principal = localPrincipal;
    metrics = createMetrics({ liveCalls: () => desk.activeCalls() });
    readiness = { ok: true, missing: [] };
    searches = [];
    rows = [{ call, ownerName: null, segmentCount: 12, objections: { price: 2 } }];
    const repository: Pick<CallRepository, "search"> = {
      search(search) {
        searches.push(search);
        return Promise.resolve({ rows, nextCursor: "next" });
      },
    };
    const library: TranscriptLibrary = {
      document: (callId) => Promise.resolve(callId === id ? document : null),
      render: (callId, format) =>
        Promise.resolve(
          callId === id
            ? {
                fileName: `Señor.${format}`,
                contentType: "text/plain; charset=utf-8",
                body: Buffer.from("ñ"),
              }
            : null,
        ),
    };
    setContainer({
      config: loadConfig({}).config,
      logger,
      clock,
      accessFor: createCallAccess({
        desk,
        library,
        repository,
        tokens,
        audit: { note: () => Promise.resolve() },
        clock,
        auditLog: { auditEntries: () => Promise.resolve([]) },
        observerTokenMs: 3_600_000,
      }),
      playbooksFor: () => {
        throw new Error("no playbook is asked for here");
      },
      activeCalls: () => desk.activeCalls(),
      metrics,
      version: "1.2.3",
      engines: [],
      readiness: () => readiness,
      draining: () => false,
    });
  });
  afterEach(() => {
    setContainer(null);
    metrics.close();
  });

  const at = (path: string, init: Sent = {}): Request =>
    new Request(`http://localhost:8123${path}`, {
      ...init,
      headers: { host: "localhost:8123", ...init.headers },
    });
  const withJson = (path: string, body: unknown, method = "POST"): Request =>
    at(path, { method, body: JSON.stringify(body), headers: { "content-type": "application/json" } });
  const params = (callId: string = id) => ({ params: Promise.resolve({ id: callId }) });
  const codeOf = async (reply: Response) => [reply.status, problemSchema.parse(await reply.json()).code];

  it("start a call with a host token for its whole life, on the host that was asked", async () => {
    const reply = await startSession(
      withJson("/session/start", { language: "en", customer: { name: "Ana" } }),
    );
    expect(reply.status).toBe(200);
    const started = sessionStartReplySchema.parse(await reply.json());
    expect(desk.started).toEqual([{ language: "en", customer: { name: "Ana" } }]);
    expect(started).toMatchObject({ call_id: id, status: "started", socket: { path: "/socket.io/" } });
    expect(started.expires_at).toBe(new Date(call.expiresAtMs).toISOString());
    expect(started.ws_url).toBe(`ws://localhost:8123/ws/${id}?token=${started.token}`);
    expect(tokens.verify(started.token, id)).toEqual({
      callId: id,
      role: "host",
      expiresAtMs: call.expiresAtMs,
      principalId: "local",
    });
  });

  it("start a call without any body", async () => {
    expect((await startSession(at("/session/start", { method: "POST" }))).status).toBe(200);
    expect(desk.started).toEqual([{}]);
  });

  it("refuse a wrong start before the desk is asked", async () => {
    expect(await codeOf(await startSession(withJson("/session/start", { langage: "es" })))).toEqual([
      422,
      "invalid",
    ]);
    expect(await codeOf(await startSession(withJson("/session/start", [])))).toEqual([400, "malformed"]);
    expect(await codeOf(await startSession(at("/session/start?language=en", { method: "POST" })))).toEqual([
      400,
      "malformed",
    ]);
    const plain = at("/session/start", {
      method: "POST",
      body: "{}",
      headers: { "content-type": "text/plain" },
    });
    expect(await codeOf(await startSession(plain))).toEqual([415, "unsupported_type"]);
    expect(desk.started).toEqual([]);
  });

  it("pass on what the desk refuses, with the time to wait", async () => {
    desk.failure = new CallError("too_many_calls", "all lines are busy", { retryAfterSec: 7 });
    const reply = await startSession(at("/session/start", { method: "POST" }));
    expect(reply.headers.get("retry-after")).toBe("7");
    expect(await codeOf(reply)).toEqual([429, "too_many_calls"]);
    desk.failure = new Error("SECRET of the inside");
    const failed = await startSession(at("/session/start", { method: "POST" }));
    expect(failed.status).toBe(500);
    expect(await failed.text()).not.toContain("SECRET");
    expect(logged).not.toEqual([]);
  });

  it("give observers a token of their own", async () => {
    const reply = await observerToken(withJson(`/calls/${id}/token`, { role: "observer" }), params());
    const { token, expires_at } = tokenReplySchema.parse(await reply.json());
    const claims = tokens.verify(token, id);
    expect(claims.role).toBe("observer");
    expect(new Date(claims.expiresAtMs).toISOString()).toBe(expires_at);
    const asHost = await observerToken(withJson(`/calls/${id}/token`, { role: "host" }), params());
    expect(await codeOf(asHost)).toEqual([422, "invalid"]);
    const unknown = await observerToken(
      withJson("/calls/x/token", { role: "observer" }),
      params("call_unknown1"),
    );
    expect(await codeOf(unknown)).toEqual([404, "call_not_found"]);
  });

  it("list calls as the contract writes them", async () => {
    const reply = await listCalls(at("/calls?q=caro%20pre&objection=price&limit=5"));
    const list = callListReplySchema.parse(await reply.json());
    expect(list.next_cursor).toBe("next");
    expect(list.calls).toEqual([
      {
        call_id: id,
        title: "Primera llamada",
        customer: { name: "Núria", company: "Acme" },
        started_at: "2030-01-01T00:00:00.000Z",
        ended_at: "2030-01-01T00:01:00.000Z",
        duration_ms: 60_000,
        status: "completed",
        language: "es",
        transcriber: "embedded",
        segments: 12,
        objections: { price: 2 },
      },
    ]);
    expect(searches).toMatchObject([{ query: "caro pre", objection: "price", limit: 5 }]);
    expect(await codeOf(await listCalls(at("/calls?limit=x")))).toEqual([400, "malformed"]);
  });

  it("read a call: its document and its state", async () => {
    const reply = await readCall(at(`/calls/${id}`), params());
    expect(reply.headers.get("cache-control")).toBe("no-store");
    const body = callReplySchema.parse(await reply.json());
    expect(body).toMatchObject({
      status: "completed",
      next_sample: 960_000,
      notes: "volver a llamar",
      coach_enabled: true,
      consent: { obtained: true },
    });
    expect(await codeOf(await readCall(at("/calls/x"), params("call_unknown1")))).toEqual([
      404,
      "call_not_found",
    ]);
  });

  it("give nothing to a request that is nobody's", async () => {
    principal = null;
    expect(await codeOf(await listCalls(at("/calls")))).toEqual([401, "unauthorized"]);
    expect(await codeOf(await readCall(at(`/calls/${id}`), params()))).toEqual([401, "unauthorized"]);
    expect(await codeOf(await startSession(at("/session/start", { method: "POST" })))).toEqual([
      401,
      "unauthorized",
    ]);
    expect([desk.touched, desk.started, searches]).toEqual([[], [], []]);
  });

  it("touch nothing for an id that cannot be one", async () => {
    for (const odd of ["short", "../../etc/passwd", "a'; drop table calls;--", "x".repeat(65), ""]) {
      for (const ask of [readCall, patchCall, deleteCall]) {
        expect(await codeOf(await ask(at("/calls/x"), params(odd)))).toEqual([404, "call_not_found"]);
      }
    }
    expect(desk.touched).toEqual([]);
  });

  it("change a call and answer it changed", async () => {
    const reply = await patchCall(withJson(`/calls/${id}`, { title: "Nueva" }, "PATCH"), params());
    expect(callReplySchema.parse(await reply.json()).call_metadata.call_id).toBe(id);
    expect(desk.patches).toEqual([{ title: "Nueva" }]);
    const wrong = await patchCall(withJson(`/calls/${id}`, { status: "live" }, "PATCH"), params());
    expect(await codeOf(wrong)).toEqual([422, "invalid"]);
    const empty = await patchCall(at(`/calls/${id}`, { method: "PATCH" }), params());
    expect(await codeOf(empty)).toEqual([400, "malformed"]);
  });

  it("delete a call without a body, and not one that goes on", async () => {
    const reply = await deleteCall(at(`/calls/${id}`, { method: "DELETE" }), params());
    expect([reply.status, await reply.text()]).toEqual([204, ""]);
    desk.failure = new CallError("call_not_completed", "the call is not completed");
    expect(await codeOf(await deleteCall(at(`/calls/${id}`, { method: "DELETE" }), params()))).toEqual([
      409,
      "call_not_completed",
    ]);
  });

  it("switch the coach, and only on true or false", async () => {
    const reply = await toggleCoach(at(`/coach/${id}/toggle?enabled=false`, { method: "POST" }), params());
    expect(await reply.json()).toEqual({ coach_enabled: false });
    for (const query of ["", "?enabled=", "?enabled=1", "?enabled=true&enabled=false", "?enabled=true&x=1"]) {
      const wrong = await toggleCoach(at(`/coach/${id}/toggle${query}`, { method: "POST" }), params());
      expect(await codeOf(wrong)).toEqual([400, "malformed"]);
    }
    expect(desk.toggles).toEqual([false]);
  });

  it("give transcripts as downloads with a name for every client", async () => {
    const reply = await transcriptTxt(at(`/calls/${id}/transcript.txt`), params());
    expect(reply.headers.get("content-disposition")).toBe(
      "attachment; filename=\"Senor.txt\"; filename*=UTF-8''Se%C3%B1or.txt",
    );
    expect(await reply.text()).toBe("ñ");
    const missing = await transcriptCsv(at("/calls/x/transcript.csv"), params("call_unknown1"));
    expect(await codeOf(missing)).toEqual([404, "call_not_found"]);
  });

  it("say that the server lives, whether it is ready and what is missing", async () => {
    expect(await (await healthz()).json()).toEqual({ ok: true, version: "1.2.3", sessions_active: 3 });
    expect((await readyz()).status).toBe(200);
    readiness = { ok: false, missing: ["the speech engine is warming up"] };
    const reply = await readyz();
    expect([reply.status, await reply.json()]).toEqual([503, readiness]);
  });

  it("serve the metrics, the description and its page", async () => {
    expect(await (await metricsText()).text()).toContain("coach_live_calls 3");
    expect(await (await openapi()).json()).toMatchObject({ openapi: "3.1.0", info: { version: "1.2.3" } });
    const page = await docs();
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
  });
});
