import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.mjs";

const [major, minor] = process.versions.node.split(".").map(Number);

function readPackages(path) {
  return JSON.parse(readFileSync(path, "utf8")).packages;
}

/** Whether every package of the lock file is in node_modules in its version. */
export function isInstalled(root) {
  const installedLock = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installedLock)) return false;
  const installed = readPackages(installedLock);
  return Object.entries(readPackages(join(root, "package-lock.json"))).every(
    ([path, wanted]) => path === "" || wanted.optional || installed[path]?.version === wanted.version,
  );
}

/** Installs from the lock file where something is missing. */
export async function ensureInstalled(root) {
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Node 20.19 or newer is needed; this is ${process.versions.node}.`);
  }
  if (isInstalled(root)) return;
  console.error("Installing packages (once, about a minute) …");
  // Playwright's browser is never downloaded: the system's Chromium is used.
  await run("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: root,
    // Standard output belongs to the command that needed the packages.
    stdio: ["inherit", 2, "inherit"],
    env: { ...process.env, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1" },
  });
}
