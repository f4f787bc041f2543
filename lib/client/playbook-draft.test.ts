import { describe, expect, it } from "vitest";
import { playbookSchema, type Playbook } from "../contract/playbook.ts";
import {
  addEntry,
  changeEntry,
  mergeDrafts,
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

describe("two drafts of one version", () => {
  const reply = (playbook: Playbook, id: string, replies: string[]): Playbook =>
    changeEntry(
      playbook,
      playbook.entries.findIndex((entry) => entry.id === id),
      (entry) => ({
        ...entry,
        replies,
      }),
    );

  it("come together: what one changed is as they made it, what both changed has the words of both", () => {
    const mine = addEntry(reply(base, "a", ["Uno.", "Mía."]), "es", "need");
    const theirs = {
      ...reply(reply(base, "a", ["Uno.", "Dos.", "Suya."]), "b", ["Tres, mejor."]),
      title: "Theirs",
    };
    const merged = mergeDrafts(base, mine, theirs);
    expect(merged.title).toBe("Theirs");
    expect(merged.entries.map(({ id, replies }) => [id, replies])).toEqual([
      ["a", ["Uno.", "Mía.", "Suya."]],
      ["b", ["Tres, mejor."]],
      ["c", ["Four."]],
      ["es-need-1", [""]],
    ]);
  });

  it("keep what one took out and the other changed, and lose only what nobody wanted", () => {
    const mine = removeEntry(removeEntry(base, 2), 1);
    const theirs = removeEntry(reply(base, "b", ["Cambiada."]), 2);
    expect(mergeDrafts(base, mine, theirs).entries.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(mergeDrafts(base, base, base)).toEqual(base);
  });

  it("keep both of two new entries that happen to have one id", () => {
    const mine = changeEntry(addEntry(base, "es", "need"), 3, (entry) => ({ ...entry, replies: ["Mía."] }));
    const theirs = changeEntry(addEntry(base, "es", "need"), 3, (entry) => ({
      ...entry,
      replies: ["Suya."],
    }));
    expect(mergeDrafts(base, mine, theirs).entries.at(-1)?.replies).toEqual(["Mía.", "Suya."]);
  });
});
