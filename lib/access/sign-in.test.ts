import { hashPassword } from "better-auth/crypto";
import { beforeEach, describe, expect, it } from "vitest";
import type { AccountCondition, AccountRecord, AccountRecordKind, AccountRecords } from "../call/accounts.ts";
import { CallError } from "../call/errors.ts";
import type { Clock } from "../call/ports.ts";
import { createSignIn, type SignIn } from "./sign-in.ts";

const clock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};

class MemoryRecords implements AccountRecords {
  readonly kept: Record<AccountRecordKind, AccountRecord[]> = { user: [], password: [], session: [] };
  failing = false;

  createRecord(kind: AccountRecordKind, record: AccountRecord): Promise<void> {
    return this.#answer(() => void this.kept[kind].push(record));
  }
  findRecords(kind: AccountRecordKind, where: readonly AccountCondition[], limit: number) {
    return this.#answer(() => this.#matching(kind, where).slice(0, limit));
  }
  updateRecords(kind: AccountRecordKind, where: readonly AccountCondition[], changes: AccountRecord) {
    return this.#answer(() => {
      const found = this.#matching(kind, where);
      this.kept[kind] = this.kept[kind].map((one) => (found.includes(one) ? { ...one, ...changes } : one));
      return found.length;
    });
  }
  removeRecords(kind: AccountRecordKind, where: readonly AccountCondition[]) {
    return this.#answer(() => {
      const found = this.#matching(kind, where);
      this.kept[kind] = this.kept[kind].filter((one) => !found.includes(one));
      return found.length;
    });
  }
  keyHolder = () => Promise.resolve(null);
  principalById = () => Promise.resolve(null);

  #answer<T>(run: () => T): Promise<T> {
    return this.failing
      ? Promise.reject(new CallError("storage_failed", "no disk"))
      : Promise.resolve().then(run);
  }
  #matching(kind: AccountRecordKind, where: readonly AccountCondition[]): AccountRecord[] {
    return this.kept[kind].filter((record) =>
      where.every(({ field, operator, value }) => {
        const kept = record[field] ?? null;
        if (operator === "in") return Array.isArray(value) && value.includes(kept);
        if (operator === "eq") return kept === value;
        return operator === "lt" ? Number(kept) < Number(value) : Number(kept) > Number(value);
      }),
    );
  }
}

const nowhere = { createdAt: 0, updatedAt: 0 };

