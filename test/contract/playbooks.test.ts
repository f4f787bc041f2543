import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import type { Playbook } from "../../lib/contract/playbook.ts";
import {
  playbookListReplySchema,
  playbookReplySchema,
  playbookTrialReplySchema,
  playbookVersionsReplySchema,
  type PlaybookReply,
} from "../../lib/contract/playbook-rest.ts";
import { auditListReplySchema } from "../../lib/contract/rest.ts";
import { addUser } from "./account-commands.ts";
import { signIn } from "./accounts-under-test.ts";
import { ask, expectProblem, jsonOf, readCall, startBuiltServer, startCall } from "./server-under-test.ts";

let dataFolder: string;
let server: RunningServer;
beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), "sales-coach-playbooks-"));
  server = await startBuiltServer({ DATA_DIR: dataFolder });
}, 120_000);
afterAll(async () => {
  await server.stop();
  await rm(dataFolder, { recursive: true, force: true });
});

const playbook = (name: string, changes: Partial<Playbook> = {}): Playbook => ({
  name,
  title: "El nuestro",
  product: "Ruta Clara",
  competitors: ["Acme Cloud"],
  keyterms: { es: [], en: [] },
  entries: [
    { id: "es-price", language: "es", type: "price", replies: ["¿Comparado con qué?", "¿{competitor}?"] },
    {
      id: "es-price-budget",
      language: "es",
      type: "price",
      when: ["presupuest*"],
      replies: ["¿Cuándo se abre otra vez?"],
    },
  ],
  ...changes,
});

async function created(book: Playbook): Promise<PlaybookReply> {
  const answer = await ask(server, "/playbooks", { body: { playbook: book } });
  expect({ status: answer.status, text: answer.body.toString() }).toMatchObject({ status: 201 });
  return jsonOf(answer, playbookReplySchema);
}

async function read(path: string): Promise<PlaybookReply> {
  const answer = await ask(server, path);
  expect(answer.status).toBe(200);
  return jsonOf(answer, playbookReplySchema);
}

