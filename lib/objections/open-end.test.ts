import { describe, expect, it } from "vitest";
import { endsOpen } from "./open-end.ts";

describe("the end of an utterance", () => {
  it.each([
    ["es", "Eso no entra en el"],
    ["es", "Eso no entra en el."],
    ["es", "Lo veo bien, pero,"],
    ["es", "Ya trabajamos con UNA "],
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
    ["es", ""],
    ["en", "I don't want to"],
    ["en", "Not that I've heard of."],
    ["en", "Why not?"],
  ] as const)("is not: %s, %s", (language, text) => {
    expect(endsOpen(text, language)).toBe(false);
  });
});
