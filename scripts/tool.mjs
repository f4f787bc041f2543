// Runs a command of bin/ or bench/, after installing what is missing: as built beside the server, or from its source.
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
/** What the command needs, made; where it is built, or null when it runs from its source. */
async function prepare() {
  const { builtCommand, builtCommands, bundleWorkers, ensureBuilt, ensureClient } =
    await import("./built.mjs");
  // These drive the product as it is served.
  if (name === "demo" || name === "bench") await ensureBuilt(root);
  const built = builtCommand(root, name);
  if (built !== null) return built;
  await ensureClient(root);
  // Accounts and the audit log need no thread.
  if (!builtCommands.includes(name)) await bundleWorkers(root);
  return null;
}

// Detection is pure: it starts at once, without a database client or workers.
const built = name === "detect" ? null : await prepare();
if (built === null) {
  const { register } = await import("tsx/esm/api");
  register();
}
process.argv = [process.argv[0], entry, ...args];
await import(pathToFileURL(built ?? entry).href);