describe("playbooks", () => {
  it("the first start stores the shipped one, which calls without a name get", async () => {
    const list = jsonOf(await ask(server, "/playbooks"), playbookListReplySchema);
    expect(list.playbooks).toMatchObject([{ name: "default", version: 1, is_default: true }]);
    const call = await readCall(server, (await startCall(server)).call_id);
    expect(call.call_metadata.playbook).toEqual({ name: "default", version: 1 });
  });

  it("are created, changed on top of the version that was read, restored, and keep every version", async () => {
    const first = await created(playbook("changed"));
    expect(first).toMatchObject({ name: "changed", version: 1, current_version: 1, origin: "created" });
    const save = (based_on: number, title: string) =>
      ask(server, "/playbooks/changed/versions", {
        body: { based_on, playbook: playbook("changed", { title }) },
      });
    expect(jsonOf(await save(1, "Segunda"), playbookReplySchema)).toMatchObject({
      version: 2,
      title: "Segunda",
    });
    expectProblem(await save(1, "Perdida"), 409, "version_conflict");
    const restored = await ask(server, "/playbooks/changed/versions/1/restore", { body: { based_on: 2 } });
    expect(restored.status).toBe(201);
    expect(jsonOf(restored, playbookReplySchema)).toMatchObject({
      version: 3,
      title: "El nuestro",
      origin: "restored",
      restored_from: 1,
    });
    expect(await read("/playbooks/changed/versions/2")).toMatchObject({
      title: "Segunda",
      current_version: 3,
    });
    const versions = jsonOf(await ask(server, "/playbooks/changed/versions"), playbookVersionsReplySchema);
    expect(versions.versions.map(({ version, origin }) => [version, origin])).toEqual([
      [3, "restored"],
      [2, "edited"],
      [1, "created"],
    ]);
    expectProblem(
      await ask(server, "/playbooks", { body: { playbook: playbook("changed") } }),
      409,
      "playbook_exists",
    );
  });

  it("a call keeps the version it began with, over later changes and a restart", async () => {
    await created(playbook("steady"));
    const { call_id } = await startCall(server, { playbook: "steady" });
    await ask(server, "/playbooks/steady/versions", {
      body: { based_on: 1, playbook: playbook("steady", { title: "Nueva" }) },
    });
    const gone = once(server.process, "exit");
    server.process.kill("SIGKILL");
    await gone;
    server = await startBuiltServer({ DATA_DIR: dataFolder });
    expect((await readCall(server, call_id)).call_metadata.playbook).toEqual({ name: "steady", version: 1 });
    const later = await startCall(server, { playbook: "steady" });
    expect((await readCall(server, later.call_id)).call_metadata.playbook).toEqual({
      name: "steady",
      version: 2,
    });
    const list = jsonOf(await ask(server, "/playbooks"), playbookListReplySchema);
    expect(list.playbooks[0]).toMatchObject({ name: "default", version: 1, is_default: true });
  }, 180_000);

  it("go out as a file and come in again, under another name or as the next version", async () => {
    await created(playbook("exported"));
    const file = await ask(server, "/playbooks/exported/export.json?version=1");
    expect(file.headers["content-disposition"]).toBe('attachment; filename="exported-1.json"');
    const text = file.body.toString();
    expect(JSON.parse(text)).toEqual(playbook("exported"));
    const json = { "Content-Type": "application/json" };
    const copy = await ask(server, "/playbooks/copied/import", { method: "POST", body: text, headers: json });
    expect(jsonOf(copy, playbookReplySchema)).toMatchObject({
      name: "copied",
      version: 1,
      origin: "imported",
      playbook: { name: "copied" },
    });
    const again = (query: string) =>
      ask(server, `/playbooks/copied/import${query}`, { method: "POST", body: text, headers: json });
    expectProblem(await again(""), 409, "playbook_exists");
    expectProblem(await again("?based_on=7"), 409, "version_conflict");
    expect(jsonOf(await again("?based_on=1"), playbookReplySchema).version).toBe(2);
  });

  it("with faults are refused, each named by its place", async () => {
    const book = playbook("faulty");
    const wrong = {
      ...book,
      entries: [
        { ...book.entries[0], replies: ["Hola {nombre}"] },
        { ...book.entries[1], type: "cost" },
      ],
    };
    const problem = expectProblem(
      await ask(server, "/playbooks/faulty/import", { method: "POST", body: wrong }),
      422,
      "invalid",
    );
    expect(problem.errors?.map(({ path }) => path)).toEqual(
      expect.arrayContaining(["entries[0].replies[0]", "entries[1].type"]),
    );
    expectProblem(await ask(server, "/playbooks/faulty"), 404, "playbook_not_found");
    expectProblem(await ask(server, "/playbooks/a%20b"), 404, "playbook_not_found");
    expectProblem(await ask(server, "/playbooks/default/versions/0"), 404, "playbook_not_found");
    expectProblem(await ask(server, "/playbooks/default?x=1"), 400, "malformed");
    const large = "x".repeat(1_100_000);
    expectProblem(await ask(server, "/playbooks/default/try", { body: { text: large } }), 413, "too_large");
  });

  it("say what a sentence would bring up, and why, also on a draft", async () => {
    await created(playbook("tried"));
    const tried = async (body: object) =>
      jsonOf(await ask(server, "/playbooks/tried/try", { body }), playbookTrialReplySchema);
    const sentence = { text: "no tenemos presupuesto para esto", language: "es" };
    const { detection, replies } = await tried(sentence);
    expect(detection?.type).toBe("price");
    expect(replies[0]).toMatchObject({
      text: "¿Cuándo se abre otra vez?",
      entry: "es-price-budget",
      reasons: [{ kind: "cues", points: 1, words: ["presupuest*"] }],
    });
    expect(replies.at(-1)).toMatchObject({ text: null, missing: ["competitor"] });
    expect(await tried({ text: "muchas gracias", language: "es" })).toMatchObject({
      detection: null,
      replies: [],
    });
    expect((await tried({ text: "hola", language: "es", type: "price" })).replies).toHaveLength(2);
    const draft = playbook("tried", {
      entries: [{ id: "new", language: "es", type: "price", replies: ["Recién escrita."] }],
    });
    expect((await tried({ ...sentence, playbook: draft })).replies.map(({ text }) => text)).toEqual([
      "Recién escrita.",
    ]);
    expect((await read("/playbooks/tried")).version).toBe(1);
  });

  it("changes are in the audit log", async () => {
    await created(playbook("audited"));
    const { entries } = jsonOf(await ask(server, "/audit?limit=5"), auditListReplySchema);
    expect(entries).toContainEqual(
      expect.objectContaining({
        action: "playbook_changed",
        call_id: null,
        detail: { playbook: "audited", version: "1", origin: "created" },
      }),
    );
  });
});

describe("playbooks where people sign in", () => {
  it("are read and tried by reps, changed by managers, and by nobody else", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sales-coach-playbooks-"));
    const guarded = await startBuiltServer({
      DATA_DIR: folder,
      AUTH_SECRET: "a-secret-of-more-than-32-characters!",
    });
    try {
      await addUser(folder, "ana", "rep", "una contraseña de ana");
      await addUser(folder, "eva", "manager", "una contraseña de eva");
      const asRep = { Cookie: await signIn(guarded, "ana", "una contraseña de ana") };
      const asManager = { Cookie: await signIn(guarded, "eva", "una contraseña de eva") };
      const body = { playbook: playbook("team") };
      expectProblem(await ask(guarded, "/playbooks"), 401, "unauthorized");
      expectProblem(await ask(guarded, "/playbooks", { body, headers: asRep }), 403, "not_allowed");
      expect((await ask(guarded, "/playbooks", { body, headers: asManager })).status).toBe(201);
      const restore = { body: { based_on: 1 }, headers: asRep };
      expectProblem(await ask(guarded, "/playbooks/team/versions/1/restore", restore), 403, "not_allowed");
      const seen = await ask(guarded, "/playbooks/team", { headers: asRep });
      expect(jsonOf(seen, playbookReplySchema)).toMatchObject({ version: 1, saved_by: "eva" });
      const trial = { text: "es demasiado caro", language: "es" };
      expect((await ask(guarded, "/playbooks/team/try", { body: trial, headers: asRep })).status).toBe(200);
    } finally {
      await guarded.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }, 180_000);
});

describe("the shipped playbook", () => {
  it("comes in as the file that it is", async () => {
    const shipped = await readFile(new URL("../../data/playbooks/default.json", import.meta.url), "utf8");
    const answer = await ask(server, "/playbooks/shipped-again/import", {
      method: "POST",
      body: shipped,
      headers: { "Content-Type": "application/json" },
    });
    expect(answer.status).toBe(201);
  });
});
