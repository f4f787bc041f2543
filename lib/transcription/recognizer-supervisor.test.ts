import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Clock, Logger } from "../call/ports.ts";
import { RecognizerSupervisor, type DecodingUtterance } from "./recognizer-supervisor.ts";

const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quiet,
};

/** Waits a fortieth of the time. */
const hastyClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs / 40);
    return () => {
      clearTimeout(timer);
    };
  },
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "supervisor-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function superviseUntilDeath(
  program: string,
): Promise<{ decoding: readonly DecodingUtterance[]; births: number }> {
  const file = join(folder, "recognizer.mjs");
  await writeFile(file, `process.on("disconnect", () => process.exit());\n${program}`);
  let births = 0;
  let supervisor: RecognizerSupervisor | undefined;
  try {
    return await new Promise((resolve) => {
      let decoding: readonly DecodingUtterance[] | null = null;
      supervisor = new RecognizerSupervisor({
        url: pathToFileURL(file),
        execArgv: [],
        decodes: 1,
        logger: quiet,
        clock: hastyClock,
        onMessage: () => undefined,
        onDeath: (lost) => {
          decoding ??= lost;
        },
        onBirth: () => {
          births += 1;
          if (decoding !== null) resolve({ decoding, births });
        },
      });
      supervisor.start();
    });
  } finally {
    await supervisor?.close();
  }
}

describe("the recogniser's supervisor", { timeout: 60_000 }, () => {
  it("starts another one when it dies", async () => {
    expect((await superviseUntilDeath(`setTimeout(() => process.exit(3), 50);`)).births).toBe(2);
  });

  it("ends one that does not answer any more", async () => {
    const { births } = await superviseUntilDeath(`
      process.send({ type: "started" });
      process.on("message", () => undefined);
    `);
    expect(births).toBe(2);
  });

  it("ends one that answers while a decode never returns, and tells which", async () => {
    const { decoding } = await superviseUntilDeath(`
      process.send({ type: "started" });
      process.send({ type: "decoding", streamId: 7, utteranceId: "0-1", isFinal: true, ms: 0 });
      process.on("message", () => process.send({ type: "pong" }));
    `);
    expect(decoding).toMatchObject([{ streamId: 7, utteranceId: "0-1" }]);
  });
});
