import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import { auditListReplySchema, type AuditListReply } from "../../lib/contract/rest.ts";
import { connectRaw, connectSocketIo, joined } from "./call-client.ts";
import { wordTraces } from "./data-traces.ts";
import { patternPcm } from "./sound.ts";
import {
  ask,
  eventually,
  expectProblem,
  jsonOf,
  listCalls,
  readCall,
  startBuiltServer,
  startCall,
} from "./server-under-test.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let dataFolder: string;
let server: RunningServer;
beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), "sales-coach-privacy-"));
  server = await startBuiltServer({ CONSENT_REQUIRED: "true", DATA_DIR: dataFolder });
}, 120_000);
afterAll(async () => {
  await server.stop();
  await rm(dataFolder, { recursive: true, force: true });
});

const consent = { obtained: true, method: "written", note: "zqnotadeconsentimiento" };
const start = (body?: unknown) => ask(server, "/session/start", { method: "POST", body });

async function audit(query = ""): Promise<AuditListReply["entries"]> {
  const answer = await ask(server, `/audit${query}`);
  expect(answer.status).toBe(200);
  return jsonOf(answer, auditListReplySchema).entries;
}

describe("§8 CONSENT_REQUIRED", () => {
  it.each([
    undefined,
    {},
    { consent: { obtained: false, method: "verbal" } },
    { language: "multi", title: "zqsinpermiso" },
    { transcriber: "deepgram" },
    { playbook: "no-such-playbook", customer: { name: "zqsinpermiso" } },
  ])(
    "without consent %j is 422 consent_required, before anything else is looked at or stored",
    async (body) => {
      expectProblem(await start(body), 422, "consent_required");
      expect(await listCalls(server)).toMatchObject({ calls: [] });
      expect(await wordTraces(dataFolder, ["zqsinpermiso"])).toEqual([]);
      expect(await readdir(join(dataFolder, "audio")).catch(() => [])).toEqual([]);
    },
  );

  it("a body that is not one is refused as ever", async () => {
    expectProblem(
      await ask(server, "/session/start", {
        method: "POST",
        body: "{",
        headers: { "Content-Type": "application/json" },
      }),
      400,
      "malformed",
    );
    expectProblem(await start({ consent: { obtained: "yes" } }), 422, "invalid");
  });

  it("consent is kept with how, when and by whom, and is in the call and its exports", async () => {
    const beforeMs = Date.now();
    const call = await startCall(server, { consent, title: "Con permiso" });
    const read = await readCall(server, call.call_id);
    expect(read.consent).toMatchObject({ ...consent, by: "local" });
    expect(Date.parse(read.consent?.at ?? "")).toBeGreaterThanOrEqual(beforeMs);
    expect(Date.parse(read.consent?.at ?? "")).toBeLessThanOrEqual(Date.now());
    expect(read.call_metadata.consent).toEqual(read.consent);
    for (const format of ["txt", "md"]) {
      const text = (await ask(server, `/calls/${call.call_id}/transcript.${format}`)).body.toString();
      expect(text).toContain("por escrito");
      expect(text).toContain("local");
      expect(text).toContain(consent.note);
    }
    const json = await ask(server, `/calls/${call.call_id}/transcript.json`);
    expect(JSON.parse(json.body.toString())).toMatchObject({ call_metadata: { consent: read.consent } });
  });
});

describe("the audit log", () => {
  it("knows who did what with a call, in order, without a word of it", async () => {
    const call = await startCall(server, {
      consent,
      title: "zqtituloaudit",
      customer: { name: "zqcliente" },
    });
    const { call_id: id } = call;
    const host = connectSocketIo(server, call);
    await joined(host);
    await host.audio(0, patternPcm(0, 16_000));
    const { token } = JSON.parse(
      (await ask(server, `/calls/${id}/token`, { body: { role: "observer" } })).body.toString(),
    ) as { token: string };
    await joined(connectRaw(server, { call_id: id, token }));
    host.send("stop_transcription");
    await host.next("call_completed", undefined, 60_000);
    await readCall(server, id);
    await readCall(server, id);
    await ask(server, `/calls/${id}`, { method: "PATCH", body: { notes: "zqnotas", title: "zqotrotitulo" } });
    await ask(server, `/calls/${id}/transcript.csv`);
    for (const range of ["bytes=0-99", "bytes=100-199", "bytes=200-"]) {
      await ask(server, `/calls/${id}/audio/loop.wav`, { headers: { Range: range } });
    }
    expect((await ask(server, `/calls/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await ask(server, `/calls/${id}`)).status).toBe(404);

    const expected = [
      ["started", {}],
      ["consented", {}],
      ["hosted", {}],
      ["token_issued", { role: "observer" }],
      ["observed", {}],
      ["read", {}],
      ["changed", { fields: "title,notes" }],
      ["exported", { format: "csv" }],
      ["listened", { view: "loop" }],
      ["deleted", {}],
    ];
    // What is part of a call is noted behind it.
    const entries = await eventually(async () => {
      const all = (await audit(`?call_id=${id}`)).filter(({ action }) => action !== "audit_read");
      return all.length >= expected.length ? all : null;
    }, "everything is noted");
    const sorted = (all: unknown[]): string[] => all.map((one) => JSON.stringify(one)).sort();
    expect(sorted(entries.map(({ action, detail }) => [action, detail]))).toEqual(sorted(expected));
    expect(entries[0]?.action).toBe("deleted");
    expect(new Set(entries.map(({ by }) => `${by.id} ${by.name}`))).toEqual(new Set(["local local"]));
    expect(JSON.stringify(entries)).not.toContain("zq");
  }, 120_000);

  it("comes in pages, from a time on, and refuses what it does not know", async () => {
    await listCalls(server);
    const all = await audit("?limit=200");
    expect(all.length).toBeGreaterThan(10);
    const first = jsonOf(await ask(server, "/audit?limit=4"), auditListReplySchema);
    const second = await audit(`?limit=4&cursor=${first.next_cursor ?? ""}`);
    expect([...first.entries, ...second].map(({ id }) => id)).toEqual(all.slice(0, 8).map(({ id }) => id));
    expect(await audit(`?since=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual([]);
    for (const query of [
      "?limit=0",
      "?limit=201",
      "?cursor=x",
      "?call_id=../x",
      "?since=yesterday",
      "?who=ana",
    ]) {
      expectProblem(await ask(server, `/audit${query}`), 400, "malformed");
    }
  });

  it("is read on the command line while the server runs", async () => {
    const run = async (...words: string[]): Promise<string> =>
      (
        await promisify(execFile)("npm", ["run", "-s", "audit", "--", ...words], {
          cwd: root,
          env: { ...process.env, DATA_DIR: dataFolder },
        })
      ).stdout;
    const all = await audit("?limit=200");
    const call = all.find(({ action }) => action === "deleted");
    const lines = (await run("--call", call?.call_id ?? "", "--json")).trim().split("\n");
    const told = lines.map((line) => JSON.parse(line) as { action: string; call_id: string });
    expect(told.length).toBeGreaterThan(5);
    expect(told.every(({ call_id }) => call_id === call?.call_id)).toBe(true);
    expect(told.map(({ action }) => action)).toContain("deleted");
    expect(await run("--since", "2999-01-01")).toBe("");
    expect(await run()).toMatch(/local \(manager\) +deleted +call_/u);
    await expect(run("--since", "yesterday")).rejects.toMatchObject({ code: 2 });
  }, 60_000);
});
