import { describe, expect, it } from "vitest";
import { CallError } from "../call/errors.ts";
import { parsePlaybook } from "./parse-playbook.ts";

const small = (entries: unknown, more: object = {}) =>
  JSON.stringify({
    name: "small",
    title: "Small",
    product: "",
    competitors: [],
    keyterms: { es: [], en: [] },
    entries,
    ...more,
  });

function faultsOf(json: string): string {
  try {
    parsePlaybook(json);
  } catch (error) {
    expect(error).toBeInstanceOf(CallError);
    return error instanceof CallError ? `${error.code} ${error.message}` : "";
  }
  return "no fault";
}

describe("reading a playbook", () => {
  it("names every fault with its place", () => {
    const faults = faultsOf(
      small([
        { id: "a", language: "es", type: "price", replies: ["Hola {name}"] },
        { id: "a", language: "fr", type: "cost", replies: [] },
        { id: "b", language: "es", type: "price", replies: ["Sin cerrar {customer"], extra: 1 },
      ]),
    );
    expect(faults).toMatch(/^invalid /u);
    expect(faults).toContain("entries[0].replies[0]: unknown variable {name}");
    expect(faults).toContain("entries[1].language:");
    expect(faults).toContain("entries[1].type:");
    expect(faults).toContain("entries[1].replies:");
    expect(faults).toContain("entries[2].replies[0]: a brace without its partner");
    expect(faults).toContain("entries[2]:");
  });

  it("refuses a name that could not be part of an address", () => {
    const entries = [{ id: "a", language: "es", type: "price", replies: ["Uno."] }];
    for (const name of ["", "..", ".hidden", "a/b", "a b", "x".repeat(65)]) {
      expect(faultsOf(small(entries, { name })), name).toContain("name:");
    }
  });

  it("refuses an id used twice and what is not JSON", () => {
    const entry = { id: "a", language: "es", type: "price", replies: ["Uno."] };
    expect(faultsOf(small([entry, entry]))).toContain("entries[1].id: used twice: a");
    expect(faultsOf("{ not json")).toContain("not JSON");
    expect(faultsOf("[]")).toContain("playbook:");
    expect(faultsOf(`\u{feff}${small([entry])}`)).toBe("no fault");
  });

  it("refuses a line of business that is not described, and a reply said twice in an entry", () => {
    const entry = {
      id: "a",
      language: "es",
      type: "price",
      replies: ["Uno.", "Dos.", "Uno."],
      industries: ["bars"],
    };
    const faults = faultsOf(small([entry]));
    expect(faults).toContain("entries[0].replies[2]: said twice");
    expect(faults).toContain("entries[0].industries[0]: no industry is named bars");
    const bars = { name: "bars", terms: { es: ["bar"], en: ["bar"] } };
    expect(faultsOf(small([{ ...entry, replies: ["Uno."] }], { industries: [bars] }))).toBe("no fault");
    expect(
      faultsOf(small([{ ...entry, industries: [] }], { coaching: { max_cards_per_minute: 0 } })),
    ).toContain("coaching.max_cards_per_minute:");
    expect(faultsOf(small([{ ...entry, stages: ["late"] }]))).toContain("entries[0].stages[0]:");
  });
});
