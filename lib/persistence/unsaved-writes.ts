import { appendFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { CallError } from "../call/errors.ts";
import type { CallWrite } from "../call/stored-call.ts";
import type { UnsavedWrites } from "../call/unsaved.ts";
import { callIdPattern } from "../contract/vocabulary.ts";

const keptEnding = ".jsonl";
const refusedEnding = ".refused.jsonl";

/** Files in a folder beside the database: one line for each write, `<callId>.jsonl` and `<callId>.refused.jsonl`. */
export function createUnsavedWrites(folder: string): UnsavedWrites {
  function fileOf(callId: string, ending: string): string {
    // The last line of defence: an id that could name another file never reaches the disk.
    if (!callIdPattern.test(callId)) throw new CallError("call_not_found", "There is no such call.");
    return join(folder, `${callId}${ending}`);
  }

  const append = (write: CallWrite, ending: string): Promise<void> =>
    storing(async () => {
      await mkdir(folder, { recursive: true });
      // A line that was cut off ends here, so that it spoils no other.
      await appendFile(fileOf(write.callId, ending), `\n${JSON.stringify(write)}\n`, { mode: 0o600 });
    });

  return {
    keep: (write) => append(write, keptEnding),
    setAside: (write) => append(write, refusedEnding),
    calls: () =>
      storing(async () => {
        const names = await readdir(folder).catch((error: unknown) => {
          if (isMissing(error)) return [];
          throw error;
        });
        return names
          .filter((name) => name.endsWith(keptEnding) && !name.endsWith(refusedEnding))
          .map((name) => name.slice(0, -keptEnding.length))
          .filter((callId) => callIdPattern.test(callId));
      }),
    of: (callId) =>
      storing(async () => {
        const lines = (await readFile(fileOf(callId, keptEnding), "utf8")).split("\n");
        return lines.flatMap((line) => parsed(line) ?? []);
      }),
    clear: (callId) => storing(() => rm(fileOf(callId, keptEnding), { force: true })),
    forget: (callId) =>
      storing(async () => {
        await rm(fileOf(callId, keptEnding), { force: true });
        await rm(fileOf(callId, refusedEnding), { force: true });
      }),
  };
}

/** Null for a line that was cut off: it had not been called kept. */
function parsed(line: string): CallWrite | null {
  if (line === "") return null;
  try {
    return JSON.parse(line) as CallWrite;
  } catch {
    return null;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

async function storing<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof CallError) throw error;
    throw new CallError("storage_failed", "Unsaved writes could not be kept or read.", { cause: error });
  }
}
