import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CallError } from "../call/errors.ts";
import type { Principal } from "../call/principal.ts";
import { startFrontServer, type FrontServer } from "./testing/front-server.ts";

const ana: Principal = { id: "user_ana", name: "ana", role: "rep" };

describe("the front of a server where people sign in", () => {
  let front: FrontServer;
  let rights: number;
  const form = { "content-type": "application/x-www-form-urlencoded" };

  beforeEach(async () => {
    rights = 0;
    front = await startFrontServer({
      gate: { isOpen: (segments) => segments?.[0] === "sign-in" || segments?.[0] === "sign-out" },
      identify: (request) =>
        Promise.resolve(
          request.headers.cookie === "session=ana"
            ? { principal: ana, cookies: ["session=ana; Max-Age=9"] }
            : null,
        ),
      signInDoor: {
        admit: (name) =>
          name === "guessed"
            ? Promise.reject(new CallError("rate_limited", "wait", { retryAfterSec: 60 }))
            : Promise.resolve(() => {
                rights += 1;
                return Promise.resolve();
              }),
        signIn: (name, password) =>
          Promise.resolve(
            name === "ana" && password === "right"
              ? { principal: ana, cookies: ["session=ana; HttpOnly"] }
              : null,
          ),
        signOut: () => Promise.resolve(["session=; Max-Age=0"]),
      },
    });
  });
  afterEach(async () => {
    await front.close();
  });

  const send = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(front.url + path, { redirect: "manual", ...init });
  const post = (fields: Record<string, string>): Promise<Response> =>
    send("/sign-in", { method: "POST", headers: form, body: new URLSearchParams(fields).toString() });

  it("leads on after a form with the right password, and takes the try back", async () => {
    const reply = await post({ name: " ana ", password: "right", next: "/history?x=1" });
    expect([reply.status, reply.headers.get("location")]).toEqual([303, "/history?x=1"]);
    expect(reply.headers.getSetCookie()).toEqual(["session=ana; HttpOnly"]);
    expect(reply.headers.get("cache-control")).toBe("no-store");
    expect([rights, front.passed]).toEqual([1, []]);
  });

  it.each([
    [{ name: "ana", password: "wrong" }, 401, "unauthorized"],
    [{ name: "guessed", password: "right" }, 429, "rate_limited"],
    [{ name: "x".repeat(300), password: "right" }, 422, "invalid"],
  ])("shows the page again for the form %j, with %i", async (fields, status, problem) => {
    const reply = await post({ ...fields, next: "/history" });
    expect(reply.status).toBe(status);
    expect(reply.headers.get("content-security-policy")).toContain("nonce-");
    if (status === 429) expect(reply.headers.get("retry-after")).toBe("60");
    expect(front.passed).toEqual([`GET /sign-in?problem=${problem}&next=%2Fhistory`]);
    expect(rights).toBe(0);
  });

  it("answers JSON in JSON, and nothing that is neither", async () => {
    const ask = (body: string, type = "application/json"): Promise<Response> =>
      send("/sign-in", { method: "POST", headers: { "content-type": type }, body });
    const right = await ask('{"name":"ana","password":"right"}');
    expect([right.status, await right.json()]).toEqual([200, { name: "ana", role: "rep" }]);
    expect((await ask('{"name":"ana","password":"wrong"}')).status).toBe(401);
    expect((await ask('{"name":"ana"}')).status).toBe(422);
    expect((await ask("[]")).status).toBe(422);
    expect((await ask("{")).status).toBe(400);
    expect((await ask("name=ana", "text/plain")).status).toBe(415);
    expect((await ask(`"${"x".repeat(9000)}"`)).status).toBe(413);
  });

  it("signs out to the page that signs in", async () => {
    const reply = await send("/sign-out", { method: "POST", headers: { cookie: "session=ana" } });
    expect([reply.status, reply.headers.get("location")]).toEqual([303, "/sign-in"]);
    expect(reply.headers.getSetCookie()).toEqual(["session=; Max-Age=0"]);
    expect((await send("/sign-out", { headers: { cookie: "session=ana" } })).status).toBe(405);
  });

  it("leads who is signed in on from the page, and nobody into a circle", async () => {
    const on = await send("/sign-in?next=//evil.example.com", { headers: { cookie: "session=ana" } });
    expect([on.status, on.headers.get("location")]).toEqual([303, "/"]);
    expect((await send("/sign-in")).status).toBe(200);
    expect(front.passed).toEqual(["GET /sign-in"]);
  });

  it("renews the cookie of a session in use", async () => {
    const reply = await send("/history", { headers: { cookie: "session=ana" } });
    expect(reply.headers.getSetCookie()).toEqual(["session=ana; Max-Age=9"]);
  });

  it("leads people to the page, and tells programs", async () => {
    const page = await send("/history/call_12345678?x=%2F", { headers: { accept: "text/html" } });
    expect(page.headers.get("location")).toBe("/sign-in?next=%2Fhistory%2Fcall_12345678%3Fx%3D%252F");
    for (const [path, headers] of [
      ["/calls", { accept: "text/html" }],
      ["/history", { rsc: "1" }],
      ["/history", { accept: "application/json" }],
      ["/worklets/capture.js", {}],
      ["/docs", {}],
    ] as const) {
      const reply = await send(path, { headers });
      expect([path, reply.status, reply.headers.get("location")]).toEqual([path, 401, null]);
    }
    expect(front.passed).toEqual([]);
  });

  it("has no sign-in where there are no accounts", async () => {
    const own = await startFrontServer();
    try {
      const reply = await fetch(`${own.url}/sign-in`, { method: "POST", headers: form, body: "name=ana" });
      expect(reply.status).toBe(404);
    } finally {
      await own.close();
    }
  });
});
