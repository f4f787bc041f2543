import { createHash, randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CallEvent } from "../contract/events.ts";
import { describeCallRepository, everything } from "./call-repository.conformance.ts";
import { migrateDatabase } from "./migrate.ts";
import { unusedPart } from "./page-scrub.ts";
import { createRepositoryClient, type RepositoryClient } from "./repository-client.ts";
import {
  sampleCall,
  sampleEvent,
  sampleInsight,
  sampleObjection,
  sampleSegment,
  sampleSuggestion,
  sampleWrite,
} from "./sample-calls.ts";
import { keptLog, migrationsFolder, storeWorker, systemClock, type LogLine } from "./test-platform.ts";

const callId = (): string => `call_${randomUUID()}`;

async function openClient(databaseUrl: string, lines: LogLine[] = []): Promise<RepositoryClient> {
  const logger = keptLog(lines);
  await migrateDatabase({ databaseUrl, migrationsFolder, logger });
  const client = createRepositoryClient({ ...storeWorker, databaseUrl, clock: systemClock, logger });
  await client.ready;
  return client;
}

describeCallRepository("the repository on two storage workers", async () => {
  const folder = await mkdtemp(join(tmpdir(), "repository-"));
  const databaseUrl = `file:${join(folder, "new folder", "coach.db")}`;
  let client = await openClient(databaseUrl);
  return {
    repository: client.repository,
    async restart() {
      await client.close();
      client = await openClient(databaseUrl);
      return client.repository;
    },
    async close() {
      await client.close();
      await rm(folder, { recursive: true });
    },
  };
});

