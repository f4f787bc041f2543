import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { run } from "./run.mjs";

/** What the build is made from. */
const sources = [
  "app",
  "bin/account-command.ts",
  "bin/audit.ts",
  "bin/key.ts",
  "bin/typed-password.ts",
  "bin/user.ts",
  "lib",
  "messages",
  "prisma",
  "public",
  "workers",
  "worklets",
  "scripts/build-worklets.mjs",
  "scripts/built.mjs",
  "server.ts",
  "next.config.ts",
  "postcss.config.mjs",
  "prisma.config.ts",
  "tsconfig.json",
  "package-lock.json",
];
/** What the build itself writes among its sources. */
const made = new Set(["lib/persistence/generated", "public/worklets"]);

function* filesUnder(root, path) {
  if (made.has(path)) return;
  const entries = readdirSync(join(root, path), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const inner = `${path}/${entry.name}`;
    if (entry.isDirectory()) yield* filesUnder(root, inner);
    else if (!/\.test\.tsx?$/.test(entry.name)) yield inner;
  }
}

function fingerprint(root) {
  const hash = createHash("sha256").update(process.versions.node);
  for (const source of sources) {
    if (!existsSync(join(root, source))) continue;
    const files = /\.\w+$/.test(source) ? [source] : [...filesUnder(root, source)];
    for (const file of files)
      hash
        .update(file)
        .update("\0")
        .update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

/** The database client, which type checking, tests and the build need. */
export async function generateClient(root) {
  await run(process.execPath, ["node_modules/prisma/build/index.js", "generate"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, PRISMA_HIDE_UPDATE_MESSAGE: "1", CHECKPOINT_DISABLE: "1" },
  });
}

/** The database client, made again when there is a newer schema: it has tables that an older client does not know. */
export async function ensureClient(root) {
  const madeAtMs = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (madeAtMs("lib/persistence/generated/sqlite/client.ts") <= madeAtMs("prisma/sqlite/schema.prisma"))
    await generateClient(root);
}

function workersOf(root) {
  return readdirSync(join(root, "workers")).filter((name) => /^[a-z-]+\.ts$/.test(name));
}

/** Packages are bundled too: read from their thousand files, they make up a quarter of what a start costs. */
const bundling = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  // These find files of their own beside themselves, or are megabytes that one database of two needs.
  external: ["next", "libsql", "sherpa-onnx-node", "@prisma/client/runtime/query_compiler_*"],
  // For what packages in CommonJS require of Node.
  banner: {
    js: 'import { createRequire as bundledRequire } from "node:module"; const require = bundledRequire(import.meta.url);',
  },
  sourcemap: true,
  logLevel: "warning",
};

/** The worker threads of programs that run from TypeScript sources, which may be starting one right now. */
export async function bundleWorkers(root) {
  const { outputFiles } = await build({
    ...bundling,
    absWorkingDir: root,
    entryPoints: workersOf(root).map((name) => `workers/${name}`),
    outdir: ".cache/workers",
    write: false,
  });
  for (const { path, contents } of outputFiles) {
    if (existsSync(path) && readFileSync(path).equals(contents)) continue;
    mkdirSync(dirname(path), { recursive: true });
    const whole = `${path}.${process.pid}`;
    writeFileSync(whole, contents);
    renameSync(whole, path);
  }
}

/** Programs that measure what a built server costs: the loader of TypeScript costs more than it. */
export async function bundleBench(root) {
  await build({
    ...bundling,
    absWorkingDir: root,
    entryPoints: [
      ...["load-server", "listen-service", "bare-relay"].map((name) => ({
        in: `bench/${name}.ts`,
        out: name,
      })),
      ...workersOf(root).map((name) => ({ in: `workers/${name}`, out: `workers/${name.slice(0, -3)}` })),
    ],
    outdir: ".cache/bench",
  });
}

/** Commands for whoever runs the server: from sources they take seconds to load. */
export const builtCommands = ["audit", "key", "user"];

/** Where a command of bin/ is, as the server is built: null when it is not in the build, or the build is stale. */
export function builtCommand(root, name) {
  return builtCommands.includes(name) && isBuilt(root) ? join(root, "dist", `${name}.js`) : null;
}

async function bundleServer(root) {
  await build({
    ...bundling,
    absWorkingDir: root,
    entryPoints: [
      { in: "server.ts", out: "server" },
      ...builtCommands.map((name) => ({ in: `bin/${name}.ts`, out: name })),
      ...workersOf(root).map((name) => ({ in: `workers/${name}`, out: `workers/${name.slice(0, -3)}` })),
    ],
    outdir: "dist",
  });
}

function stampPath(root) {
  return join(root, "dist", "build-stamp");
}

/** Whether nothing has changed since the last build. */
export function isBuilt(root) {
  return existsSync(stampPath(root)) && readFileSync(stampPath(root), "utf8") === fingerprint(root);
}

/** Builds everything when something has changed since the last build; true when it had to. */
export async function ensureBuilt(root) {
  if (isBuilt(root)) return false;
  const stamp = fingerprint(root);
  // A build that is cut short must not count as the one before it.
  rmSync(stampPath(root), { force: true });
  console.error("Building (about a minute) …");
  await generateClient(root);
  // Standard output belongs to the command that needed the build.
  const stdio = ["ignore", 2, 2];
  await run(process.execPath, ["scripts/build-worklets.mjs"], { cwd: root, stdio });
  await run(process.execPath, ["node_modules/next/dist/bin/next", "build"], {
    cwd: root,
    stdio,
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
  });
  await bundleServer(root);
  writeFileSync(stampPath(root), stamp);
  return true;
}
