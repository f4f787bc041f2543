import type { Account, AccountDirectory } from "../call/accounts.ts";
import { CallError } from "../call/errors.ts";
import { roleOf } from "./account-records.ts";
import { databasePathOf } from "./database-url.ts";
import { inTransaction, openDatabase, type Database } from "./database.ts";

export interface OpenDirectory extends AccountDirectory {
  close(): Promise<void>;
}

/**
 * The accounts of a migrated database, for a process of its own: a server may be running on it. Rejects with
 * `CallError("storage_failed")` when the database cannot be opened, or stays locked for seconds.
 */
export async function openAccountDirectory(databaseUrl: string): Promise<OpenDirectory> {
  const database = await orFailure(() => openDatabase(databasePathOf(databaseUrl), "write"));
  const change = <T>(run: () => Promise<T>): Promise<T> =>
    orFailure(() => inTransaction(database, "IMMEDIATE", run));
  const changed = (statement: string, ...parameters: readonly (string | number)[]): Promise<boolean> =>
    change(async () => (await database.$executeRawUnsafe(statement, ...parameters)) > 0);

  return {
    addUser: ({ userId, name, signInName, role, passwordHash, nowMs }) =>
      change(async () => {
        if ((await database.user.count({ where: { signInName } })) > 0) return false;
        const times = { createdAtMs: BigInt(nowMs), updatedAtMs: BigInt(nowMs) };
        // The top level of names that no mail is ever sent to: RFC 2606.
        const email = `${userId.toLowerCase()}@accounts.invalid`;
        await database.user.create({
          data: { userId, name, signInName, role, email, emailVerified: false, ...times },
        });
        const password = { accountId: userId, providerId: "credential", passwordHash };
        await database.password.create({ data: { passwordId: userId, userId, ...password, ...times } });
        return true;
      }),
    users: () =>
      orFailure(async () => {
        const rows = await database.user.findMany({ orderBy: { signInName: "asc" } });
        return rows.map(accountOf);
      }),
    removeUser: (signInName) => changed("DELETE FROM users WHERE sign_in_name = ?", signInName),
    setPassword: (signInName, passwordHash, nowMs) =>
      change(async () => {
        const user = await database.user.findUnique({ where: { signInName } });
        if (user === null) return false;
        const { userId } = user;
        await database.$executeRawUnsafe(
          "UPDATE passwords SET password_hash = ?, updated_at_ms = ? WHERE user_id = ?",
          passwordHash,
          nowMs,
          userId,
        );
        await endSessions(database, userId);
        return true;
      }),
    setRole: (signInName, role, nowMs) =>
      changed("UPDATE users SET role = ?, updated_at_ms = ? WHERE sign_in_name = ?", role, nowMs, signInName),
    addKey: ({ keyId, name, role, keyHash, nowMs }) =>
      change(async () => {
        if ((await database.key.count({ where: { name } })) > 0) return false;
        await database.key.create({ data: { keyId, name, role, keyHash, createdAtMs: BigInt(nowMs) } });
        return true;
      }),
    keys: () =>
      orFailure(async () => (await database.key.findMany({ orderBy: { name: "asc" } })).map(accountOf)),
    removeKey: (name) => changed("DELETE FROM keys WHERE name = ?", name),
    close: () => database.$disconnect(),
  };
}

async function endSessions(database: Database, userId: string): Promise<void> {
  await database.$executeRawUnsafe("DELETE FROM sessions WHERE user_id = ?", userId);
}

function accountOf(row: {
  readonly name: string;
  readonly role: string;
  readonly createdAtMs: bigint;
}): Account {
  return { name: row.name, role: roleOf(row.role), createdAtMs: Number(row.createdAtMs) };
}

async function orFailure<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof CallError) throw error;
    throw new CallError("storage_failed", "The database cannot be used just now.", { cause: error });
  }
}
