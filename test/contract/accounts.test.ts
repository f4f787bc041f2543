import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer, type RunningServer } from "../../bin/running-server.ts";
import {
  callListReplySchema,
  sessionStartReplySchema,
  tokenReplySchema,
  type SessionStartReply,
} from "../../lib/contract/rest.ts";
import { apiRoutes } from "../../lib/rest/routes.ts";
import { accountCommand, addKey, addUser } from "./account-commands.ts";
import { signIn } from "./accounts-under-test.ts";
import { connectRaw, connectSocketIo } from "./call-client.ts";
import { ask, expectProblem, jsonOf, type Answer } from "./server-under-test.ts";

const password = randomBytes(12).toString("base64url");

type Who = "nobody" | "owner" | "otherRep" | "repKey" | "manager" | "key";
const everyone: readonly Who[] = ["nobody", "owner", "otherRep", "repKey", "manager", "key"];
const reps: ReadonlySet<Who> = new Set<Who>(["otherRep", "repKey"]);

/** What a route answers; `own` to whoever may, for a call of `owner` where it names one. */
type Rule =
  | { readonly open: number }
  | { readonly manager: number; readonly body?: unknown }
  | { readonly signedIn: number; readonly body?: unknown; readonly query?: string }
  | { readonly own: number; readonly body?: unknown; readonly query?: string };

/** Every route has to be here: what a new one answers to whom is decided when it is made. */
const rules: Readonly<Record<string, Rule>> = {
  "POST /session/start": { signedIn: 200 },
  "GET /calls": { signedIn: 200 },
  "GET /calls/{id}": { own: 200 },
  "PATCH /calls/{id}": { own: 200, body: { notes: "volver a llamar" } },
  // Theirs to delete, once it is completed.
  "DELETE /calls/{id}": { own: 409 },
  "POST /calls/{id}/token": { own: 200, body: { role: "observer" } },
  "GET /calls/{id}/transcript.txt": { own: 200 },
  "GET /calls/{id}/transcript.json": { own: 200 },
  "GET /calls/{id}/transcript.srt": { own: 200 },
  "GET /calls/{id}/transcript.vtt": { own: 200 },
  "GET /calls/{id}/transcript.csv": { own: 200 },
  "GET /calls/{id}/transcript.md": { own: 200 },
  "GET /calls/{id}/audio/{view}.wav": { own: 200 },
  "POST /coach/{id}/toggle": { own: 200, query: "?enabled=true" },
  "GET /audit": { manager: 200 },
  "GET /playbooks": { signedIn: 200 },
  // Whoever may write is told what is missing.
  "POST /playbooks": { manager: 422, body: {} },
  "GET /playbooks/{name}": { signedIn: 200 },
  "GET /playbooks/{name}/versions": { signedIn: 200 },
  "POST /playbooks/{name}/versions": { manager: 422, body: {} },
  "GET /playbooks/{name}/versions/{version}": { signedIn: 200 },
  "POST /playbooks/{name}/versions/{version}/restore": { manager: 422, body: {} },
  "POST /playbooks/{name}/import": { manager: 422, body: {} },
  "GET /playbooks/{name}/export.json": { signedIn: 200 },
  "POST /playbooks/{name}/try": { signedIn: 200, body: { text: "Es muy caro.", language: "es" } },
  "GET /recorded-calls/{file}": { signedIn: 200 },
  "GET /recorded-calls/{name}/{file}": { signedIn: 200 },
  // Nothing was sent that could be read.
  "POST /sign-in": { open: 415 },
  "POST /sign-out": { open: 303 },
  "GET /healthz": { open: 200 },
  "GET /readyz": { open: 200 },
  "GET /metrics": { signedIn: 200 },
  "GET /openapi.json": { signedIn: 200 },
  "GET /docs": { signedIn: 200 },
};
const routes = apiRoutes.flatMap(({ path, methods }) => methods.map((method) => `${method} ${path}`));

