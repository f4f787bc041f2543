import { describe, expect, it } from "vitest";
import { createApiGate } from "./api-gate.ts";

describe("the gate", () => {
  it("is open on a server without AUTH_SECRET", () => {
    const gate = createApiGate({ authSecret: null });
    expect(gate.isOpen(["calls"])).toBe(true);
    expect(gate.isOpen(null)).toBe(true);
  });

  it("lets only the probes and what signing in needs through with AUTH_SECRET", () => {
    const gate = createApiGate({ authSecret: "0123456789abcdef" });
    for (const open of ["healthz", "readyz", "sign-in", "sign-out", "icon.svg", "_next/static/chunks/a.js"]) {
      expect(gate.isOpen(open.split("/"))).toBe(true);
    }
    for (const closed of [
      "calls",
      "session/start",
      "metrics",
      "docs",
      "openapi.json",
      "sign-in/calls",
      "healthz/x",
      "HEALTHZ",
      "_next",
      "_next/static",
      "_next/image",
      "_next/data/static/x",
      "history",
      "recorded-calls/index.json",
    ]) {
      expect(gate.isOpen(closed.split("/")), closed).toBe(false);
    }
    expect(gate.isOpen([])).toBe(false);
    expect(gate.isOpen(null)).toBe(false);
  });
});
