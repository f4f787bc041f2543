// Runs a command of bin/ or bench/ from its TypeScript source, after installing what is missing.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ensureInstalled } from "./installed.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const [name = "", ...args] = process.argv.slice(2);
const entry = join(root, name === "bench" ? "bench/bench.ts" : `bin/${name}.ts`);
if (!/^[a-z-]+$/.test(name) || !existsSync(entry)) {
  console.error(`There is no command "${name}".`);
  process.exit(2);
}
await ensureInstalled(root);
// Detection is pure: it starts at once, without a database client or workers.
if (name !== "detect") {
  const { bundleWorkers, ensureClient } = await import("./built.mjs");
  await ensureClient(root);
  // Accounts and the audit log need no thread.
  if (name !== "user" && name !== "key" && name !== "audit") await bundleWorkers(root);
}
// These drive the product as it is served.
if (name === "demo" || name === "bench") {
  const { ensureBuilt } = await import("./built.mjs");
  await ensureBuilt(root);
}
const { register } = await import("tsx/esm/api");
register();
process.argv = [process.argv[0], entry, ...args];
await import(pathToFileURL(entry).href);