describe("§4 accounts", () => {
  let folder: string;
  let server: RunningServer;
  let call: SessionStartReply;
  const shown = new Map<Who, Readonly<Record<string, string>>>([["nobody", {}]]);
  const as = (who: Who): Readonly<Record<string, string>> => {
    const known = shown.get(who);
    if (known === undefined) throw new Error(`${who} has not signed in`);
    return known;
  };
  const startAs = async (who: Who, title = ""): Promise<SessionStartReply> => {
    const answer = await ask(server, "/session/start", { body: { title }, headers: as(who) });
    return jsonOf(answer, sessionStartReplySchema);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sales-coach-accounts-"));
    // Before the first start: the command prepares the database.
    for (const [name, role] of [
      ["ana", "rep"],
      ["eva", "rep"],
      ["max", "manager"],
    ] as const) {
      await addUser(folder, name, role, password);
    }
    server = await startServer({
      AUTH_SECRET: randomBytes(24).toString("base64url"),
      DATA_DIR: folder,
      MAX_LIVE_CALLS: "200",
      // On a busy machine these tests take longer than the two minutes in which a call without a host goes.
      RESUME_WINDOW_SEC: "900",
      LOG_LEVEL: "debug",
    });
    shown.set("owner", { Cookie: await signIn(server, "ana", password) });
    shown.set("otherRep", { Cookie: await signIn(server, "eva", password) });
    shown.set("manager", { Cookie: await signIn(server, "max", password) });
    // While it runs.
    shown.set("repKey", { Authorization: `Bearer ${await addKey(folder, "dialler", "rep")}` });
    shown.set("key", { Authorization: `Bearer ${await addKey(folder, "crm")}` });
    call = await startAs("owner", "Llamada de Ana");
  }, 180_000);
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("has a rule for every route, and none for others", () => {
    expect(Object.keys(rules).sort()).toEqual([...routes].sort());
  });

  const addressOf = (path: string, query: string, id: string): string =>
    path
      .replace("{id}", id)
      .replace("{view}", "mix")
      .replace("{name}/{file}", "es-short/alignment.json")
      .replace("{file}", "index.json")
      .replace("{name}", "default")
      .replace("{version}", "1") + query;

  const askAs = (who: Who, route: string, id: string): Promise<Answer> => {
    const [method = "GET", path = ""] = route.split(" ");
    const rule = rules[route];
    const { body, query = "" } = rule === undefined || "open" in rule ? {} : { query: "", ...rule };
    // Everyone may sign out, and would have done so by that.
    const headers = path === "/sign-out" ? {} : as(who);
    const options = { method, headers, ...(body === undefined ? {} : { body }) };
    return ask(server, addressOf(path, query, id), options);
  };

  describe.each(routes)("%s", (route) => {
    const rule = rules[route] ?? { open: 0 };

    it.each(everyone)("answers %s as it must", async (who) => {
      const answer = await askAs(who, route, call.call_id);
      if ("open" in rule) expect(answer.status).toBe(rule.open);
      else if (who === "nobody") expectProblem(answer, 401, "unauthorized");
      else if ("manager" in rule) {
        if (who === "manager" || who === "key") expect(answer.status).toBe(rule.manager);
        else expectProblem(answer, 403, "not_allowed");
      } else if ("signedIn" in rule) expect(answer.status).toBe(rule.signedIn);
      else if (reps.has(who)) {
        expectProblem(answer, 404, "call_not_found");
        // Not a letter tells it from a call that never was.
        const unknown = await askAs(who, route, "call_that_never_was");
        const told = ({ headers: sent, body }: Answer): unknown => [{ ...sent, date: "" }, body.toString()];
        expect(told(answer)).toEqual(told(unknown));
      } else
        expect({ status: answer.status, text: answer.body.toString() }).toMatchObject({ status: rule.own });
    });

    it("answers a wrong key, a foreign cookie and an unknown scheme as nobody", async () => {
      if ("open" in rule) return;
      const [method = "GET", path = ""] = route.split(" ");
      const cookie = as("owner").Cookie ?? "";
      for (const shown of [
        { Authorization: `Bearer scl_${randomBytes(32).toString("base64url")}` },
        { Authorization: "Bearer " },
        { Authorization: "Basic YW5hOmFuYQ==" },
        { Cookie: `${cookie.slice(0, -4)}AAAA` },
        { Cookie: "sales-coach.session_token=ana" },
        // A key that is wrong is not made up for by a cookie.
        { Authorization: "Bearer wrong", Cookie: cookie },
        { "X-Principal": "max", "X-Forwarded-User": "max", "X-Middleware-Subrequest": "middleware" },
      ]) {
        const answer = await ask(server, addressOf(path, "", call.call_id), { method, headers: shown });
        expectProblem(answer, 401, "unauthorized");
      }
    });
  });

  it("pages lead nobody to signing in, and back; programs and parts of pages are told", async () => {
    for (const path of [
      "/",
      "/history",
      `/history/${call.call_id}`,
      `/live/${call.call_id}?x=1`,
      "/nothing",
    ]) {
      const answer = await ask(server, path, { headers: { Accept: "text/html" } });
      expect(answer.status).toBe(303);
      const next = path === "/" ? "" : `?${new URLSearchParams({ next: path }).toString()}`;
      expect(answer.headers.location).toBe(`/sign-in${next}`);
      expect((await ask(server, path, { headers: as("owner") })).status).toBe(
        path === "/nothing" ? 404 : 200,
      );
    }
    expect((await ask(server, "/docs", { headers: { Accept: "text/html" } })).status).toBe(303);
    for (const [path, shown] of [
      ["/history", { RSC: "1" }],
      ["/worklets/capture.js", {}],
      ["/_next/data/x.json", {}],
    ] as const) {
      expectProblem(await ask(server, path, { headers: shown }), 401, "unauthorized");
    }
    expect((await ask(server, "/icon.svg")).status).toBe(200);
  });

  it("lists and searches give a rep the own calls, page by page, and a manager everyone's with their names", async () => {
    const word = `palabra${randomBytes(6).toString("hex")}`;
    const started: { readonly who: Who; readonly id: string }[] = [];
    for (const who of ["owner", "otherRep", "owner", "key", "otherRep", "owner"] as const) {
      started.push({ who, id: (await startAs(who, word)).call_id });
    }
    const listed = async (who: Who, limit: number): Promise<readonly string[]> => {
      const ids: string[] = [];
      for (let cursor: string | null = ""; cursor !== null;) {
        const next: string = cursor === "" ? "" : `&cursor=${cursor}`;
        const answer = await ask(server, `/calls?q=${word}&limit=${limit}${next}`, { headers: as(who) });
        const page = jsonOf(answer, callListReplySchema);
        ids.push(...page.calls.map((one) => one.call_id));
        cursor = page.next_cursor;
      }
      return ids;
    };
    const of = (...whose: Who[]): readonly string[] =>
      started
        .filter(({ who }) => whose.includes(who))
        .map(({ id }) => id)
        .reverse();
    expect(await listed("owner", 1)).toEqual(of("owner"));
    expect(await listed("otherRep", 20)).toEqual(of("otherRep"));
    expect(await listed("repKey", 20)).toEqual([]);
    for (const who of ["manager", "key"] as const) {
      expect(await listed(who, 2)).toEqual(of("owner", "otherRep", "key"));
    }
    const answer = await ask(server, `/calls?q=${word}`, { headers: as("manager") });
    const names = jsonOf(answer, callListReplySchema).calls.map((one) => one.owner?.name);
    expect(names).toEqual(["ana", "eva", "crm", "ana", "eva", "ana"]);
  });

  describe.each([
    ["/ws", connectRaw],
    ["Socket.IO", connectSocketIo],
  ] as const)("the socket %s", (_name, connect) => {
    it("takes the token of the call and nothing else", async () => {
      const other = await startAs("otherRep");
      expect(await connect(server, { call_id: call.call_id, token: null }).closed).toBe(4401);
      expect(await connect(server, { call_id: call.call_id, token: other.token }).closed).toBe(4401);
      const key = as("key").Authorization?.replace("Bearer ", "") ?? "";
      expect(await connect(server, { call_id: call.call_id, token: key }).closed).toBe(4401);
      const host = connect(server, call);
      expect(await host.next("session_started")).toMatchObject({ role: "host" });
    });

    it("lets a manager watch and judge, a rep watch the own call, and neither do what is the host's", async () => {
      for (const who of ["manager", "owner"] as const) {
        const answer = await ask(server, `/calls/${call.call_id}/token`, {
          body: { role: "observer" },
          headers: as(who),
        });
        const { token } = jsonOf(answer, tokenReplySchema);
        const watching = connect(server, { call_id: call.call_id, token });
        expect(await watching.next("session_started")).toMatchObject({ role: "observer" });
        for (const [type, data] of [
          ["stop_transcription", {}],
          ["toggle_coach", { enabled: false }],
          ["choose_voice", { voice: 0 }],
          ["audio_lost", { first_sample: 0, samples: 16, reason: "x" }],
        ] as const) {
          watching.send(type, data);
          expect(await watching.next("error")).toMatchObject({ code: "not_allowed" });
        }
        watching.send("suggestion_feedback", { suggestion_id: "sug_of_nobody", verdict: "used" });
        const code = who === "manager" ? "suggestion_not_found" : "not_allowed";
        expect(await watching.next("error")).toMatchObject({ code });
      }
    });
  });

  it("whoever is removed, and whatever key, is out with the next request", async () => {
    await addUser(folder, "Leo", "rep", password);
    const cookie = await signIn(server, "LEO", password);
    const key = await addKey(folder, "old-crm");
    const leos = { Cookie: cookie };
    const keys = { Authorization: `Bearer ${key}` };
    const started = await ask(server, "/session/start", { method: "POST", headers: leos });
    const theirs = jsonOf(started, sessionStartReplySchema);
    for (const shown of [leos, keys])
      expect((await ask(server, "/calls", { headers: shown })).status).toBe(200);
    // What a role allows changes at once, too.
    await accountCommand("user", ["role", "leo", "--role", "manager"], { dataFolder: folder });
    expect((await ask(server, `/calls/${call.call_id}`, { headers: leos })).status).toBe(200);
    const open = connectRaw(server, theirs);
    await open.next("session_started");
    await accountCommand("user", ["remove", "leo"], { dataFolder: folder });
    await accountCommand("key", ["remove", "old-crm"], { dataFolder: folder });
    for (const shown of [leos, keys]) {
      expectProblem(await ask(server, "/calls", { headers: shown }), 401, "unauthorized");
    }
    expect(await connectRaw(server, theirs).closed).toBe(4401);
    // What was open is closed within seconds, not when its token ends.
    expect(await open.closed).toBe(4401);
    expect((await ask(server, `/calls/${theirs.call_id}`, { headers: as("manager") })).status).toBe(200);
  });

  it("no request of another site is carried out in the name of who is signed in", async () => {
    const path = `/calls/${call.call_id}`;
    for (const shown of [
      { Origin: "https://evil.example.com" },
      { Origin: "null" },
      { "Sec-Fetch-Site": "cross-site" },
      { Origin: `http://127.0.0.1:${new URL(server.url).port}.evil.example.com` },
    ]) {
      const given = { ...as("owner"), ...shown };
      for (const options of [
        { method: "PATCH", body: { title: "robada" }, headers: given },
        { method: "DELETE", headers: given },
        { method: "POST", headers: given },
      ]) {
        const target = options.method === "POST" ? "/session/start" : path;
        expectProblem(await ask(server, target, options), 403, "foreign_origin");
      }
      expectProblem(
        await ask(server, "/sign-out", { method: "POST", headers: given }),
        403,
        "foreign_origin",
      );
    }
    const answer = await ask(server, path, { headers: as("owner") });
    expect(answer.body.toString()).toContain("Llamada de Ana");
  });

  it("no password, key, cookie or token is in the log", () => {
    const written = server.output();
    expect(written).toContain('"path":"/calls"');
    const cookie = (as("owner").Cookie ?? "").split("=")[1] ?? "";
    for (const secret of [password, as("key").Authorization?.slice(7) ?? "", cookie, call.token]) {
      expect(secret.length).toBeGreaterThan(10);
      expect(written).not.toContain(secret);
      expect(written).not.toContain(encodeURIComponent(secret));
    }
  });
});
