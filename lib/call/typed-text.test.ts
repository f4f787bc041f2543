import { describe, expect, it } from "vitest";
import { redactedTyped } from "./typed-text.ts";

const redactor = {
  text: (text: string) => text.replaceAll("4242", "[card]"),
  call: () => {
    throw new Error("nothing is said here");
  },
};

describe("what people type about a call", () => {
  it("is redacted in every field that takes free text", () => {
    const typed = {
      title: "de 4242",
      notes: "4242",
      customer: { name: "Ana 4242", company: "4242 SL" },
      consent: { obtained: true, method: "por 4242", note: "dijo 4242" },
    };
    expect(JSON.stringify(redactedTyped(typed, redactor, "es"))).not.toContain("4242");
  });

  it("is left as it is where nothing is taken out, and gains no field", () => {
    const typed = { consent: { obtained: true } };
    expect(redactedTyped(typed, redactor, "es")).toEqual(typed);
    expect(redactedTyped({ title: "4242" }, null, "es")).toEqual({ title: "4242" });
  });
});
