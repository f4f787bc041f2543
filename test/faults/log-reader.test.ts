import { spawn } from "node:child_process";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../bin/running-server.ts";

const appRoot = fileURLToPath(new URL("../..", import.meta.url));

/** Processor time of a process since it began, in the system's ticks of 10 ms (proc(5): utime and stime). */
async function ticksOf(processId: number): Promise<number> {
  const stat = await readFile(`/proc/${processId}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

describe("a server whose log cannot be written", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sales-coach-log-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ["because nobody reads it any more", "pipe"],
    ["because its disk is full", "/dev/full"],
  ] as const)(
    "%s, starts, answers, has nothing to do, and ends when it is told to",
    async (_why, log) => {
      const port = await freePort();
      const full = log === "pipe" ? null : await open(log, "w");
      const output = full?.fd ?? "pipe";
      const child = spawn(process.execPath, ["dist/server.js"], {
        cwd: appRoot,
        env: { PATH: process.env.PATH, NODE_ENV: "production", PORT: String(port), DATA_DIR: folder },
        stdio: ["ignore", output, output],
      });
      const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
      child.stdout?.destroy();
      child.stderr?.destroy();
      try {
        const readiness = async (): Promise<number | undefined> =>
          (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null))?.status;
        await expect.poll(readiness, { timeout: 60_000 }).toBe(200);
        const before = await ticksOf(child.pid ?? 0);
        await sleep(3000);
        expect(await ticksOf(child.pid ?? 0)).toBeLessThan(before + 150);
        child.kill("SIGTERM");
        expect(await ended).toBe(0);
      } finally {
        child.kill("SIGKILL");
        await full?.close();
      }
    },
    120_000,
  );
});
