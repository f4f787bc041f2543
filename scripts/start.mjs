// Everything from a fresh clone to a running server; a second start only serves.
import { fileURLToPath } from "node:url";
import { endWithNpm } from "./end-with-npm.mjs";
import { ensureInstalled } from "./installed.mjs";
import { run } from "./run.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);
try {
  await ensureInstalled(root);
  // Loaded late: it needs what has just been installed.
  const { isBuilt } = await import("./built.mjs");
  // In a process of its own, which takes the bundler's along when it ends.
  if (!isBuilt(root)) await run(process.execPath, ["scripts/build.mjs"], { cwd: root });
} catch (error) {
  console.error(`\nSetting up failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

endWithNpm();
process.env.NODE_ENV = "production";
await import("../dist/server.js");
