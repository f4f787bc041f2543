import { describe, expect, test } from "vitest";
import { createReplyHeaders } from "./reply-headers.ts";

const local = createReplyHeaders({ publicUrl: null, dev: false });
const directives = (policy: string): Map<string, string> =>
  new Map(
    policy.split("; ").map((directive) => {
      const [name = "", ...sources] = directive.split(" ");
      return [name, sources.join(" ")];
    }),
  );

describe("the policy of a page", () => {
  test("runs only our own files and what carries the nonce", () => {
    const policy = directives(local.pagePolicy({ nonce: "abc", host: "localhost:8000" }));
    expect(policy.get("script-src")).toBe("'self' 'nonce-abc'");
    expect(policy.get("style-src")).toBe("'self' 'nonce-abc'");
    expect(policy.get("connect-src")).toBe("'self' ws://localhost:8000 wss://localhost:8000");
    for (const name of ["default-src", "object-src", "base-uri", "frame-ancestors", "frame-src"]) {
      expect(policy.get(name), name).toBe("'none'");
    }
  });

  test("evaluates text in development only", () => {
    const dev = createReplyHeaders({ publicUrl: null, dev: true });
    expect(dev.pagePolicy({ nonce: "n", host: "localhost" })).toContain("'unsafe-eval'");
    expect(local.pagePolicy({ nonce: "n", host: "localhost" })).not.toContain("'unsafe-eval'");
  });

  test.each([
    undefined,
    "",
    "[::1]:8000",
    "evil.example; script-src *",
    "a b",
    "x'y",
    "host\r\nX: y",
    "ho_st",
  ])("takes no source from the host %j", (host) => {
    const policy = directives(local.pagePolicy({ nonce: "n", host }));
    expect(policy.get("connect-src")).toBe("'self'");
    expect(policy.get("script-src")).toBe("'self' 'nonce-n'");
  });
});

describe("the headers of every reply", () => {
  test("tell browsers to come by TLS only where PUBLIC_URL does", () => {
    const of = (address: string | null): string | undefined =>
      createReplyHeaders({ publicUrl: address === null ? null : new URL(address), dev: false }).always[
        "Strict-Transport-Security"
      ];
    expect(of("https://coach.example.com")).toMatch(/^max-age=\d{7,}/);
    expect(of("http://coach.example.com")).toBeUndefined();
    expect(of(null)).toBeUndefined();
  });

  test("leave nothing in a referrer and give no device away but the microphone", () => {
    expect(local.always["Referrer-Policy"]).toBe("no-referrer");
    const allowed = (local.always["Permissions-Policy"] ?? "")
      .split(", ")
      .filter((one) => !one.endsWith("=()"));
    expect(allowed.map((one) => one.split("=")[0])).toEqual([
      "microphone",
      "display-capture",
      "autoplay",
      "screen-wake-lock",
      "clipboard-write",
    ]);
  });
});
