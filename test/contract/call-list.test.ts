import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import type { SessionStartReply } from "../../lib/contract/rest.ts";
import { connectSocketIo, joined, play } from "./call-client.ts";
import { expectKeys } from "./contract-keys.ts";
import { clip, patternPcm, recordedCall, type Sound } from "./sound.ts";
import {
  ask,
  expectAlive,
  expectProblem,
  listCalls,
  readCall,
  startBuiltServer,
  startCall,
} from "./server-under-test.ts";

const quiet: Sound = { sampleRateHz: 16_000, channels: 2, pcm: patternPcm(0, 1600) };

let server: RunningServer;
/** "That's too expensive for us, we don't have the budget." and the rep's "I understand. …". */
let spoken: SessionStartReply;
let second: SessionStartReply;
let third: SessionStartReply;
let open: SessionStartReply;
beforeAll(async () => {
  server = await startBuiltServer();
  spoken = await completedCall(
    {
      language: "en",
      title: "Renovación Añeja",
      customer: { name: "José Pérez", company: "Acme Ibérica" },
    },
    clip(recordedCall("en-short").sound, 18_700, 25_000),
  );
  second = await completedCall({ title: "Primera visita", customer: { company: "Zeta" } }, quiet);
  third = await completedCall({ title: 'NEAR("raro*" OR -cosa)' }, quiet);
  open = await startCall(server, { title: "Sin empezar" });
}, 180_000);
afterAll(async () => {
  await server.stop();
});

async function completedCall(body: unknown, sound: Sound): Promise<SessionStartReply> {
  const call = await startCall(server, body);
  const host = connectSocketIo(server, call);
  await joined(host);
  await play(host, sound, { speed: 20 });
  host.send("stop_transcription");
  await host.next("call_completed", undefined, 60_000);
  await host.closed;
  return call;
}

async function found(query: Record<string, string>): Promise<string[]> {
  const { calls } = await listCalls(server, `?${new URLSearchParams(query).toString()}`);
  return calls.map((call) => call.call_id);
}

