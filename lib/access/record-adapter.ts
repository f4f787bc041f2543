import { createAdapterFactory, type CleanedWhere } from "better-auth/adapters";
import type {
  AccountCondition,
  AccountRecord,
  AccountRecordKind,
  AccountRecords,
  AccountValue,
} from "../call/accounts.ts";
import { CallError } from "../call/errors.ts";

/** The library's models that we keep. */
const kinds: Readonly<Record<string, AccountRecordKind>> = {
  user: "user",
  account: "password",
  session: "session",
};

/** Far above what a user has of anything. */
const maxFound = 100;

function kindOf(model: string): AccountRecordKind {
  const kind = kinds[model];
  if (kind === undefined) throw new CallError("internal", `nothing is kept of the model ${model}`);
  return kind;
}

/** Times in and out are milliseconds for us and dates for the library. */
function valueOf(value: unknown): AccountValue {
  if (value instanceof Date) return value.getTime();
  if (
    value === null ||
    typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "boolean"
  ) {
    return value;
  }
  throw new CallError("internal", "this kind of value is not kept");
}

function recordOf(row: Readonly<Record<string, unknown>>): AccountRecord {
  return Object.fromEntries(
    Object.entries(row).flatMap(([field, value]) => (value === undefined ? [] : [[field, valueOf(value)]])),
  );
}

function conditionsOf(where: readonly CleanedWhere[]): readonly AccountCondition[] {
  return where.map(({ field, operator, value, connector }, index): AccountCondition => {
    if (connector === "OR" && index > 0) throw new CallError("internal", "alternatives are not asked for");
    if (operator !== "eq" && operator !== "lt" && operator !== "gt" && operator !== "in") {
      throw new CallError("internal", `the operator ${operator} is not known`);
    }
    return { field, operator, value: Array.isArray(value) ? value.map(valueOf) : valueOf(value) };
  });
}

/** The sign-in library on our own storage. */
export function recordAdapter(records: AccountRecords): ReturnType<typeof createAdapterFactory> {
  const find = (model: string, where: readonly CleanedWhere[], limit: number) =>
    records.findRecords(kindOf(model), conditionsOf(where), limit);
  const first = async (model: string, where: readonly CleanedWhere[]) =>
    (await find(model, where, 1))[0] ?? null;

  return createAdapterFactory({
    config: {
      adapterId: "account-records",
      supportsNumericIds: false,
      customTransformOutput: ({ data, fieldAttributes }): unknown => {
        const value: unknown = data;
        if (fieldAttributes.type === "date" && typeof value === "number") return new Date(value);
        if (fieldAttributes.type === "boolean" && typeof value === "number") return value === 1;
        return value;
      },
    },
    adapter: () => ({
      async create({ model, data }) {
        const kind = kindOf(model);
        await records.createRecord(kind, recordOf(data));
        return data;
      },
      findOne: async <T>({ model, where }: { model: string; where: CleanedWhere[] }) =>
        (await first(model, where)) as T | null,
      findMany: async <T>({
        model,
        where,
        limit,
      }: {
        model: string;
        where?: CleanedWhere[] | undefined;
        limit: number;
      }) => (await find(model, where ?? [], Math.min(limit, maxFound))) as T[],
      async update<T>({ model, where, update }: { model: string; where: CleanedWhere[]; update: T }) {
        const changes = recordOf(update as Readonly<Record<string, unknown>>);
        const count = await records.updateRecords(kindOf(model), conditionsOf(where), changes);
        return count === 0 ? null : ((await first(model, where)) as T | null);
      },
      updateMany: ({ model, where, update }) =>
        records.updateRecords(kindOf(model), conditionsOf(where), recordOf(update)),
      async delete({ model, where }) {
        await records.removeRecords(kindOf(model), conditionsOf(where));
      },
      deleteMany: ({ model, where }) => records.removeRecords(kindOf(model), conditionsOf(where)),
      count: async ({ model, where }) => (await find(model, where ?? [], maxFound)).length,
    }),
  });
}
