import { describe, expect, it } from "vitest";
import { playbookSchema, type Playbook } from "../contract/playbook.ts";
import {
  addEntry,
  changeEntry,
  moveReply,
  removeEntry,
  termsOf,
  withConditions,
  wordCount,
} from "./playbook-draft.ts";

const base: Playbook = {
  name: "mine",
  title: "Mine",
  product: "",
  competitors: [],
  keyterms: { es: [], en: [] },
  entries: [
    { id: "a", language: "es", type: "price", replies: ["Uno.", "Dos."] },
    { id: "b", language: "es", type: "timing", replies: ["Tres."] },
    { id: "c", language: "en", type: "price", replies: ["Four."] },
  ],
};

describe("a draft of a playbook", () => {
  it("counts words and reads lists as people write them", () => {
    expect(wordCount("  ¿Comparado con qué?  ")).toBe(3);
    expect(wordCount(" ")).toBe(0);
    expect(termsOf("presupuest*, caro; \n {competitor},")).toEqual(["presupuest*", "caro", "{competitor}"]);
  });

  it("takes a new entry behind those of its kind, with an id of its own", () => {
    const twice = addEntry(addEntry(base, "es", "price"), "es", "price");
    expect(twice.entries.map(({ id }) => id)).toEqual(["a", "es-price-1", "es-price-2", "b", "c"]);
    const filled = changeEntry(twice, 1, (entry) => ({ ...entry, replies: ["Nueva."] }));
    expect(playbookSchema.safeParse(removeEntry(filled, 2)).success).toBe(true);
  });

  it("leaves a condition out instead of keeping an empty one, which nothing would meet", () => {
    const entry = { id: "a", language: "es", type: "price", replies: ["Uno."] } as const;
    const cued = withConditions({ ...entry, replies: ["Uno."] }, { when: ["caro"] });
    expect(Object.keys(cued)).toEqual(["id", "language", "type", "when", "replies"]);
    expect(withConditions(cued, { when: [] })).toEqual(entry);
  });

  it("moves a reply, and not beyond the ends", () => {
    expect(moveReply(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
    expect(moveReply(["a", "b"], 0, -1)).toEqual(["a", "b"]);
  });
});