describe("signing in", () => {
  let records: MemoryRecords;
  let signIn: SignIn;
  const at = (address: string, secret = "a-secret-of-some-length"): SignIn =>
    createSignIn({ secret, baseUrl: new URL(address), records, clock });
  const cookieOf = (lines: readonly string[]): string =>
    lines.map((line) => line.split(";", 1)[0] ?? "").join("; ");

  beforeEach(async () => {
    records = new MemoryRecords();
    signIn = at("http://localhost");
    const password = await hashPassword("right password");
    for (const [id, role] of [
      ["user_ana", "rep"],
      ["user_max", "manager"],
      ["user_odd", "owner"],
    ] as const) {
      const username = id.slice(5);
      const email = `${id}@accounts.invalid`;
      await records.createRecord("user", {
        id,
        name: username,
        username,
        email,
        emailVerified: false,
        role,
        ...nowhere,
      });
      const account = { id, userId: id, accountId: id, providerId: "credential", password };
      await records.createRecord("password", { ...account, ...nowhere });
    }
  });

  it("gives a session that says who it is, in any spelling of the name", async () => {
    for (const [name, role] of [
      ["ana", "rep"],
      ["MAX", "manager"],
      // A role that nobody knows has the fewest rights.
      ["odd", "rep"],
    ] as const) {
      const signedIn = await signIn.signIn(name, "right password");
      const principal = { id: `user_${name.toLowerCase()}`, name: name.toLowerCase(), role };
      expect(signedIn?.principal).toEqual(principal);
      expect((await signIn.principalOf(cookieOf(signedIn?.cookies ?? [])))?.principal).toEqual(principal);
    }
  });

  it("keeps neither address nor browser of who signed in", async () => {
    await signIn.signIn("ana", "right password");
    expect(Object.values(records.kept.session[0] ?? {})).not.toContain("127.0.0.1");
    expect(JSON.stringify(records.kept.session)).not.toContain("right password");
  });

  it("refuses a wrong name and a wrong password after the same time", async () => {
    for (const [name, password] of [
      ["ana", "wrong password"],
      ["nobody", "right password"],
    ] as const) {
      const beganMs = performance.now();
      expect(await signIn.signIn(name, password)).toBeNull();
      expect(performance.now() - beganMs).toBeGreaterThan(490);
    }
    expect(records.kept.session).toEqual([]);
  });

  it("refuses at once what can be neither name nor password", async () => {
    expect(await signIn.signIn("", "right password")).toBeNull();
    expect(await signIn.signIn("x".repeat(65), "right password")).toBeNull();
    expect(await signIn.signIn("ana", "x".repeat(129))).toBeNull();
  });

  it("bounds how many wait for their passwords to be hashed", async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 25 }, () => signIn.signIn("ana", "right password")),
    );
    const refused = tries.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
    expect(refused).toHaveLength(5);
    for (const error of refused) expect(error).toMatchObject({ code: "rate_limited", retryAfterSec: 2 });
  });

  it("forgets a session that was signed out, has aged, or was signed with another secret", async () => {
    const sessions = await Promise.all(["ana", "ana"].map((name) => signIn.signIn(name, "right password")));
    const [first = "", second = ""] = sessions.map((session) => cookieOf(session?.cookies ?? []));
    expect(await at("http://localhost", "another-secret-of-length").principalOf(first)).toBeNull();
    const gone = await signIn.signOut(first);
    expect(gone[0]).toContain("Max-Age=0");
    expect(await signIn.principalOf(first)).toBeNull();
    expect(await signIn.principalOf(second)).not.toBeNull();
    records.kept.session = records.kept.session.map((session) => ({ ...session, expiresAt: Date.now() - 1 }));
    expect(await signIn.principalOf(second)).toBeNull();
  });

  it("makes a session in use longer once a day, and says so in the cookie", async () => {
    const session = await signIn.signIn("ana", "right password");
    const cookie = cookieOf(session?.cookies ?? []);
    expect((await signIn.principalOf(cookie))?.cookies).toEqual([]);
    const sixDaysMs = 6 * 24 * 60 * 60 * 1000 - 1000;
    records.kept.session = records.kept.session.map((one) => ({ ...one, expiresAt: Date.now() + sixDaysMs }));
    const renewed = await signIn.principalOf(cookie);
    expect(renewed?.cookies[0]).toContain("Max-Age=604800");
    expect(Number(records.kept.session[0]?.expiresAt)).toBeGreaterThan(Date.now() + sixDaysMs + 60_000);
  });

  it("gives a cookie that only https carries where people come by https", async () => {
    const [plain = ""] = (await signIn.signIn("ana", "right password"))?.cookies ?? [];
    expect(plain).toMatch(/^sales-coach\.session_token=.*; HttpOnly; SameSite=Lax$/);
    const [line = ""] =
      (await at("https://coach.example.com").signIn("ana", "right password"))?.cookies ?? [];
    expect(line).toMatch(/^__Secure-sales-coach\.session_token=.*; HttpOnly; Secure; SameSite=Lax$/);
  });

  it("says storage_failed, and not that the password was wrong, while there is no database", async () => {
    const session = await signIn.signIn("ana", "right password");
    records.failing = true;
    const failed = { code: "storage_failed" };
    await expect(signIn.signIn("ana", "right password")).rejects.toMatchObject(failed);
    await expect(signIn.principalOf(cookieOf(session?.cookies ?? []))).rejects.toMatchObject(failed);
  });
});
