import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { defineConfig } from "prisma/config";

// Prisma downloads a native schema engine for every command, though `generate` and `validate` never run it.
// Naming any existing file stops the download; where the engine is present the ordinary command line works.
if (process.env.PRISMA_SCHEMA_ENGINE_BINARY === undefined) {
  const engines = dirname(createRequire(import.meta.url).resolve("@prisma/engines/package.json"));
  const present =
    existsSync(engines) && readdirSync(engines).some((name) => name.startsWith("schema-engine-"));
  if (!present) process.env.PRISMA_SCHEMA_ENGINE_BINARY = join(engines, "package.json");
}

/** The search index, made in SQL: without this, `migrate` would want to drop it. */
const searchTables = ["call_search", "live_search"].flatMap((table) =>
  ["", "_config", "_content", "_data", "_docsize", "_idx"].map((part) => `${table}${part}`),
);

export default defineConfig({
  experimental: { externalTables: true },
  tables: { external: searchTables },
  schema: "prisma/sqlite/schema.prisma",
  migrations: { path: "prisma/sqlite/migrations" },
  datasource: { url: process.env.DATABASE_URL ?? "file:./data/coach.db" },
});
