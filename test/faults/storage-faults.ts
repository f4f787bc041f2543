import { execFile, spawn, type ChildProcess } from "node:child_process";
import { readdir, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * No file of the process may grow beyond so many bytes: writes fail from there on as they do on a disk that
 * is full. Needs no rights but those over one's own processes.
 */
export async function limitFileSize(processId: number, bytes: number | "unlimited"): Promise<void> {
  // The soft limit alone: what is lowered can be raised again.
  await run("prlimit", ["--pid", String(processId), `--fsize=${String(bytes)}:`]);
}

/** A small disk of its own, or why this machine does not permit one. */
export async function mountSmallDisk(
  folder: string,
  megabytes: number,
): Promise<{ readonly unmount: () => Promise<void> } | { readonly refused: string }> {
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${String(megabytes)}m`, "none", folder]);
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
  return {
    unmount: async () => {
      await run("umount", ["-l", folder]);
    },
  };
}

/**
 * Turns what is in the folder read-only under a running server, files that are open included, as a disk does that
 * its system no longer trusts. A mount cannot be turned so while files are open on it, so that each file and folder
 * is; where that is not permitted, no byte of any file may be written by the process, which is the same to it.
 */
export async function turnReadOnly(
  folder: string,
  processId: number,
  isMeant: (path: string) => boolean = () => true,
): Promise<{ readonly how: string; readonly turnBack: () => Promise<void> }> {
  const entries = await readdir(folder, { recursive: true });
  // The index of the database's log is memory that processes share, which a disk that turns read-only leaves alone.
  const paths = ["", ...entries].filter((path) => !path.endsWith("-shm") && isMeant(path));
  const meant = paths.map((path) => join(folder, path));
  try {
    await run("chattr", ["+i", ...meant]);
  } catch {
    await run("chattr", ["-f", "-i", ...meant]).catch(() => undefined);
    await limitFileSize(processId, 0);
    return { how: "RLIMIT_FSIZE 0", turnBack: () => limitFileSize(processId, "unlimited") };
  }
  return {
    how: "chattr +i",
    turnBack: async () => {
      await run("chattr", ["-i", ...meant]);
    },
  };
}

/** Fills the disk that the folder is on to its last byte; the file may be removed again. */
export async function fillDisk(folder: string): Promise<string> {
  const filler = join(folder, "filler");
  const { bavail, bsize } = await statfs(folder);
  await writeFile(filler, Buffer.alloc(bavail * bsize)).catch(() => undefined);
  // What was free when it was asked for may have been taken or given back meanwhile.
  for (const name of ["filler-2", "filler-3"]) {
    const left = await statfs(folder);
    await writeFile(join(folder, name), Buffer.alloc(left.bavail * left.bsize)).catch(() => undefined);
  }
  return filler;
}

/** Another process that has the database to itself until it is let go. */
export async function lockDatabase(databasePath: string): Promise<() => Promise<void>> {
  const program = `
    import Database from "libsql";
    const database = new Database(process.argv[1], { timeout: 20000 });
    database.exec("BEGIN EXCLUSIVE");
    process.stdout.write("locked\\n");
    process.stdin.resume();
    process.stdin.once("end", () => { database.exec("ROLLBACK"); database.close(); process.exit(0); });`;
  const child: ChildProcess = spawn(process.execPath, ["--input-type=module", "-e", program, databasePath], {
    cwd: root,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => {
      resolve();
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once("data", () => {
      resolve();
    });
    child.once("exit", () => {
      reject(new Error("the database could not be locked"));
    });
  });
  return async () => {
    child.stdin?.end();
    await gone;
  };
}
