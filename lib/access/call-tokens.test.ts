import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CallError } from "../call/errors.ts";
import type { Clock } from "../call/ports.ts";
import { createCallTokens } from "./call-tokens.ts";

let nowMs = 1_000_000;
const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, after: () => () => undefined };
const tokens = createCallTokens({ secret: "a-secret-of-some-length", clock });
const claims = {
  callId: "call_abcdefgh",
  role: "host",
  expiresAtMs: 2_000_000,
  principalId: "user_1",
} as const;

function refusal(token: string, callId: string = claims.callId, by = tokens): string {
  try {
    by.verify(token, callId);
  } catch (error) {
    if (error instanceof CallError) return error.code;
    throw error;
  }
  return "accepted";
}

describe("a call token", () => {
  it("carries call, role and expiry", () => {
    expect(tokens.verify(tokens.issue(claims), claims.callId)).toEqual(claims);
  });

  it("fits a subprotocol and a query without escaping", () => {
    expect(tokens.issue({ ...claims, callId: "x".repeat(64) })).toMatch(
      /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$/,
    );
  });

  it("is refused for another call, by another secret and once it has expired", () => {
    const token = tokens.issue(claims);
    expect(refusal(token, "call_zzzzzzzz")).toBe("unauthorized");
    expect(refusal(token, claims.callId, createCallTokens({ secret: "another-secret", clock }))).toBe(
      "unauthorized",
    );
    nowMs = claims.expiresAtMs - 1;
    expect(refusal(token)).toBe("accepted");
    nowMs = claims.expiresAtMs;
    expect(refusal(token)).toBe("token_expired");
    nowMs = 1_000_000;
  });

  it("is refused after any change of any character", () => {
    const token = tokens.issue(claims);
    fc.assert(
      fc.property(
        fc.nat(token.length - 1),
        fc.constantFrom("A", "C", "a", "0", "9", "-", "_", ".", "=", "+", "/", " ", "é"),
        (at, character) => {
          fc.pre(token[at] !== character);
          expect(refusal(token.slice(0, at) + character + token.slice(at + 1))).toBe("unauthorized");
        },
      ),
    );
  });

  it("is refused when it is no token at all", () => {
    fc.assert(fc.property(fc.string({ maxLength: 2000 }), (text) => refusal(text) === "unauthorized"));
    const token = tokens.issue(claims);
    for (const text of ["", ".", "..", `${token}.`, `.${token}`, `${token}.x`, "x".repeat(1_000_000)]) {
      expect(refusal(text)).toBe("unauthorized");
    }
  });

  it("is not what the bare secret signs", () => {
    const [text] = tokens.issue(claims).split(".");
    const signature = createHmac("sha256", "a-secret-of-some-length")
      .update(text ?? "")
      .digest("base64url");
    expect(refusal(`${text ?? ""}.${signature}`)).toBe("unauthorized");
  });
});
