import { randomBytes } from "node:crypto";
import { chmod, link, mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";

const minSecretLength = 32;

/**
 * The key that tokens are signed with where no AUTH_SECRET is set: `DATA_DIR/secret`, mode 0600, made at the
 * first start. Two processes that start at once end up with the same one.
 * Throws when the file is there and holds no key: replacing it silently would end every token that is out.
 */
export async function readOrMakeSecret(folder: string): Promise<string> {
  const path = join(folder, "secret");
  const existing = await readSecret(path);
  if (existing !== null) return existing;

  await mkdir(folder, { recursive: true });
  const draft = `${path}.${randomBytes(8).toString("hex")}`;
  try {
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(randomBytes(32).toString("base64url") + "\n");
      await file.sync();
    } finally {
      await file.close();
    }
    // Unlike a rename, a link never replaces what another process has just put there.
    await link(draft, path).catch((error: unknown) => {
      if (!hasCode(error, "EEXIST")) throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  const made = await readSecret(path);
  if (made === null) throw new Error(`${path} vanished while it was being made`);
  return made;
}

async function readSecret(path: string): Promise<string | null> {
  let text: string;
  try {
    text = (await readFile(path, "utf8")).trim();
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
  if (text.length < minSecretLength) {
    throw new Error(`${path} holds no key: delete it and start again (calls under way lose their tokens)`);
  }
  if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600);
  return text;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
