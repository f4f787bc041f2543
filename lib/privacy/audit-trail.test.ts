import { describe, expect, it } from "vitest";
import { CallError } from "../call/errors.ts";
import type { Clock, Logger } from "../call/ports.ts";
import type { AuditEntry } from "../call/privacy-ports.ts";
import type { AuditAction } from "../contract/vocabulary.ts";
import { auditDays, createAuditTrail } from "./audit-trail.ts";

class Bench implements Clock {
  readonly stored: AuditEntry[] = [];
  readonly trimmed: { readonly beforeMs: number; readonly limit: number }[] = [];
  isAway = false;
  left = 0;
  #ms = 1000;
  #timers: { readonly dueMs: number; readonly run: () => void }[] = [];
  readonly trail = createAuditTrail({
    store: {
      appendAudit: async (entries) => {
        await Promise.resolve();
        if (this.isAway) throw new CallError("storage_failed", "The database is away.");
        this.stored.push(...entries);
      },
      trimAudit: (beforeMs, limit) => {
        this.trimmed.push({ beforeMs, limit });
        const cut = Math.min(limit, this.left);
        this.left -= cut;
        return Promise.resolve(cut);
      },
    },
    clock: this,
    logger: quiet,
    telemetry: { count: () => undefined, latency: () => undefined },
  });

  nowMs(): number {
    return this.#ms;
  }
  monotonicMs(): number {
    return this.#ms;
  }
  after(delayMs: number, run: () => void): () => void {
    const timer = { dueMs: this.#ms + delayMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }
  async pass(ms: number): Promise<void> {
    this.#ms += ms;
    const due = this.#timers.filter(({ dueMs }) => dueMs <= this.#ms);
    this.#timers = this.#timers.filter((timer) => !due.includes(timer));
    for (const { run } of due) run();
    for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  note(action: AuditAction, changes: Partial<AuditEntry> = {}): Promise<void> {
    return this.trail.note({
      atMs: this.#ms,
      principal: { id: "user_1", name: "Ana", role: "rep" },
      action,
      callId: "call_00000001",
      ...changes,
    });
  }
  actions(): string[] {
    return this.stored.map(({ action }) => action);
  }
}

const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quiet,
};

describe("the audit trail", () => {
  it.each(["read", "exported", "listened", "observed", "listed", "token_issued", "deleted"] as const)(
    "has stored %s when note resolves, and refuses it while it cannot",
    async (action) => {
      const bench = new Bench();
      await bench.note(action);
      expect(bench.actions()).toEqual([action]);
      bench.isAway = true;
      await expect(bench.note(action, { callId: "call_00000002" })).rejects.toMatchObject({
        code: "storage_failed",
      });
      bench.isAway = false;
      await bench.note(action, { callId: "call_00000002" });
      expect(bench.stored).toHaveLength(2);
    },
  );

  it.each(["started", "consented", "hosted", "changed"] as const)(
    "never refuses %s nor holds it up for long, and writes it when the database is back, in order",
    async (action) => {
      const bench = new Bench();
      bench.isAway = true;
      const noted = [bench.note(action), bench.note(action, { callId: "call_00000002" })];
      await bench.pass(5000);
      await Promise.all(noted);
      expect(bench.stored).toEqual([]);
      bench.isAway = false;
      await bench.pass(5000);
      expect(bench.stored.map(({ callId }) => callId)).toEqual(["call_00000001", "call_00000002"]);
    },
  );

  it.each(["started", "consented", "changed"] as const)(
    "has stored %s when note resolves, so that a process that dies after the reply has it",
    async (action) => {
      const bench = new Bench();
      await bench.note(action);
      expect(bench.actions()).toEqual([action]);
    },
  );

  it("lets a host in without waiting for its entry", async () => {
    const bench = new Bench();
    bench.isAway = true;
    await bench.note("hosted");
    bench.isAway = false;
    await bench.pass(1000);
    expect(bench.actions()).toEqual(["hosted"]);
  });

  it("notes the same reading by the same one once a minute, and every other", async () => {
    const bench = new Bench();
    await Promise.all([bench.note("read"), bench.note("read")]);
    await bench.pass(59_000);
    await bench.note("read");
    expect(bench.stored).toHaveLength(1);
    await bench.note("read", { principal: { id: "user_2", name: "Luis", role: "manager" } });
    await bench.note("read", { callId: "call_00000002" });
    await bench.note("exported", { detail: { format: "txt" } });
    await bench.note("exported", { detail: { format: "csv" } });
    expect(bench.stored).toHaveLength(5);
    await bench.pass(2000);
    await bench.note("read");
    expect(bench.stored).toHaveLength(6);
  });

  it("notes a listening once, however many ranges it takes, and again after a pause", async () => {
    const bench = new Bench();
    for (let minute = 0; minute < 40; minute += 1) {
      await bench.note("listened", { detail: { view: "mix" } });
      await bench.pass(60_000);
    }
    expect(bench.stored).toHaveLength(1);
    await bench.pass(600_000);
    await bench.note("listened", { detail: { view: "mix" } });
    expect(bench.stored).toHaveLength(2);
  });

  it("does not take a reading for noted that could not be", async () => {
    const bench = new Bench();
    bench.isAway = true;
    await expect(Promise.all([bench.note("read"), bench.note("read")])).rejects.toThrow();
    bench.isAway = false;
    await bench.note("read");
    expect(bench.actions()).toEqual(["read"]);
  });

  it("keeps what waits within a bound, and writes it at the end if it can", async () => {
    const bench = new Bench();
    bench.isAway = true;
    for (let i = 0; i < 10_050; i += 1) void bench.note("changed", { callId: `call_${String(i)}` });
    await bench.pass(0);
    bench.isAway = false;
    await bench.trail.close();
    expect(bench.stored).toHaveLength(10_000);
    expect(bench.stored.at(-1)?.callId).toBe("call_10049");
  });

  it("is cut after its days, bit by bit", async () => {
    const bench = new Bench();
    bench.left = 1200;
    const nowMs = Date.UTC(2027, 0, 1);
    await bench.trail.trim(nowMs);
    expect(bench.trimmed).toHaveLength(3);
    expect(bench.trimmed[0]?.beforeMs).toBe(nowMs - auditDays * 86_400_000);
  });
});
