import { describe, expect, it } from "vitest";
import { languages, readLabelled } from "../../eval/labelled.ts";
import { endsOpen } from "./open-end.ts";

describe("the end of an utterance", () => {
  it.each([
    ["es", "Eso no entra en el"],
    ["es", "Eso no entra en el."],
    ["es", "Lo veo bien, pero,"],
    ["es", "Lo habla EL "],
    ["en", "It's a lot of money for the"],
    ["en", "Let me think, and."],
    ["en", "I'd say we’re"],
  ] as const)("is open: %s, %s", (language, text) => {
    expect(endsOpen(text, language)).toBe(true);
  });

  it.each([
    ["es", "No sé qué"],
    ["es", "¿Por qué?"],
    ["es", "Sí, pero…"],
    ["es", "Es que..."],
    ["es", "Es muy caro"],
    ["es", "Ya lo pagué el 3"],
    ["es", "Ni una."],
    ["es", "El 2a"],
    ["es", ""],
    ["en", "I don't want to"],
    ["en", "Not that I've heard of."],
    ["en", "I'd leave it a while."],
    ["en", "Why not?"],
  ] as const)("is not: %s, %s", (language, text) => {
    expect(endsOpen(text, language)).toBe(false);
  });

  it.each(languages)("is open in next to none of the labelled sentences, which are whole: %s", (language) => {
    const written = readLabelled(language).filter(({ form = "written" }) => form === "written");
    const open = written.filter(({ text }) => endsOpen(text, language));
    expect(open.length / written.length).toBeLessThan(0.002);
  });
});
