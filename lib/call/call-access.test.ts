import { beforeEach, describe, expect, it } from "vitest";
import type { TranscriptDocument } from "../contract/rest.ts";
import { createCallAccess, type CallAccess, type CallAccessFor } from "./call-access.ts";
import { CallError } from "./errors.ts";
import type { CallSearch } from "./ports.ts";
import type { AuditEntry } from "./privacy-ports.ts";
import { localPrincipal, type Principal } from "./principal.ts";
import { CallBench, frame } from "./testing/call-bench.ts";

const ana: Principal = { id: "user_ana00001", name: "ana", role: "rep" };
const eva: Principal = { id: "user_eva00001", name: "eva", role: "rep" };
const max: Principal = { id: "user_max00001", name: "max", role: "manager" };

const document = {} as TranscriptDocument;
const everything = {
  query: null,
  fromMs: null,
  toMs: null,
  objection: null,
  status: null,
  limit: 20,
  cursor: null,
};

async function refusalOf(asked: Promise<unknown>): Promise<unknown> {
  return asked.then(
    () => "accepted",
    (error: unknown) => (error instanceof CallError ? [error.code, error.message] : error),
  );
}

/** Everything that names a call, each with what the audit log says of it. */
const asks: readonly (readonly [
  AuditEntry["action"],
  AuditEntry["detail"],
  (access: CallAccess, callId: string) => Promise<unknown>,
])[] = [
  ["read", undefined, (access, callId) => access.read(callId)],
  [
    "changed",
    { fields: "title,notes" },
    (access, callId) => access.patch(callId, { title: "a", notes: "b" }),
  ],
  ["changed", { coach_enabled: "false" }, (access, callId) => access.toggleCoach(callId, false)],
  ["listened", { view: "mic" }, async (access, callId) => (await access.recording(callId, "mic")).close()],
  ["exported", { format: "csv" }, (access, callId) => access.render(callId, "csv")],
  ["token_issued", { role: "observer" }, (access, callId) => access.issueToken(callId, "observer")],
];

