// Everything from a fresh clone to a running server; a second start only serves.
import { fileURLToPath } from "node:url";
import { ensureInstalled } from "./installed.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);
try {
  await ensureInstalled(root);
  // Loaded late: it needs what has just been installed.
  const { ensureBuilt } = await import("./built.mjs");
  await ensureBuilt(root);
} catch (error) {
  console.error(`\nSetting up failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
process.env.NODE_ENV = "production";
await import("../dist/server.js");
