// For programs of bench/ that are started by themselves: workers bundled from older sources would not fit.
import { fileURLToPath } from "node:url";
import { bundleBench, bundleWorkers, ensureClient } from "./built.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
await ensureClient(root);
await bundleWorkers(root);
if (process.argv.includes("--bench")) await bundleBench(root);
