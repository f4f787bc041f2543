import { describe, expect, it } from "vitest";
import { compilePattern, type Line } from "./pattern.ts";
import { createTokenize, type Spelling } from "./token.ts";

const spelling: Spelling = {
  expand: new Map([["q", ["que"]]]),
  endings: new Map([["ll", "will"]]),
  fillers: [["la", "verdad"], ["muy"]],
  hesitations: new Set(["eh"]),
};
const tokenize = createTokenize(spelling);

function lineOf(text: string): Line {
  const tokens = tokenize(text);
  return {
    tokens,
    beginsClause: (index) => tokens[index]?.boundary !== "none",
    turns: (index) => tokens[index]?.norm === "pero",
  };
}

/** The words matched, or null. */
function match(source: string, text: string, classes: Record<string, string> = {}): string | null {
  const pattern = compilePattern(source, classes);
  const line = lineOf(text);
  for (const index of line.tokens.keys()) {
    const end = pattern.match(line, index);
    if (end >= 0)
      return line.tokens
        .slice(index, end)
        .map(({ norm }) => norm)
        .join(" ");
  }
  return null;
}

describe("the pattern language", () => {
  it("matches words, beginnings of words, choices and classes, without accents and case", () => {
    expect(match("es caro", "Eso ES Cáro")).toBe("es caro");
    expect(match("presup*", "mi presupuesto")).toBe("presupuesto");
    expect(match("es caro|cara", "es cara")).toBe("es cara");
    expect(match("(a mano|con papel) bien", "con papel bien")).toBe("con papel bien");
    expect(match("@dear", "vale un ojo de la cara", { dear: "caro|ojo de la cara" })).toBe("ojo de la cara");
  });

  it("takes optional parts, and steps back when they stand in the way", () => {
    expect(match("no lo? quiero", "no quiero")).toBe("no quiero");
    expect(match("no (lo|la)? lo quiero", "no lo quiero")).toBe("no lo quiero");
  });

  it("bridges as many words as a gap allows, commas only with a tilde, sentences never", () => {
    expect(match("no ..2 caro", "no me parece caro")).toBe("no me parece caro");
    expect(match("no ..1 caro", "no me parece caro")).toBeNull();
    expect(match("no ..2 caro", "no, es caro")).toBeNull();
    expect(match("no ~2 caro", "no, es caro")).toBe("no es caro");
    expect(match("no ~0 gracias", "no, gracias")).toBe("no gracias");
    expect(match("no ~2 caro", "no. Es caro")).toBeNull();
  });

  it("ends with a gap that reaches as far as it may, up to a word of contrast", () => {
    expect(match("no es que ..6", "no es que sea caro pero no")).toBe("no es que sea caro");
    expect(match("no es que ..6", "no es que sea caro, no lo quiero")).toBe("no es que sea caro");
  });

  it("steps over fillers, hesitations and stutters", () => {
    expect(match("es caro", "es la verdad caro")).toBe("es la verdad caro");
    expect(match("es caro", "es, eh, caro")).toBe("es caro");
    expect(match("no es caro", "no es es es caro")).toBe("no es es es caro");
    expect(match("es muy caro", "es muy caro")).toBe("es muy caro");
  });

  it("knows the begin and the end of a clause, what must not follow and what was negated", () => {
    expect(match("^ paso $", "yo paso")).toBeNull();
    expect(match("^ paso $", "mira, paso, gracias")).toBe("paso");
    expect(match("paso $", "paso por ahí")).toBeNull();
    expect(match("mas !(adelante|tarde)", "mas adelante")).toBeNull();
    expect(match("mas !(adelante|tarde)", "mas caro")).toBe("mas");
    expect(match("% lo firmo", "sí, lo firmo")).toBe("lo firmo");
    expect(match("% lo firmo", "yo no me lo firmo")).toBeNull();
    expect(match("% lo firmo", "no, lo firmo")).toBe("lo firmo");
  });

  it("refuses what is not a pattern, with the pattern in the message", () => {
    for (const source of ["", "(caro", "caro)", "@nobody", "Caro", "..2 caro", "!"]) {
      expect(() => compilePattern(source, {}), source).toThrow(`pattern "${source}"`);
    }
  });
});

describe("cutting an utterance into words", () => {
  it("keeps the offsets of what was written, also for words that stand for several", () => {
    const text = "👍 I’ll, q caro";
    const tokens = tokenize(text);
    expect(tokens.map(({ norm }) => norm)).toEqual(["i", "will", "que", "caro"]);
    expect(tokens.map(({ start, end }) => text.slice(start, end))).toEqual(["I’ll", "I’ll", "q", "caro"]);
  });

  it("tells sentences, commas and questions apart, and no number or ellipsis for an end", () => {
    const tokens = tokenize("Sí... 1.500 €, ¿no? Vale");
    expect(tokens.map(({ norm }) => norm)).toEqual(["si", "1.500", "euros", "no", "vale"]);
    expect(tokens.map(({ boundary }) => boundary)).toEqual(["hard", "comma", "none", "hard", "hard"]);
    expect(tokens.map(({ opensQuestion }) => opensQuestion)).toEqual([false, false, false, true, false]);
    expect(tokens.map(({ closesQuestion }) => closesQuestion)).toEqual([false, false, false, true, false]);
  });
});
