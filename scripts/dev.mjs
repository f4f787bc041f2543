// Pages reload as they are edited; the server restarts when its own sources change.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { endWithNpm } from "./end-with-npm.mjs";
import { ensureInstalled } from "./installed.mjs";
import { run } from "./run.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
await ensureInstalled(root);
const { bundleWorkers, generateClient } = await import("./built.mjs");
await generateClient(root);
await bundleWorkers(root);
await run(process.execPath, ["scripts/build-worklets.mjs"], { cwd: root });
const watched = ["--include", "lib/**", "--include", "workers/**", "--exclude", "lib/client/**"];
const server = spawn(process.execPath, ["node_modules/tsx/dist/cli.mjs", "watch", ...watched, "server.ts"], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, NODE_ENV: "development", NEXT_TELEMETRY_DISABLED: "1" },
});
endWithNpm();
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => server.kill(signal));
server.once("exit", (code) => process.exit(code ?? 0));
