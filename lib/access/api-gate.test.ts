import { describe, expect, it } from "vitest";
import { createApiGate } from "./api-gate.ts";

describe("the gate", () => {
  it("is open on a server without AUTH_SECRET", () => {
    const gate = createApiGate({ authSecret: null });
    expect(gate.check("/calls")).toBeNull();
  });

  it("lets nothing but the probes through with AUTH_SECRET", () => {
    const gate = createApiGate({ authSecret: "0123456789abcdef" });
    expect(gate.check("/healthz")).toBeNull();
    expect(gate.check("/readyz")).toBeNull();
    for (const path of [
      "/",
      "/calls",
      "/session/start",
      "/metrics",
      "/docs",
      "/_next/x",
      "/healthz/",
      "/HEALTHZ",
    ]) {
      expect(gate.check(path)).toBe("unauthorized");
    }
  });
});
