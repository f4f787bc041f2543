import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const appRoot = fileURLToPath(new URL("../..", import.meta.url));

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npm run user|key -- …` as a process of its own, on the data of a server or of none yet. */
export async function accountCommand(
  name: "user" | "key",
  args: readonly string[],
  options: { readonly dataFolder: string; readonly input?: string },
): Promise<CommandResult> {
  const child = spawn(process.execPath, ["scripts/tool.mjs", name, ...args], {
    cwd: appRoot,
    env: { PATH: process.env.PATH, NODE_ENV: "production", DATA_DIR: options.dataFolder },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.end(options.input ?? "");
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { code, stdout, stderr };
}

/** Adds a user with this password, or throws what the command said. */
export async function addUser(
  dataFolder: string,
  name: string,
  role: "rep" | "manager",
  password: string,
): Promise<void> {
  const added = await accountCommand("user", ["add", name, "--role", role, "--password-stdin"], {
    dataFolder,
    input: `${password}\n`,
  });
  if (added.code !== 0) throw new Error(added.stderr);
}

export async function addKey(
  dataFolder: string,
  name: string,
  role: "rep" | "manager" = "manager",
): Promise<string> {
  const added = await accountCommand("key", ["add", name, "--role", role], { dataFolder });
  if (added.code !== 0) throw new Error(added.stderr);
  return added.stdout.trim();
}