describe("the access of a principal", () => {
  let bench: CallBench;
  let accessFor: CallAccessFor;
  let audited: AuditEntry[];
  let searches: CallSearch[];
  let issued: unknown[];

  beforeEach(() => {
    bench = new CallBench();
    audited = [];
    searches = [];
    issued = [];
    const { repository } = bench;
    accessFor = createCallAccess({
      desk: bench.registry,
      library: {
        document: async (callId) => ((await repository.get(callId)) === null ? null : document),
        render: async (callId, format) =>
          (await repository.get(callId)) === null
            ? null
            : { fileName: `a.${format}`, contentType: "text/plain", body: new Uint8Array() },
      },
      repository: {
        search(search) {
          searches.push(search);
          return Promise.resolve({ rows: [], nextCursor: null });
        },
      },
      tokens: {
        issue(claims) {
          issued.push(claims);
          return "token";
        },
        verify: () => {
          throw new Error("not asked for here");
        },
      },
      audit: {
        note(entry) {
          audited.push(entry);
          return Promise.resolve();
        },
      },
      auditLog: { auditEntries: () => Promise.resolve([]) },
      clock: bench.clock,
      observerTokenMs: 60_000,
    });
  });

  async function completedCallOf(principal: Principal): Promise<string> {
    const { call } = await accessFor(principal).start({});
    const { seat } = await bench.join(call.callId);
    await seat.start(undefined);
    await seat.audio(null, frame(1600));
    await seat.stop();
    return call.callId;
  }

  it("makes calls the principal's own, and the local person's nobody's", async () => {
    for (const [principal, ownerId] of [
      [ana, ana.id],
      [max, max.id],
      [localPrincipal, null],
    ] as const) {
      const { call, token, expiresAtMs } = await accessFor(principal).start({});
      expect(call.ownerId).toBe(ownerId);
      expect([token, expiresAtMs]).toEqual(["token", call.expiresAtMs]);
      expect(issued.at(-1)).toEqual({
        callId: call.callId,
        role: "host",
        expiresAtMs,
        principalId: principal.id,
      });
      expect((await bench.repository.get(call.callId))?.ownerId).toBe(ownerId);
    }
  });

  it("hides from a rep what is another's or nobody's, in the same words as what is not there", async () => {
    const others = [
      (await accessFor(eva).start({})).call.callId,
      (await accessFor(localPrincipal).start({})).call.callId,
      await completedCallOf(max),
    ];
    audited = [];
    issued = [];
    const access = accessFor(ana);
    const unknown = await refusalOf(access.read("call_unknown1"));
    expect(unknown).toEqual(["call_not_found", expect.any(String)]);
    for (const callId of others) {
      for (const [, , ask] of asks) expect(await refusalOf(ask(access, callId))).toEqual(unknown);
      expect(await refusalOf(access.delete(callId))).toEqual(unknown);
      expect(await bench.repository.get(callId)).toMatchObject({ title: "", coachEnabled: true });
    }
    expect([audited, issued]).toEqual([[], []]);
  });

  it("shows the audit log to managers only, and notes that", async () => {
    const query = { callId: null, sinceMs: null, beforeId: null, limit: 10 };
    expect(await refusalOf(accessFor(ana).auditEntries(query))).toEqual(["not_allowed", expect.any(String)]);
    expect(audited).toEqual([]);
    expect(await accessFor(max).auditEntries(query)).toEqual([]);
    expect(audited.map(({ action, principal }) => [action, principal.id])).toEqual([["audit_read", max.id]]);
  });

  it("notes consent with the start, a list, and a deletion before it is carried out", async () => {
    const access = accessFor(ana);
    const { call } = await access.start({ consent: { obtained: true } });
    await access.search(everything);
    expect(audited.map(({ action, callId }) => [action, callId])).toEqual([
      ["started", call.callId],
      ["consented", call.callId],
      ["listed", null],
    ]);
    const done = await completedCallOf(ana);
    audited = [];
    bench.recorder.delete = () => Promise.reject(new CallError("storage_failed", "The disk is away."));
    await expect(access.delete(done)).rejects.toMatchObject({ code: "storage_failed" });
    expect(audited.map(({ action, callId }) => [action, callId])).toEqual([["deleted", done]]);
  });

  it("gives reps their own and managers everyone's, and notes who did what", async () => {
    const { callId } = (await accessFor(ana).start({})).call;
    expect(audited.splice(0)).toEqual([
      { atMs: bench.clock.nowMs(), principal: ana, action: "started", callId },
    ]);
    for (const principal of [ana, max, localPrincipal]) {
      for (const [action, detail, ask] of asks) {
        expect(await refusalOf(ask(accessFor(principal), callId))).toBe("accepted");
        const by = { atMs: bench.clock.nowMs(), principal, callId };
        expect(audited.splice(0)).toEqual([{ ...by, action, ...(detail === undefined ? {} : { detail }) }]);
      }
    }
    const completed = await completedCallOf(ana);
    audited = [];
    await accessFor(ana).delete(completed);
    expect(audited).toMatchObject([{ principal: ana, action: "deleted", callId: completed }]);
  });

  it("asks the search for a rep's own calls and a manager's everyone's", async () => {
    await accessFor(ana).search(everything);
    await accessFor(max).search(everything);
    expect(searches).toEqual([
      { ...everything, ownerId: ana.id },
      { ...everything, ownerId: null },
    ]);
  });

  it("gives nothing out that could not be noted", async () => {
    const { callId } = (await accessFor(ana).start({})).call;
    const failing = createCallAccess({
      desk: bench.registry,
      library: { document: () => Promise.resolve(document), render: () => Promise.resolve(null) },
      repository: bench.repository,
      tokens: {
        issue: () => "token",
        verify: () => {
          throw new Error("not asked for here");
        },
      },
      audit: { note: () => Promise.reject(new CallError("storage_failed", "the disk is full")) },
      auditLog: { auditEntries: () => Promise.resolve([]) },
      clock: bench.clock,
      observerTokenMs: 60_000,
    })(ana);
    const refused = ["storage_failed", "the disk is full"];
    expect(await refusalOf(failing.read(callId))).toEqual(refused);
    expect(await refusalOf(failing.recording(callId, "mix"))).toEqual(refused);
  });
});
