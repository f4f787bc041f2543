// Bundles every worklets/*.ts into public/worklets/*.js: the page loads them by path, because
// `new URL("x.ts", import.meta.url)` is not bundled for addModule().
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import path from "node:path";
import { build } from "esbuild";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const sources = (await readdir(path.join(root, "worklets"))).filter(
  (name) => name.endsWith(".ts") && !name.endsWith(".d.ts") && !name.endsWith(".test.ts"),
);

await build({
  entryPoints: sources.map((name) => path.join(root, "worklets", name)),
  outdir: path.join(root, "public", "worklets"),
  bundle: true,
  format: "iife",
  target: "es2022",
  minify: true,
  logLevel: "warning",
});
