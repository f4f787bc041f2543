import type {
  AccountCondition,
  AccountRecord,
  AccountRecordKind,
  AccountRecords,
  AccountValue,
} from "../call/accounts.ts";
import { CallError } from "../call/errors.ts";
import type { Principal } from "../call/principal.ts";
import type { Database } from "./database.ts";

/** The sign-in library's names of fields, and our columns. What is not here is not kept. */
const tables: Readonly<
  Record<AccountRecordKind, { readonly name: string; readonly columns: Readonly<Record<string, string>> }>
> = {
  user: {
    name: "users",
    columns: {
      id: "user_id",
      name: "name",
      username: "sign_in_name",
      email: "email",
      emailVerified: "email_verified",
      role: "role",
      createdAt: "created_at_ms",
      updatedAt: "updated_at_ms",
    },
  },
  password: {
    name: "passwords",
    columns: {
      id: "password_id",
      userId: "user_id",
      accountId: "account_id",
      providerId: "provider_id",
      password: "password_hash",
      createdAt: "created_at_ms",
      updatedAt: "updated_at_ms",
    },
  },
  session: {
    name: "sessions",
    columns: {
      id: "session_id",
      userId: "user_id",
      token: "token",
      expiresAt: "expires_at_ms",
      createdAt: "created_at_ms",
      updatedAt: "updated_at_ms",
    },
  },
};

const operators = { eq: "=", lt: "<", gt: ">" } as const;

interface Clause {
  readonly sql: string;
  readonly parameters: readonly AccountValue[];
}

function whereClause(kind: AccountRecordKind, where: readonly AccountCondition[]): Clause {
  // Nothing that signs people in asks for all there is.
  if (where.length === 0) throw new CallError("internal", "a condition is missing");
  const parts = where.map(({ field, operator, value }): Clause => {
    const column = tables[kind].columns[field];
    if (column === undefined) throw new CallError("internal", `there is no field ${field}`);
    if (operator === "in") {
      return { sql: `${column} IN (SELECT value FROM json_each(?))`, parameters: [JSON.stringify(value)] };
    }
    if (value === null) return { sql: `${column} IS NULL`, parameters: [] };
    if (typeof value === "object") throw new CallError("internal", "one value is expected");
    return { sql: `${column} ${operators[operator]} ?`, parameters: [value] };
  });
  return {
    sql: parts.map((part) => part.sql).join(" AND "),
    parameters: parts.flatMap((part) => part.parameters),
  };
}

/** The known fields of a record with their columns. */
function columnsOf(kind: AccountRecordKind, record: AccountRecord): (readonly [string, AccountValue])[] {
  return Object.entries(record).flatMap(([field, value]) => {
    const column = tables[kind].columns[field];
    return column === undefined ? [] : [[column, value] as const];
  });
}

/** Callers hold a transaction. */
export async function createRecord(
  database: Database,
  kind: AccountRecordKind,
  record: AccountRecord,
): Promise<void> {
  const columns = columnsOf(kind, record);
  await database.$executeRawUnsafe(
    `INSERT INTO ${tables[kind].name} (${columns.map(([name]) => name).join(", ")})
     VALUES (${columns.map(() => "?").join(", ")})`,
    ...columns.map(([, value]) => value),
  );
}

export async function findRecords(
  database: Database,
  kind: AccountRecordKind,
  where: readonly AccountCondition[],
  limit: number,
): Promise<readonly AccountRecord[]> {
  const { name, columns } = tables[kind];
  const clause = whereClause(kind, where);
  const rows = await database.$queryRawUnsafe<Record<string, AccountValue | bigint>[]>(
    `SELECT * FROM ${name} WHERE ${clause.sql} LIMIT ?`,
    ...clause.parameters,
    limit,
  );
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(columns).map(([field, column]) => {
        const value = row[column] ?? null;
        return [field, typeof value === "bigint" ? Number(value) : value];
      }),
    ),
  );
}

/** Callers hold a transaction. */
export async function updateRecords(
  database: Database,
  kind: AccountRecordKind,
  where: readonly AccountCondition[],
  changes: AccountRecord,
): Promise<number> {
  const columns = columnsOf(kind, changes);
  if (columns.length === 0) return 0;
  const clause = whereClause(kind, where);
  return database.$executeRawUnsafe(
    `UPDATE ${tables[kind].name} SET ${columns.map(([name]) => `${name} = ?`).join(", ")} WHERE ${clause.sql}`,
    ...columns.map(([, value]) => value),
    ...clause.parameters,
  );
}

/** Callers hold a transaction. */
export async function removeRecords(
  database: Database,
  kind: AccountRecordKind,
  where: readonly AccountCondition[],
): Promise<number> {
  const clause = whereClause(kind, where);
  return database.$executeRawUnsafe(
    `DELETE FROM ${tables[kind].name} WHERE ${clause.sql}`,
    ...clause.parameters,
  );
}

export async function keyHolder(database: Database, keyHash: string): Promise<Principal | null> {
  const key = await database.key.findUnique({ where: { keyHash } });
  return key === null ? null : { id: key.keyId, name: key.name, role: roleOf(key.role) };
}

export async function principalById(database: Database, id: string): Promise<Principal | null> {
  const user = await database.user.findUnique({ where: { userId: id } });
  if (user !== null) return { id, name: user.name, role: roleOf(user.role) };
  const key = await database.key.findUnique({ where: { keyId: id } });
  return key === null ? null : { id, name: key.name, role: roleOf(key.role) };
}

/** What is not known has the fewest rights. */
export function roleOf(text: string): Principal["role"] {
  return text === "manager" ? "manager" : "rep";
}

/** Names of users and keys, by id; those that are gone are missing. */
export async function ownerNames(
  database: Database,
  ownerIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ownerIds.length === 0) return new Map();
  const ids = [...new Set(ownerIds)];
  const users = await database.user.findMany({
    where: { userId: { in: ids } },
    select: { userId: true, name: true },
  });
  const keys = await database.key.findMany({
    where: { keyId: { in: ids } },
    select: { keyId: true, name: true },
  });
  return new Map([
    ...users.map((user) => [user.userId, user.name] as const),
    ...keys.map((key) => [key.keyId, key.name] as const),
  ]);
}

export type AccountWriter = Pick<AccountRecords, "createRecord" | "updateRecords" | "removeRecords">;
export type AccountReader = Pick<AccountRecords, "findRecords" | "keyHolder" | "principalById">;
