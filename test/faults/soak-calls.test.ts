import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { times } from "./counts.ts";

const seconds = times(15, "SOAK_TEST_SECONDS");
const limitMs = 400_000 + seconds * 4000;

it(
  "calls with random faults of the network and the server end with equal audio and nothing left behind",
  async () => {
    const program = fileURLToPath(new URL("../../bench/soak-calls.ts", import.meta.url));
    const soak = spawn(
      process.execPath,
      ["--import", "tsx", program, "--calls", "4", "--seconds", String(seconds), "--json"],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    // Its server ends with it.
    onTestFinished(() => {
      soak.kill("SIGKILL");
    });
    let written = "";
    soak.stdout.on("data", (chunk: Buffer) => (written += chunk.toString("utf8")));
    const code = await new Promise((resolve) => soak.once("close", resolve));
    const summary = JSON.parse(written.trim()) as Readonly<Record<string, unknown>>;
    expect(summary).toMatchObject({ problems: [], lostSamples: 0, lostEvents: 0, rejections: 0 });
    expect(summary.audioSeconds).toBeGreaterThan(seconds);
    expect(summary.faults).toMatchObject({ kill: 3, term: 1 });
    expect(code).toBe(0);
  },
  limitMs,
);
