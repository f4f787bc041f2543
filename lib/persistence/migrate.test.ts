import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import Database from "libsql";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { migrateDatabase } from "./migrate.ts";
import { keptLog, migrationsFolder } from "./test-platform.ts";

interface Column {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly pk: number;
}

const sqlTypes: Readonly<Record<string, string>> = {
  String: "TEXT",
  Int: "INTEGER",
  BigInt: "BIGINT",
  Float: "REAL",
  Boolean: "BOOLEAN",
};

/** Tables and columns that the schema declares, as `PRAGMA table_info` would tell them. */
async function declaredTables(): Promise<ReadonlyMap<string, readonly Column[]>> {
  const schema = await readFile(new URL("../../prisma/sqlite/schema.prisma", import.meta.url), "utf8");
  const tables = new Map<string, readonly Column[]>();
  for (const [, model, body] of schema.matchAll(/^model (\w+) \{\n(.*?)^\}/gms)) {
    const lines = (body ?? "").split("\n").map((line) => line.trim());
    const key = /@@id\(\[(.*?)\]\)/.exec(body ?? "")?.[1]?.split(/,\s*/) ?? [];
    const columns = lines.flatMap((line) => {
      const [, field, type, optional] = /^(\w+)\s+(\w+)(\?)?(?:\s|$)/.exec(line) ?? [];
      const sqlType = sqlTypes[type ?? ""];
      if (field === undefined || sqlType === undefined) return [];
      const single = /\s@id\b/.test(line) ? 1 : 0;
      return {
        name: /@map\("(\w+)"\)/.exec(line)?.[1] ?? field,
        type: sqlType,
        notnull: optional === undefined ? 1 : 0,
        pk: single || key.indexOf(field) + 1,
      };
    });
    tables.set(/@@map\("(\w+)"\)/.exec(body ?? "")?.[1] ?? model ?? "", columns);
  }
  return tables;
}

function tablesOf(path: string): ReadonlyMap<string, readonly Column[]> {
  const database = new Database(path);
  try {
    const names = database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .all() as { name: string }[];
    return new Map(
      names
        .map(({ name }) => name)
        .filter((name) => name !== "_prisma_migrations" && !/^(call|live)_search/.test(name))
        .map((name) => [
          name,
          (database.prepare(`PRAGMA table_info("${name}")`).all() as Column[]).map(
            ({ name, type, notnull, pk }) => ({
              name,
              type,
              notnull,
              pk,
            }),
          ),
        ]),
    );
  } finally {
    database.close();
  }
}

describe("migrations", () => {
  let folder: string;
  let path: string;
  let migrations: string;
  const migrate = () =>
    migrateDatabase({ databaseUrl: `file:${path}`, migrationsFolder: migrations, logger: keptLog() });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "migrate-"));
    path = join(folder, "data", "coach.db");
    migrations = join(folder, "migrations");
    await cp(migrationsFolder, migrations, { recursive: true });
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test("give an empty database every table and column of the schema, and no other", async () => {
    expect((await migrate()).length).toBeGreaterThan(0);
    const declared = await declaredTables();
    expect([...declared.keys()]).toContain("calls");
    expect(Object.fromEntries(tablesOf(path))).toEqual(Object.fromEntries(declared));
  });

  test("are applied once", async () => {
    await migrate();
    expect(await migrate()).toEqual([]);
  });

  test("are applied by exactly one of three servers that start at once", async () => {
    const script = `
      import { migrateDatabase } from ${JSON.stringify(new URL("migrate.ts", import.meta.url).href)};
      const logger = { info() {} };
      const options = { databaseUrl: ${JSON.stringify(`file:${path}`)}, migrationsFolder: ${JSON.stringify(migrations)}, logger };
      console.log((await migrateDatabase(options)).length);`;
    const outputs = await Promise.all(
      [1, 2, 3].map(() =>
        promisify(execFile)(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script]),
      ),
    );
    const applied = outputs.map(({ stdout }) => Number(stdout)).sort();
    expect(applied.slice(0, 2)).toEqual([0, 0]);
    expect(applied[2]).toBeGreaterThan(0);
  });

  test("that were edited after they had been applied are refused", async () => {
    const [name] = await migrate();
    const file = join(migrations, name ?? "", "migration.sql");
    await writeFile(file, `${await readFile(file, "utf8")}\n-- edited`);
    await expect(migrate()).rejects.toThrow("edited");
  });

  test("of a newer version, or that did not finish, are refused", async () => {
    const [name] = await migrate();
    const change = (sql: string) => {
      const database = new Database(path);
      database.exec(sql);
      database.close();
    };
    change('UPDATE "_prisma_migrations" SET finished_at = NULL');
    await expect(migrate()).rejects.toThrow("did not finish");
    change('UPDATE "_prisma_migrations" SET finished_at = current_timestamp');
    await rm(join(migrations, name ?? ""), { recursive: true });
    await expect(migrate()).rejects.toThrow("unknown");
  });

  test("that fail leave the database as it was", async () => {
    await migrate();
    const before = tablesOf(path);
    const broken = join(migrations, "29990101000000_broken");
    await cp(join(migrations, (await readFirst(migrations)) ?? ""), broken, { recursive: true });
    await writeFile(
      join(broken, "migration.sql"),
      "CREATE TABLE half (id INTEGER); CREATE TABLE calls (id INTEGER);",
    );
    await expect(migrate()).rejects.toMatchObject({ code: "storage_failed" });
    expect(tablesOf(path)).toEqual(before);
    await rm(broken, { recursive: true });
    expect(await migrate()).toEqual([]);
  });
});

async function readFirst(folder: string): Promise<string | undefined> {
  const { readdir } = await import("node:fs/promises");
  return (await readdir(folder)).find((name) => name.includes("_calls"));
}
