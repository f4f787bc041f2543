import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AuditEntry } from "../call/privacy-ports.ts";
import { migrateDatabase } from "./migrate.ts";
import { createRepositoryClient, type RepositoryClient } from "./repository-client.ts";
import { sampleCall } from "./sample-calls.ts";
import { keptLog, migrationsFolder, storeWorker, systemClock } from "./test-platform.ts";

const ana = { id: "user_ana", name: "Ana", role: "rep" } as const;
const entry = (atMs: number, changes: Partial<AuditEntry> = {}): AuditEntry => ({
  atMs,
  principal: ana,
  action: "read",
  callId: "call_00000001",
  ...changes,
});
const everything = { callId: null, sinceMs: null, beforeId: null, limit: 100 };

describe("what privacy stores", () => {
  let folder: string;
  let path: string;
  let client: RepositoryClient;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "audit-"));
    path = join(folder, "coach.db");
    const databaseUrl = `file:${path}`;
    await migrateDatabase({ databaseUrl, migrationsFolder, logger: keptLog() });
    client = createRepositoryClient({ ...storeWorker, databaseUrl, clock: systemClock, logger: keptLog() });
    await client.ready;
  });
  afterEach(async () => {
    await client.close();
    await rm(folder, { recursive: true });
  });

  test("the audit log comes back newest first, by call, by time and by page, as it was noted", async () => {
    const { audit } = client;
    const noted = [
      entry(1000, { action: "started" }),
      entry(2000, { action: "exported", detail: { format: "csv" } }),
      entry(3000, { action: "listed", callId: null }),
      entry(4000, { callId: "call_00000002", principal: { id: "user_2", name: "Ñandú", role: "manager" } }),
    ];
    await audit.appendAudit(noted.slice(0, 2));
    await audit.appendAudit(noted.slice(2));
    const all = await audit.auditEntries(everything);
    expect(all).toEqual(noted.toReversed().map((one) => ({ id: expect.any(Number) as number, ...one })));
    const ofCall = await audit.auditEntries({ ...everything, callId: "call_00000001" });
    expect(ofCall.map(({ atMs }) => atMs)).toEqual([2000, 1000]);
    const since = await audit.auditEntries({ ...everything, sinceMs: 3000 });
    expect(since.map(({ atMs }) => atMs)).toEqual([4000, 3000]);
    const page = await audit.auditEntries({ ...everything, limit: 2 });
    const next = await audit.auditEntries({ ...everything, beforeId: page.at(-1)?.id ?? 0 });
    expect(next.map(({ atMs }) => atMs)).toEqual([2000, 1000]);
  });

  test("the bearer of a token has the name of the one it was issued to", async () => {
    const bearer = { id: ana.id, name: "", role: "bearer" } as const;
    await client.audit.appendAudit([
      entry(1, { action: "token_issued" }),
      entry(2, { action: "observed", principal: bearer }),
      entry(3, { action: "observed", principal: { ...bearer, id: "user_unknown" } }),
    ]);
    const names = (await client.audit.auditEntries(everything)).map(({ principal }) => principal);
    expect(names).toEqual([
      { id: "user_unknown", name: "", role: "bearer" },
      { id: ana.id, name: "Ana", role: "bearer" },
      ana,
    ]);
  });

  test("nobody changes an entry, and the log is cut at its old end only", async () => {
    const { audit } = client;
    await audit.appendAudit([1, 2, 3, 4, 5].map((atMs) => entry(atMs)));
    const database = new Database(path);
    expect(() => database.exec("UPDATE audit_log SET action = 'listened'")).toThrow(/not changed/);
    expect(() => database.exec("DELETE FROM audit_log WHERE at_ms = 3")).toThrow(/old end/);
    expect(() => database.exec("DELETE FROM audit_log WHERE at_ms > 3")).toThrow(/old end/);
    database.close();
    expect(await audit.trimAudit(4, 2)).toBe(2);
    expect(await audit.trimAudit(4, 2)).toBe(1);
    expect(await audit.trimAudit(4, 2)).toBe(0);
    expect((await audit.auditEntries(everything)).map(({ atMs }) => atMs)).toEqual([5, 4]);
    expect(await audit.trimAudit(Date.now(), 10)).toBe(2);
    await audit.appendAudit([entry(6)]);
    expect((await audit.auditEntries(everything))[0]?.id).toBe(6);
  });

  test("calls past an age are found by their end, or by their start when they never ended", async () => {
    const { repository, retention } = client;
    await repository.create(
      sampleCall("call_old_ended", { startedAtMs: 100, endedAtMs: 900, status: "completed" }),
    );
    await repository.create(sampleCall("call_old_open", { startedAtMs: 200, endedAtMs: null }));
    await repository.create(
      sampleCall("call_new_ended", { startedAtMs: 300, endedAtMs: 1000, status: "completed" }),
    );
    await repository.create(sampleCall("call_new_open", { startedAtMs: 1500, endedAtMs: null }));
    expect([...(await retention.expired(1000, 10, []))].sort()).toEqual(["call_old_ended", "call_old_open"]);
    expect(await retention.expired(1000, 10, ["call_old_open"])).toEqual(["call_old_ended"]);
    expect(await retention.expired(1000, 1, [])).toHaveLength(1);
    expect(await retention.countExpired(1000)).toEqual({ calls: 4, expired: 2 });
    await repository.delete("call_old_ended");
    expect(await retention.expired(1000, 10, [])).toEqual(["call_old_open"]);
  });

  test("what was last seen of the clock stays", async () => {
    expect(await client.retention.clockSeen()).toBeNull();
    await client.retention.saveClockSeen({ seenAtMs: 1, heldMs: 2 });
    await client.retention.saveClockSeen({ seenAtMs: 1_800_000_000_000, heldMs: 0 });
    expect(await client.retention.clockSeen()).toEqual({ seenAtMs: 1_800_000_000_000, heldMs: 0 });
  });
});
