import { mkdtemp, readdir, rm, stat, writeFile, chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readOrMakeSecret } from "./server-secret.ts";

describe("the secret of a server without AUTH_SECRET", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "coach-secret-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it("is made once, for its owner's eyes only, in a folder that need not exist yet", async () => {
    const dataDir = join(folder, "a", "b");
    const secret = await readOrMakeSecret(dataDir);
    expect(secret.length).toBeGreaterThanOrEqual(43);
    expect(await readOrMakeSecret(dataDir)).toBe(secret);
    expect((await stat(join(dataDir, "secret"))).mode & 0o777).toBe(0o600);
    expect(await readdir(dataDir)).toEqual(["secret"]);
  });

  it("is one and the same for many that start at once", async () => {
    const secrets = await Promise.all(Array.from({ length: 20 }, () => readOrMakeSecret(folder)));
    expect(new Set(secrets).size).toBe(1);
    expect(await readdir(folder)).toEqual(["secret"]);
  });

  it("is not replaced when the file holds no key", async () => {
    await writeFile(join(folder, "secret"), "short\n");
    await expect(readOrMakeSecret(folder)).rejects.toThrow(/holds no key/);
  });

  it("is hidden again when others could read it", async () => {
    await readOrMakeSecret(folder);
    await chmod(join(folder, "secret"), 0o644);
    await readOrMakeSecret(folder);
    expect((await stat(join(folder, "secret"))).mode & 0o777).toBe(0o600);
  });
});
