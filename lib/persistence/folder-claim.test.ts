import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { claimFolder } from "./folder-claim.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "folder-claim-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it("a folder belongs to one process until that one lets go of it or is killed", async () => {
  const program = `
    const { claimFolder } = await import(${JSON.stringify(fileURLToPath(new URL("folder-claim.ts", import.meta.url)))});
    claimFolder(${JSON.stringify(folder)});
    console.log("claimed");
    setInterval(() => undefined, 1000);`;
  const other = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = new Promise((resolve) => other.once("exit", resolve));
  try {
    await new Promise((resolve) => other.stdout.once("data", resolve));
    expect(() => claimFolder(folder)).toThrow(/Another process uses the data folder/);
  } finally {
    other.kill("SIGKILL");
    await gone;
  }
  const release = claimFolder(folder);
  release();
  claimFolder(folder)();
});

it("a folder that is not there is made", () => {
  claimFolder(join(folder, "new", "data"))();
});