describe("the storage workers", () => {
  let folder: string;
  let lines: LogLine[];
  let client: RepositoryClient;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "repository-"));
    lines = [];
    client = await openClient(`file:${folder}/coach.db`, lines);
  });
  afterEach(async () => {
    await client.close();
    await rm(folder, { recursive: true });
  });

  test("what is taken out of a call's segment is in no event, no search entry and no file any more", async () => {
    const id = callId();
    const secret = `zifra${randomUUID().replaceAll("-", "")}`;
    const told = (seq: number, text: string, revision: number): CallEvent => ({
      type: "transcript_update",
      data: {
        ...{
          call_id: id,
          seq,
          segment_id: "s1",
          revision,
          speaker: 1,
          role: "prospect",
          ts_ms: 0,
          end_ms: 900,
        },
        ...{
          text,
          is_final: true,
          confidence: null,
          words: [{ text, ts_ms: 0, end_ms: 900, confidence: null }],
        },
      },
    });
    const objected = (seq: number, objectionId: string, text: string): CallEvent => ({
      type: "objection_detected",
      data: {
        ...{
          call_id: id,
          seq,
          objection_id: objectionId,
          segment_id: "s1",
          speaker: 1,
          ts_ms: 0,
          type: "price",
        },
        ...{
          text,
          evidence: [{ start: 0, end: 4 }],
          confidence: 1,
          source: "rule",
          status: "confirmed",
          latency_ms: 1,
        },
      },
    });
    const noted = (seq: number, insightId: string, text: string): CallEvent => {
      const insight = sampleInsight(insightId, { text, when: text, status: "noted" });
      return { type: "insight", data: { call_id: id, seq, ...insight } };
    };
    await client.repository.create(sampleCall(id, { status: "live" }));
    for (let seq = 10; seq < 60; seq++) {
      await client.repository.write(sampleWrite(id, { events: [sampleEvent(id, seq)] }));
    }
    await client.repository.write(
      sampleWrite(id, {
        events: [
          told(1, `caro ${secret}`, 1),
          objected(2, "o1", `caro ${secret}`),
          objected(3, "o2", secret),
          noted(6, "i1", `mañana ${secret}`),
          noted(7, "i2", "caro"),
        ],
        insights: [
          sampleInsight("i1", { text: `mañana ${secret}`, when: secret }),
          sampleInsight("i2", { text: "caro", when: "caro" }),
        ],
        segments: [sampleSegment("s1", `caro ${secret}`)],
        objections: [
          sampleObjection("o1", { text: `caro ${secret}` }),
          sampleObjection("o2", { text: secret }),
        ],
      }),
    );
    await client.repository.write(
      sampleWrite(id, {
        events: [told(4, "caro [card]", 2), objected(5, "o1", "caro")],
        segments: [sampleSegment("s1", "caro [card]", { revision: 2 })],
        objections: [sampleObjection("o1", { text: "caro", evidence: [{ start: 0, end: 4 }] })],
        takenOut: ["s1"],
      }),
    );
    const events = await client.repository.eventsAfter(id, 0, 100);
    expect(events.slice(0, 5)).toMatchObject([
      { data: { seq: 1, revision: 1, text: "caro [card]", words: [{ text: "caro [card]" }] } },
      { data: { seq: 2, text: "caro" } },
      { data: { seq: 3, text: "" } },
      { data: { seq: 4, revision: 2 } },
      { data: { seq: 5, text: "caro" } },
    ]);
    expect(events.slice(5, 7)).toMatchObject([
      { type: "insight", data: { seq: 6, text: "" } },
      { type: "insight", data: { seq: 7, text: "caro", when: "caro" } },
    ]);
    const stored = await client.repository.load(id);
    expect(JSON.stringify(stored)).not.toContain(secret);
    expect((await client.repository.search({ ...everything, query: secret })).rows).toEqual([]);
    // Closing waits for the pass over the files.
    await client.close();
    expect((await bytesOf(folder)).includes(secret)).toBe(false);
    client = await openClient(`file:${folder}/coach.db`, lines);
  });

  test("the owner of a call is kept, and a search for one finds no other's, page by page", async () => {
    const [ana, eva, word] = [callId(), callId(), `dueño${randomUUID().replaceAll("-", "")}`];
    const mine = [callId(), callId(), callId()];
    for (const [index, id] of [mine[0], callId(), mine[1], callId(), callId(), mine[2]].entries()) {
      const ownerId = mine.includes(id ?? "") ? ana : [eva, null][index % 2];
      await client.repository.create(
        sampleCall(id ?? "", {
          ownerId: ownerId ?? null,
          title: word,
          status: index % 2 === 0 ? "completed" : "live",
          startedAtMs: Date.UTC(2026, 4, 1, 0, 0, index),
        }),
      );
    }
    const found = async (query: string | null, ownerId: string | null) =>
      (await client.repository.search({ ...everything, query, ownerId })).rows.map((row) => row.call.callId);
    expect((await client.repository.get(mine[0] ?? ""))?.ownerId).toBe(ana);
    const newestFirst = mine.toReversed();
    expect(await found(word, null)).toHaveLength(6);
    expect(await found(word, ana)).toEqual(newestFirst);
    expect(await found(null, ana)).toEqual(newestFirst);
    expect(await found(word, callId())).toEqual([]);
    const first = await client.repository.search({ ...everything, query: word, ownerId: ana, limit: 2 });
    const second = await client.repository.search({
      ...everything,
      query: word,
      ownerId: ana,
      limit: 2,
      cursor: first.nextCursor,
    });
    expect([...first.rows, ...second.rows].map((row) => row.call.callId)).toEqual(newestFirst);
    expect(second.nextCursor).toBeNull();
  });

  test("leave no word of a deleted call in any file of the database", async () => {
    const { repository } = client;
    // Words that begin alike: what the index keeps to tell them apart would begin alike, too.
    const secret = (text: string) =>
      `zqsecreto${createHash("sha256").update(text).digest("hex").slice(0, 14)}`;
    const secrets = ["terminada", "viva"].flatMap((kind) =>
      Array.from({ length: 905 }, (_, i) => secret(`${kind}${String(i)}`)),
    );
    const common = ["precio", "contrato", "semana", "equipo", "gracias", "ahora", "mañana", "proveedor"];
    const say = (i: number, extra: string) =>
      `${common[i % 8] ?? ""} ${common[(i * 3) % 8] ?? ""} palabra${String(i % 50)} ${extra}`;
    async function fill(callId: string, extra: (i: number) => string, status: "live" | "completed") {
      await repository.create(
        sampleCall(callId, { title: extra(900), customer: { name: extra(901) }, notes: extra(902) }),
      );
      for (let first = 0; first < 150; first += 30) {
        const segments = Array.from({ length: 30 }, (_, i) =>
          sampleSegment(`s${String(first + i)}`, say(first + i, extra(first + i))),
        );
        await repository.write(
          sampleWrite(callId, {
            segments,
            objections: [sampleObjection(`o${String(first)}`, { text: extra(first) })],
            suggestions: [sampleSuggestion(`g${String(first)}`, { text: extra(first) })],
            events: [
              {
                type: "status",
                data: { call_id: callId, seq: first + 1, state: "live", reason: "x", detail: extra(first) },
              },
              sampleEvent(callId, first + 2),
            ],
          }),
        );
      }
      // A line said again, and a renamed call: what was there before must go as well.
      await repository.write(
        sampleWrite(callId, { segments: [sampleSegment("s3", extra(903), { revision: 2 })] }),
      );
      await repository.write(sampleWrite(callId, { changes: { status, title: extra(904) } }));
    }
    for (let i = 0; i < 6; i++)
      await fill(`call_kept_${String(i)}`, (n) => `guardado${String(n)}`, "completed");
    await fill("call_secret_done", (i) => secret(`terminada${String(i)}`), "completed");
    await fill("call_secret_live", (i) => secret(`viva${String(i)}`), "live");
    for (let i = 6; i < 9; i++) await fill(`call_kept_${String(i)}`, (n) => `guardado${String(n)}`, "live");

    const found = async (words: readonly string[]) => {
      const bytes = (await bytesOf(folder)).toLowerCase();
      return words.filter((word) => bytes.includes(word));
    };
    expect((await found(secrets)).length).toBeGreaterThan(300);
    expect(await repository.delete("call_secret_done")).toBe(true);
    expect(await repository.delete("call_secret_live")).toBe(true);
    expect(await found([...secrets, "zqsecr", "call_secret"])).toEqual([]);
    expect(await found(["guardado149"])).toEqual(["guardado149"]);
    expect((await repository.load("call_kept_3"))?.segments).toHaveLength(150);
  });

  test("clear what SQLite left in the unused part of a page, and nothing else", async () => {
    for (const callId of ["call_doomed_1", "call_kept_1"]) {
      await client.repository.create(sampleCall(callId));
      const segments = Array.from({ length: 60 }, (_, i) =>
        sampleSegment(`s${String(i)}`, `frase ${String(i)}`),
      );
      await client.repository.write(sampleWrite(callId, { segments }));
    }
    const kept = await client.repository.load("call_kept_1");
    await client.close();

    const path = join(folder, "coach.db");
    const { default: Database } = await import("libsql");
    const planting = new Database(path);
    const pages = planting.prepare("SELECT pgno, data FROM sqlite_dbpage").all() as {
      pgno: number;
      data: ArrayBuffer;
    }[];
    let planted = 0;
    for (const { pgno, data: read } of pages) {
      const data = Buffer.from(read);
      const gap = unusedPart(data, pgno === 1 ? 100 : 0);
      if (gap === null || gap.byteLength < 20) continue;
      gap.set(Buffer.from("zqresiduo"), 5);
      planting.prepare("UPDATE sqlite_dbpage SET data = ? WHERE pgno = ?").run(data, pgno);
      planted++;
    }
    planting.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    planting.close();
    expect(planted).toBeGreaterThan(5);
    expect((await readFile(path, "latin1")).includes("zqresiduo")).toBe(true);

    client = await openClient(`file:${path}`, lines);
    await client.repository.delete("call_doomed_1");
    expect(await client.repository.load("call_kept_1")).toEqual(kept);
    await client.close();
    expect((await readFile(path, "latin1")).includes("zqresiduo")).toBe(false);
    const checking = new Database(path);
    expect(checking.prepare("PRAGMA integrity_check").all()).toMatchObject([{ integrity_check: "ok" }]);
    expect(checking.prepare("PRAGMA user_version").all()).toMatchObject([{ user_version: 0 }]);
    checking.close();
    client = await openClient(`file:${path}`, lines);
  });

  test("go on with writes of live calls while many calls are deleted", async () => {
    const { repository } = client;
    const doomed = Array.from({ length: 8 }, (_, i) => `call_doomed_${String(i)}`);
    for (const callId of [...doomed, "call_live"]) {
      await repository.create(sampleCall(callId));
      const segments = Array.from({ length: 200 }, (_, i) =>
        sampleSegment(`s${String(i)}`, `palabra${String(i)}`),
      );
      await repository.write(sampleWrite(callId, { segments }));
    }
    const order: string[] = [];
    const deletions = Promise.all(
      doomed.map(async (callId) => {
        await repository.delete(callId);
        order.push("deleted");
      }),
    );
    for (let i = 0; i < 5; i++) {
      await repository.write(
        sampleWrite("call_live", { segments: [sampleSegment(`t${String(i)}`, "hola")] }),
      );
      order.push("written");
    }
    await deletions;
    expect(order.slice(0, 5)).toContain("written");
    expect(order.indexOf("written")).toBeLessThan(order.indexOf("deleted"));
    expect(await repository.unfinished()).toHaveLength(1);
  });

  test("finish at the next start the removal of a call that was only marked", async () => {
    await client.repository.create(sampleCall("call_marked", { title: "marcadisima" }));
    await client.repository.write(
      sampleWrite("call_marked", { segments: [sampleSegment("s1", "marcadisima")] }),
    );
    await client.close();
    const { default: Database } = await import("libsql");
    const database = new Database(join(folder, "coach.db"));
    database.exec("UPDATE calls SET search_state = 'deleting'");
    database.close();

    client = await openClient(`file:${folder}/coach.db`, lines);
    expect(await client.repository.get("call_marked")).toBeNull();
    await client.close();
    expect((await bytesOf(folder)).includes("marcadisima")).toBe(false);
    client = await openClient(`file:${folder}/coach.db`, lines);
  });

  test("refuse what is asked after closing", async () => {
    const { repository } = client;
    const last = repository.create(sampleCall("call_last_one"));
    await client.close();
    await expect(last).resolves.toBeUndefined();
    await expect(repository.get("call_last_one")).rejects.toMatchObject({ code: "storage_failed" });
  });

  test("render a stored call away from the main thread, in every format", async () => {
    await client.repository.create(sampleCall("call_rendered", { title: "Demostración" }));
    await client.repository.write(
      sampleWrite("call_rendered", {
        segments: [sampleSegment("s1", "es caro")],
        objections: [sampleObjection("o1")],
      }),
    );
    for (const format of ["txt", "json", "srt", "vtt", "csv", "md"] as const) {
      const rendered = await client.library.render("call_rendered", format);
      expect(rendered?.fileName).toBe(`2026-03-09-demostracion.${format}`);
      expect(new TextDecoder().decode(rendered?.body)).toContain("es caro");
    }
    expect(await client.library.render("call_unknown", "txt")).toBeNull();
    expect((await client.library.document("call_rendered"))?.segments[0]?.objection_type).toBe("price");
  });
});

/**
 * All files of the folder, one after the other. SQLite takes its log and the log's index away with its last connection, which
 * the engine may let go of a moment after it was told to: what goes while we look holds nothing.
 */
async function bytesOf(path: string): Promise<string> {
  const files = (await readdir(path)).map((name) =>
    readFile(join(path, name), "latin1").catch((error: unknown) => {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
      throw error;
    }),
  );
  return (await Promise.all(files)).join("");
}
