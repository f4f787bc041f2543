import { describe, expect, it } from "vitest";
import { keytermsOf } from "./keyterms.ts";

describe("the names an engine is told", () => {
  it("are the customer and company of the call, then those of the playbook, each once", () => {
    const suggester = { keyterms: () => ["Facturalia", "Nubecontable", "acme  corp"] };
    const customer = { name: " Marta  Ruiz ", company: "Acme Corp" };
    expect(keytermsOf({ customer, language: "es" }, suggester)).toEqual([
      "Acme Corp",
      "Marta Ruiz",
      "Facturalia",
      "Nubecontable",
    ]);
  });

  it("are those of the playbook for a call without a customer", () => {
    expect(keytermsOf({ customer: {}, language: "en" }, { keyterms: () => ["Facturalia", ""] })).toEqual([
      "Facturalia",
    ]);
  });
});
