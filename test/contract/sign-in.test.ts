import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer, type RunningServer } from "../../bin/running-server.ts";
import { accountCommand, addKey, addUser } from "./account-commands.ts";
import { cookieOf, signIn, signInForm } from "./accounts-under-test.ts";
import { ask, expectProblem, type Answer } from "./server-under-test.ts";

const password = `${randomBytes(12).toString("base64url")} ñ`;

describe("§4 signing in", () => {
  let folder: string;
  let server: RunningServer;
  const secret = randomBytes(24).toString("base64url");
  const start = (settings: Readonly<Record<string, string>> = {}): Promise<RunningServer> =>
    startServer(
      { AUTH_SECRET: secret, DATA_DIR: folder, LOG_LEVEL: "warn", ...settings },
      { until: "listening" },
    );
  const mayList = async (cookie: string): Promise<boolean> =>
    (await ask(server, "/calls", { headers: { Cookie: cookie } })).status === 200;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sales-coach-sign-in-"));
    await addUser(folder, "ana", "rep", password);
    server = await start();
  }, 120_000);
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("the page is a plain form in both languages, and remembers where the person wanted to go", async () => {
    for (const [language, words] of [
      ["es", "Iniciar sesión"],
      ["en", "Sign in"],
    ] as const) {
      const page = await ask(server, "/sign-in?next=/history", { headers: { "Accept-Language": language } });
      const html = page.body.toString();
      expect(page.status).toBe(200);
      expect(html).toContain(words);
      expect(html).toMatch(/<form[^>]*action="\/sign-in"[^>]*method="post"/);
      expect(html).toContain('name="next" value="/history"');
    }
  });

  it("tells the operator of a server without users how to add the first", async () => {
    const empty = await mkdtemp(join(tmpdir(), "sales-coach-no-users-"));
    try {
      const lonely = await start({ DATA_DIR: empty });
      await lonely.stop();
      expect(lonely.output()).toContain("npm run user -- add NAME --role manager");
      expect(server.output()).not.toContain("npm run user -- add");
    } finally {
      await rm(empty, { recursive: true, force: true });
    }
  }, 120_000);

  it("leads to the page asked for, with a cookie that scripts and other sites do not get", async () => {
    const answer = await ask(server, "/sign-in", signInForm({ name: "ANA", password, next: "/history?x=1" }));
    expect([answer.status, answer.headers.location]).toEqual([303, "/history?x=1"]);
    const [line = ""] = answer.headers["set-cookie"] ?? [];
    expect(line).toMatch(
      /^sales-coach\.session_token=[^;]+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    expect(await mayList(cookieOf(answer))).toBe(true);
    const again = await ask(server, "/sign-in?next=/history", { headers: { Cookie: cookieOf(answer) } });
    expect([again.status, again.headers.location]).toEqual([303, "/history"]);
  });

  it("never leads to another site", async () => {
    for (const next of [
      "//evil.example.com",
      "/\\evil.example.com",
      "https://evil.example.com",
      "/\t/evil.example.com",
    ]) {
      const answer = await ask(server, "/sign-in", signInForm({ name: "ana", password, next }));
      expect([answer.status, answer.headers.location]).toEqual([303, "/"]);
    }
  });

  it("answers programs in JSON", async () => {
    const answer = await ask(server, "/sign-in", { body: { name: "ana", password } });
    expect([answer.status, JSON.parse(answer.body.toString())]).toEqual([200, { name: "ana", role: "rep" }]);
    expect(await mayList(cookieOf(answer))).toBe(true);
    expectProblem(await ask(server, "/sign-in", { body: { name: "ana" } }), 422, "invalid");
    expectProblem(
      await ask(server, "/sign-in", { body: { name: "ana", password, admin: true } }),
      422,
      "invalid",
    );
    expectProblem(
      await ask(server, "/sign-in", { body: "{", headers: { "Content-Type": "application/json" } }),
      400,
      "malformed",
    );
    expectProblem(
      await ask(server, "/sign-in", signInForm({ name: "ana", password: "x".repeat(20_000) })),
      413,
      "too_large",
    );
  });

  it("tells a wrong name and a wrong password alike, and neither before half a second", async () => {
    const told: unknown[] = [];
    for (const name of ["ana", "nobody", "zoë", "' OR 1=1 --"]) {
      const beganMs = performance.now();
      const answer: Answer = await ask(server, "/sign-in", { body: { name, password: "wrong password" } });
      // Not a limit on speed: the server itself waits so long.
      expect(performance.now() - beganMs).toBeGreaterThan(450);
      expectProblem(answer, 401, "unauthorized");
      told.push([answer.body.toString(), answer.headers["set-cookie"]]);
    }
    expect(new Set(told.map((one) => JSON.stringify(one))).size).toBe(1);
    const page = await ask(
      server,
      "/sign-in",
      signInForm({ name: "ana", password: "wrong", next: "/history" }),
    );
    expect(page.status).toBe(401);
    expect(page.body.toString()).toContain("El nombre o la contraseña no son correctos.");
    expect(page.body.toString()).toContain('name="next" value="/history"');
    expect(page.headers["content-security-policy"]).toContain("nonce-");
    expect(page.body.toString()).not.toContain('value="wrong"');
  });

  it("stops guessing with 429 and a time to wait, for names that exist and that do not", async () => {
    await addUser(folder, "guessed", "rep", password);
    for (const name of ["guessed", "never-was"]) {
      const tries = [];
      for (let i = 0; i < 6; i += 1)
        tries.push(await ask(server, "/sign-in", signInForm({ name, password: String(i) })));
      expect(tries.map((answer) => answer.status)).toEqual([401, 401, 401, 401, 401, 429]);
      expect(Number(tries.at(-1)?.headers["retry-after"])).toBeGreaterThan(10);
      expect(tries.at(-1)?.body.toString()).toContain("Demasiados intentos");
    }
    // The right password does not help any more; another person is not concerned.
    const right = await ask(server, "/sign-in", { body: { name: "guessed", password } });
    expectProblem(right, 429, "rate_limited");
    expect(await mayList(await signIn(server, "ana", password))).toBe(true);
  }, 120_000);

  it("a session ends by signing out, by another password and by its age", async () => {
    const [out, old, other] = [
      await signIn(server, "ana", password),
      await signIn(server, "ana", password),
      await signIn(server, "ana", password),
    ];
    const answer = await ask(server, "/sign-out", { method: "POST", headers: { Cookie: out } });
    expect([answer.status, answer.headers.location]).toEqual([303, "/sign-in"]);
    expect(answer.headers["set-cookie"]?.[0]).toContain("Max-Age=0");
    expect([await mayList(out), await mayList(old)]).toEqual([false, true]);

    const database = new Database(join(folder, "coach.db"));
    try {
      database.exec("PRAGMA busy_timeout = 5000");
      const token = decodeURIComponent(old.split("=")[1] ?? "").split(".")[0] ?? "";
      const aged = database.prepare("UPDATE sessions SET expires_at_ms = 1000 WHERE token = ?").run(token);
      expect(aged.changes).toBe(1);
    } finally {
      database.close();
    }
    expect([await mayList(old), await mayList(other)]).toEqual([false, true]);

    const changed = await accountCommand("user", ["password", "ana"], { dataFolder: folder });
    expect(changed.code).toBe(0);
    expect(await mayList(other)).toBe(false);
    expectProblem(await ask(server, "/sign-in", { body: { name: "ana", password } }), 401, "unauthorized");
    expect(await mayList(await signIn(server, "ana", changed.stdout.trim()))).toBe(true);
    await accountCommand("user", ["password", "ana", "--password-stdin"], {
      dataFolder: folder,
      input: password,
    });
  }, 120_000);

  it("nothing else of the library that signs people in can be reached", async () => {
    const cookie = await signIn(server, "ana", password);
    for (const path of [
      "/api/auth/sign-up/email",
      "/api/auth/sign-in/username",
      "/api/auth/get-session",
      "/api/auth/list-sessions",
      "/api/auth/update-user",
      "/api/auth/ok",
      "/sign-up",
    ]) {
      expect([404, 405]).toContain((await ask(server, path, { headers: { Cookie: cookie } })).status);
      const posted = await ask(server, path, { body: { role: "manager" }, headers: { Cookie: cookie } });
      expect([404, 405]).toContain(posted.status);
    }
    const { stdout } = await accountCommand("user", ["list"], { dataFolder: folder });
    expect(stdout.split("\n").filter((line) => line.startsWith("ana\t"))).toEqual([
      expect.stringContaining("\trep\t"),
    ]);
  });

  it("no password and no key is in the data folder, and a new AUTH_SECRET ends every session", async () => {
    const key = await addKey(folder, "crm");
    const cookie = await signIn(server, "ana", password);
    expect(await mayList(cookie)).toBe(true);
    server.process.kill("SIGTERM");
    await new Promise((resolve) => server.process.once("exit", resolve));
    for (const name of await readdir(folder)) {
      if (!name.startsWith("coach.db")) continue;
      const bytes = await readFile(join(folder, name));
      for (const text of [password, key]) expect(bytes.includes(Buffer.from(text))).toBe(false);
    }
    server = await start({ AUTH_SECRET: `${secret}2` });
    expect(await mayList(cookie)).toBe(false);
    const shown = { headers: { Authorization: `Bearer ${key}` } };
    expect((await ask(server, "/calls", shown)).status).toBe(200);
    expect(await mayList(await signIn(server, "ana", password))).toBe(true);
  });

  it.each([
    [["add", "ana", "--role", "rep"], "There is a user ana already."],
    [["add", "ANA", "--role", "rep"], "There is a user ANA already."],
    [["add", "bea"], "Say --role"],
    [["add", "bea", "--role", "admin"], "--role is rep or manager"],
    [["add", "--role", "rep"], "one NAME"],
    [["add", "../bea", "--role", "rep"], "a name has"],
    [["remove", "nobody"], "There is no user nobody."],
    [["dance"], 'There is no "dance".'],
    [[], "Say what to do."],
  ])("npm run user -- %j is refused with exit 2 and a reason", async (args, reason) => {
    const { code, stdout, stderr } = await accountCommand("user", args, { dataFolder: folder });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(reason);
  });
});