describe("§3 GET /calls", () => {
  it("§3 lists all calls, newest first, with the names of the contract", async () => {
    const answer = await ask(server, "/calls");
    const reply = JSON.parse(answer.body.toString()) as { calls: unknown[]; next_cursor: unknown };
    expectKeys(reply, ["calls", "next_cursor"]);
    expect(reply.next_cursor).toBeNull();
    for (const call of reply.calls) {
      expectKeys(call, [
        "call_id",
        "title",
        "customer",
        "started_at",
        "ended_at",
        "duration_ms",
        "status",
        "language",
        "transcriber",
        "segments",
        "objections",
      ]);
    }
    const { calls } = await listCalls(server);
    expect(calls.map((call) => call.call_id)).toEqual(
      [open, third, second, spoken].map((call) => call.call_id),
    );
    expect(calls.at(-1)).toMatchObject({
      title: "Renovación Añeja",
      customer: { name: "José Pérez", company: "Acme Ibérica" },
      duration_ms: 6300,
      status: "completed",
      language: "en",
      transcriber: "embedded",
      objections: { price: 1 },
    });
    expect(calls.at(-1)?.segments).toBeGreaterThanOrEqual(2);
    expect(calls[0]).toMatchObject({ status: "created", ended_at: null, duration_ms: 0, objections: {} });
  });

  it.each([
    ["a word that was said", "expensive"],
    ["the last word a prefix", "expens"],
    ["case ignored", "EXPENSIVE"],
    ["several words, in any order", "budget expensive"],
    ["words of different segments", "understand budget"],
    ["title, accents ignored", "renovacion aneja"],
    ["title with accents", "RENOVACIÓN AÑEJA"],
    ["customer", "jose perez"],
    ["company, a prefix", "iber"],
    ["title, customer and speech together", "jose renovacion iberica expensive budg"],
    ["punctuation around the words", "¿expensive?, (budget)"],
    ["spaces around", "   expensive   "],
  ])("§3 q finds %s: %j", async (_what, q) => {
    expect(await found({ q })).toEqual([spoken.call_id]);
  });

  it.each([
    ["a prefix that is not the last word", "expens budget"],
    ["one word more than there is", "expensive elephant"],
    ["the middle of a word", "pensive"],
    ["words of different calls", "expensive visita"],
  ])("§3 q does not find %s: %j", async (_what, q) => {
    expect(await found({ q })).toEqual([]);
  });

  it("§3 parameters without a value, as the contract writes them, are none", async () => {
    expect((await listCalls(server, "?q=&from=&to=&objection=&status=&limit=&cursor=")).calls).toHaveLength(
      4,
    );
    expect(await found({ q: "  " })).toHaveLength(4);
    expectProblem(await ask(server, `/calls?q=${"x".repeat(5000)}`), 400, "malformed");
  });

  it.each([
    '"',
    "'",
    '"expensive',
    "expensive*",
    "title:expensive",
    "NEAR(a b)",
    "a OR b",
    "NOT",
    "AND",
    "-x",
  ])("§3 q is words, never a query language: %j", async (q) => {
    await found({ q });
    await expectAlive(server);
  });

  it.each(["%", "_", "'; DROP TABLE calls; --", "(", ")", "^", ":", "\\", "🎧", "{}"])(
    "§3 q survives %j",
    async (q) => {
      await found({ q });
      await expectAlive(server);
    },
  );

  it("§3 words that look like operators are words", async () => {
    for (const q of ["near raro", "raro OR cosa", 'NEAR("raro*" OR -cosa)']) {
      expect(await found({ q }), q).toEqual([third.call_id]);
    }
    expect(await found({ q: "raro AND cosa" })).toEqual([]);
  });

  it("§3 filters by objection and status", async () => {
    expect(await found({ objection: "price" })).toEqual([spoken.call_id]);
    expect(await found({ objection: "timing" })).toEqual([]);
    expect(await found({ status: "created" })).toEqual([open.call_id]);
    expect(await found({ status: "completed" })).toHaveLength(3);
    expect(await found({ status: "completed", objection: "price", q: "acme" })).toEqual([spoken.call_id]);
    expect(await found({ status: "live" })).toEqual([]);
  });

  it("§3 filters from and to, by time and by day", async () => {
    const { calls } = await listCalls(server);
    const [at] = calls.filter((call) => call.call_id === second.call_id).map((call) => call.started_at);
    if (at === undefined) throw new Error("the call is not listed");
    expect(await found({ from: at })).toEqual([open, third, second].map((call) => call.call_id));
    expect(await found({ to: at })).toContain(spoken.call_id);
    expect(await found({ to: at })).not.toContain(third.call_id);
    const offset = new Date(Date.parse(at) + 2 * 3_600_000).toISOString().replace("Z", "+02:00");
    expect(await found({ from: offset })).toEqual(await found({ from: at }));
    const day = at.slice(0, 10);
    expect(await found({ from: day, to: new Date().toISOString().slice(0, 10) })).toHaveLength(4);
    expect(await found({ to: "2020-01-01" })).toEqual([]);
    expect(await found({ from: "2999-01-01" })).toEqual([]);
  });

  it("§3 limit and cursor lead through every call once", async () => {
    const seen: string[] = [];
    let query = "?limit=1";
    for (let page = 0; page < 10; page += 1) {
      const { calls, next_cursor: cursor } = await listCalls(server, query);
      expect(calls.length).toBeLessThanOrEqual(1);
      seen.push(...calls.map((call) => call.call_id));
      if (cursor === null) break;
      query = `?limit=1&cursor=${encodeURIComponent(cursor)}`;
    }
    expect(seen).toEqual([open, third, second, spoken].map((call) => call.call_id));
    const filtered = await listCalls(server, "?limit=2&status=completed");
    expect(filtered.calls).toHaveLength(2);
    const rest = await listCalls(server, `?limit=2&status=completed&cursor=${filtered.next_cursor ?? ""}`);
    expect(rest.calls.map((call) => call.call_id)).toEqual([spoken.call_id]);
    expect(rest.next_cursor).toBeNull();
  });

  it.each([
    "limit=0",
    "limit=101",
    "limit=-1",
    "limit=abc",
    "limit=1.5",
    "cursor=nonsense",
    "cursor=%00",
    "objection=money",
    "status=open",
    "from=yesterday",
    "to=2024-13-45",
    "nope=1",
    "nope=",
    "q=%00",
    "q=a&q=b",
    "limit=1&limit=2",
  ])("§3 ?%s is refused", async (query) => {
    const answer = await ask(server, `/calls?${query}`);
    expectProblem(answer, 400, "malformed");
    await expectAlive(server);
  });
});

