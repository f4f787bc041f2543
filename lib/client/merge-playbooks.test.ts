import { describe, expect, it } from "vitest";
import { playbookSchema, type Playbook, type PlaybookEntry } from "../contract/playbook.ts";
import { mergePlaybooks } from "./merge-playbooks.ts";
import { addEntry, changeEntry, removeEntry } from "./playbook-draft.ts";

const base: Playbook = {
  name: "mine",
  title: "Mine",
  product: "Ruta",
  competitors: ["Acme", "Borealis"],
  keyterms: { es: ["albarán"], en: ["waybill"] },
  industries: [{ name: "retail", terms: { es: ["tienda"], en: ["shop"] } }],
  coaching: { cooldown_sec: 30 },
  entries: [
    { id: "a", language: "es", type: "price", when: ["caro"], replies: ["Uno.", "Dos."] },
    { id: "b", language: "es", type: "timing", replies: ["Tres."] },
    { id: "c", language: "en", type: "price", replies: ["Four."] },
  ],
};

const changed = (id: string, part: Partial<PlaybookEntry>, of = base): Playbook =>
  changeEntry(
    of,
    of.entries.findIndex((entry) => entry.id === id),
    (entry) => ({ ...entry, ...part }),
  );
const merged = (mine: Playbook, theirs: Playbook): Playbook => mergePlaybooks(base, mine, theirs).playbook;
const entry = (playbook: Playbook, id: string) => playbook.entries.find((one) => one.id === id);

describe("two drafts of one version", () => {
  it("come together: what one changed is as they made it, what both changed has the words of both", () => {
    const mine = addEntry(changed("a", { replies: ["Uno.", "Mía."] }), "es", "need");
    const theirs = changed(
      "b",
      { replies: ["Tres, mejor."] },
      changed("a", { replies: ["Uno.", "Dos.", "Suya."] }),
    );
    expect(merged(mine, theirs).entries.map(({ id, replies }) => [id, replies])).toEqual([
      ["a", ["Uno.", "Mía.", "Suya."]],
      ["b", ["Tres, mejor."]],
      ["c", ["Four."]],
      ["es-need-1", [""]],
    ]);
    expect(merged(base, base)).toEqual(base);
  });

  it("keep what one took out and the other changed, and lose only what nobody wanted", () => {
    const mine = removeEntry(removeEntry(base, 2), 1);
    const theirs = removeEntry(changed("b", { replies: ["Cambiada."] }), 2);
    expect(merged(mine, theirs).entries.map(({ id }) => id)).toEqual(["a", "b"]);
    const bare = merged(changed("a", { replies: ["Uno."] }), changed("a", { replies: ["Dos."] }));
    expect(entry(bare, "a")?.replies).toEqual(["Uno."]);
  });

  it("take each condition of an entry from whoever changed it", () => {
    const theirs = changed("a", { when: ["caro", "precio"], stages: ["closing"] });
    expect(entry(merged(changed("a", { replies: ["Mía."] }), theirs), "a")).toEqual({
      ...entry(base, "a"),
      when: ["caro", "precio"],
      stages: ["closing"],
      replies: ["Mía."],
    });
    const both = merged(changed("a", { when: ["caro", "tarifa"], industries: ["retail"] }), theirs);
    expect(entry(both, "a")).toMatchObject({
      when: ["caro", "tarifa", "precio"],
      industries: ["retail"],
      stages: ["closing"],
    });
  });

  it("have in each list what either put in, and lack what either took out", () => {
    const mine: Playbook = {
      ...base,
      competitors: ["Acme", "Borealis", "Cima"],
      keyterms: { es: ["albarán", "muelle"], en: ["waybill"] },
      industries: [{ name: "retail", terms: { es: ["tienda", "comercio"], en: ["shop"] } }],
    };
    const theirs: Playbook = {
      ...base,
      competitors: ["Borealis", "Delta"],
      keyterms: { es: ["albarán", "flota"], en: ["waybill", "dock"] },
      industries: [
        { name: "retail", terms: { es: ["tienda"], en: ["shop", "store"] } },
        { name: "health", terms: { es: ["clínica"], en: ["clinic"] } },
      ],
    };
    expect(merged(mine, theirs)).toMatchObject({
      competitors: ["Borealis", "Cima", "Delta"],
      keyterms: { es: ["albarán", "muelle", "flota"], en: ["waybill", "dock"] },
      industries: [
        { name: "retail", terms: { es: ["tienda", "comercio"], en: ["shop", "store"] } },
        { name: "health", terms: { es: ["clínica"], en: ["clinic"] } },
      ],
    });
  });

  it("have one title, product and coaching: whoever changed it, mine and said so where both did", () => {
    const theirs: Playbook = { ...base, title: "Theirs", product: "Suyo", coaching: { cooldown_sec: 60 } };
    expect(mergePlaybooks(base, { ...base, title: "My own" }, theirs)).toMatchObject({
      playbook: { title: "My own", product: "Suyo", coaching: { cooldown_sec: 60 } },
      keptMine: ["title"],
    });
    expect(mergePlaybooks(base, { ...base, title: "Theirs" }, theirs).keptMine).toEqual([]);
    const nudges = { cooldown_sec: 30, nudges: false };
    expect(mergePlaybooks(base, { ...base, coaching: nudges }, theirs)).toMatchObject({
      playbook: { coaching: { cooldown_sec: 60, nudges: false } },
      keptMine: [],
    });
  });

  it("leave a coaching cleared that one of them cleared", () => {
    const { coaching, ...cleared } = base;
    expect(merged(cleared, { ...base, title: "Theirs" })).not.toHaveProperty("coaching");
    expect(merged({ ...base, title: "My own" }, cleared)).not.toHaveProperty("coaching");
    expect(
      mergePlaybooks(base, cleared, { ...base, coaching: { ...coaching, cooldown_sec: 60 } }),
    ).toMatchObject({
      keptMine: ["coaching"],
    });
  });

  it("keep two new entries that happen to have one id as two, and one that is the same as one", () => {
    const fresh = addEntry(base, "es", "need");
    const mine = changed("es-need-1", { replies: ["Mía."], when: ["no hace falta"] }, fresh);
    const theirs = changed("es-need-1", { replies: ["Suya."], stages: ["opening"] }, fresh);
    const both = merged(mine, theirs);
    expect(both.entries.slice(3)).toEqual([
      { id: "es-need-1", language: "es", type: "need", when: ["no hace falta"], replies: ["Mía."] },
      { id: "es-need-2", language: "es", type: "need", stages: ["opening"], replies: ["Suya."] },
    ]);
    expect(playbookSchema.safeParse(both).success).toBe(true);
    expect(merged(mine, mine)).toEqual(mine);
  });
});
