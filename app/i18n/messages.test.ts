import { describe, expect, it } from "vitest";
import en from "../../messages/en.json";
import es from "../../messages/es.json";
import { chooseLocale } from "./locale.ts";

type Tree = string | { readonly [key: string]: Tree };

/** Every message by its path. */
function flat(tree: Tree, path = ""): readonly (readonly [string, string])[] {
  if (typeof tree === "string") return [[path, tree]];
  return Object.entries(tree).flatMap(([key, below]) => flat(below, path === "" ? key : `${path}.${key}`));
}

function argumentsOf(message: string): readonly string[] {
  return [...message.matchAll(/\{(\w+)[,}]/g)].map((found) => found[1] ?? "").sort();
}

describe("the messages", () => {
  const spanish = new Map(flat(es));
  const english = new Map(flat(en));

  it("exist in both languages under the same keys", () => {
    expect([...english.keys()].sort()).toEqual([...spanish.keys()].sort());
  });

  it("are never empty and take the same arguments", () => {
    for (const [key, message] of spanish) {
      expect(message.trim(), key).not.toBe("");
      expect(argumentsOf(english.get(key) ?? ""), key).toEqual(argumentsOf(message));
    }
  });
});

describe("the language of the interface", () => {
  it.each([
    ["en", "es-ES", "en"],
    [undefined, "en-GB,en;q=0.9,es;q=0.8", "en"],
    [undefined, "fr-FR,es;q=0.5,en;q=0.7", "en"],
    [undefined, "fr-FR", "es"],
    [undefined, "en;q=0,es", "es"],
    [undefined, null, "es"],
    ["xx", "en", "en"],
  ])("with the choice %s and the browser's %s is %s", (chosen, header, expected) => {
    expect(chooseLocale(chosen, header)).toBe(expected);
  });
});
