import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ownPath } from "./own-path.ts";
import { isPage } from "./routes.ts";

describe("the path to come back to", () => {
  it("is a page of ours with its query", () => {
    for (const path of [
      "/",
      "/history",
      "/history/call_12345678?x=1&y=%2F",
      "/live/call_12345678",
      "/docs",
    ]) {
      expect(ownPath(path, isPage)).toBe(path);
    }
  });

  it("is the start for anything else", () => {
    for (const path of [
      null,
      undefined,
      "",
      "history",
      "//evil.example.com",
      "/\\evil.example.com",
      "\\\\evil.example.com",
      "/\t/evil.example.com",
      "/..//evil.example.com",
      "/.//evil.example.com",
      "/%2e%2e//evil.example.com",
      "https://evil.example.com/",
      "javascript:alert(1)",
      "/sign-in",
      "/sign-in?next=/sign-in",
      "/calls",
      "/session/start",
      "/history\r\nSet-Cookie: a=b",
      `/${"x".repeat(1001)}`,
    ]) {
      expect(ownPath(path, isPage), String(path)).toBe("/");
    }
  });

  it("never leaves the site, whatever is asked for", () => {
    const piece = fc.constantFrom(
      "/",
      "\\",
      ".",
      "..",
      "%2e",
      "evil.example.com",
      "@",
      ":",
      "\t",
      "a",
      "?",
      "#",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const site = "https://coach.example.com";
        expect(new URL(ownPath(pieces.join(""), isPage), site).origin).toBe(site);
      }),
    );
  });
});