describe("§3 PATCH and DELETE /calls/{id}", () => {
  const patch = (callId: string, body: unknown, headers: Record<string, string> = {}) =>
    ask(server, `/calls/${callId}`, { method: "PATCH", body, headers });

  it("§3 PATCH answers the same, changed, and the search follows", async () => {
    const changed = await patch(second.call_id, {
      title: "Ñandú inconfundible",
      customer: { name: "Olga", company: "Omega" },
      notes: "llamar el lunes\n2ª línea",
    });
    expect(changed.status).toBe(200);
    const reply = JSON.parse(changed.body.toString()) as Record<string, unknown>;
    expectKeys(reply, ["call_metadata", "segments", "objections", "suggestions", "summary"]);
    expectKeys(reply, ["status", "next_sample", "notes", "consent"]);
    expect(reply).toMatchObject({
      notes: "llamar el lunes\n2ª línea",
      call_metadata: { title: "Ñandú inconfundible", customer: { name: "Olga", company: "Omega" } },
    });
    expect(await readCall(server, second.call_id)).toMatchObject({ notes: reply.notes });
    expect(await found({ q: "nandu omega" })).toEqual([second.call_id]);
    expect(await found({ q: "visita" })).toEqual([]);
    const only = await patch(second.call_id, { notes: "" });
    expect(JSON.parse(only.body.toString())).toMatchObject({
      notes: "",
      call_metadata: { title: "Ñandú inconfundible" },
    });
    expect((await patch(second.call_id, {})).status).toBe(200);
  });

  it.each([
    ["language", { language: "en" }],
    ["title", { title: 5 }],
    ["title", { title: null }],
    ["notes", { notes: ["a"] }],
    ["customer.age", { customer: { age: 5 } }],
    ["status", { title: "x", status: "live" }],
  ])("§3 PATCH refuses a wrong or unknown %s by its name, and changes nothing", async (path, body) => {
    const problem = expectProblem(await patch(third.call_id, body), 422, "invalid");
    expect(problem.errors?.map((error) => error.path)).toContain(path);
    expect((await readCall(server, third.call_id)).call_metadata.title).toBe('NEAR("raro*" OR -cosa)');
  });

  it("§3 PATCH refuses what is no JSON with 400, another type with 415, too much with 413", async () => {
    const json = { "Content-Type": "application/json" };
    expectProblem(await patch(third.call_id, "{", json), 400, "malformed");
    expectProblem(await patch(third.call_id, "[]", json), 400, "malformed");
    expectProblem(
      await patch(third.call_id, "a=b", { "Content-Type": "text/plain" }),
      415,
      "unsupported_type",
    );
    expectProblem(await patch(third.call_id, { notes: "x".repeat(3_000_000) }), 413, "too_large");
    await expectAlive(server);
  });

  it.each([
    "x",
    "a.b.c.d.e",
    "..%2f..%2fetc",
    "a".repeat(65),
    "call%00null1",
    "ñandúñandú",
    "%20%20%20%20%20%20%20%20%20",
  ])("§3 the id %j does not match and is 404 everywhere", async (id) => {
    const path = encodeURI(decodeURIComponent(id)) === id ? id : encodeURI(id).replaceAll("%25", "%");
    for (const [method, rest] of [
      ["GET", ""],
      ["PATCH", ""],
      ["DELETE", ""],
      ["GET", "/transcript.txt"],
      ["GET", "/audio/mix.wav"],
      ["POST", "/token"],
    ] as const) {
      const body = method === "PATCH" ? {} : method === "POST" ? { role: "observer" } : undefined;
      const answer = await ask(server, `/calls/${path}${rest}`, { method, body });
      expectProblem(answer, 404, "call_not_found");
    }
    expectProblem(
      await ask(server, `/coach/${path}/toggle?enabled=true`, { method: "POST" }),
      404,
      "call_not_found",
    );
    await expectAlive(server);
  });

  it.each(["", "?enabled=yes", "?enabled=", "?enabled=true&enabled=false", "?on=true"])(
    "§3 POST /coach/{id}/toggle%s is refused",
    async (query) => {
      const answer = await ask(server, `/coach/${open.call_id}/toggle${query}`, { method: "POST" });
      expectProblem(answer, 400, "malformed");
    },
  );

  it("§3 DELETE is 409 until the call is completed, then 204, and audio, rows and search are gone", async () => {
    const secret = "zorroazulinconfundible";
    const call = await startCall(server, { title: secret });
    const host = connectSocketIo(server, call);
    await joined(host);
    await host.audio(0, quiet.pcm);
    const remove = () => ask(server, `/calls/${call.call_id}`, { method: "DELETE" });
    expectProblem(await remove(), 409, "call_not_completed");
    host.send("stop_transcription");
    await host.next("call_completed");
    expect(await found({ q: secret })).toEqual([call.call_id]);
    const gone = await remove();
    expect(gone.status).toBe(204);
    expect(gone.body.length).toBe(0);
    for (const rest of ["", "/transcript.json", "/audio/mix.wav"]) {
      expectProblem(await ask(server, `/calls/${call.call_id}${rest}`), 404, "call_not_found");
    }
    expectProblem(await remove(), 404, "call_not_found");
    expect(await found({ q: secret })).toEqual([]);
    expect(await connectSocketIo(server, call).closed).toBe(4404);
    const files = await readdir(server.dataFolder, { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile())) {
      expect(file.name).not.toContain(call.call_id);
      const bytes = await readFile(join(file.parentPath, file.name));
      expect(bytes.includes(secret), file.name).toBe(false);
      // That it was deleted, and by whom, stays in the audit log: the id and nothing else of it.
      if (!file.name.startsWith("coach.db")) expect(bytes.includes(call.call_id), file.name).toBe(false);
    }
    expect(await found({})).toHaveLength(4);
  });
});
