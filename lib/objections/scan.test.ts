import { describe, expect, it } from "vitest";
import { languageKnowledge } from "./languages.ts";
import { compilePattern, type Line } from "./pattern.ts";
import { createRead } from "./reading.ts";
import { compileGuards, compileObjections } from "./rule-set.ts";
import { createScan } from "./scan.ts";

function everyMatch(rules: readonly { readonly pattern: ReturnType<typeof compilePattern> }[], line: Line) {
  return line.tokens.flatMap((_token, from) =>
    rules
      .map(({ pattern }) => ({ source: pattern.source, from, to: pattern.match(line, from) }))
      .filter(({ to }) => to > from),
  );
}

const inOrder = (a: { source: string; from: number }, b: { source: string; from: number }): number =>
  a.from - b.from || a.source.localeCompare(b.source);

describe("a scan", () => {
  it.each([
    ["es", "No, mira, es que ahora no tenemos presupuesto, y mi jefe no lo va a aprobar este año."],
    ["es", "Me lo tengo que pensar, la verdad, ya trabajamos con otro proveedor y estamos contentos."],
    [
      "es",
      "¿Y quién me garantiza que funciona? No me fío de estas cosas, mándeme la información por correo.",
    ],
    ["en", "Look, we just don't have the budget for it, and I'd have to run it by my boss first."],
    ["en", "We're happy with who we've got, thanks, call me back next quarter if you like."],
    ["en", "How do I know it works? Sounds too good to be true, we don't need it."],
  ] as const)("finds what trying every rule at every word finds: %s, %s", (language, text) => {
    const { rules } = languageKnowledge[language];
    const line = createRead(rules)(text);
    const compiled = [...compileObjections(rules), ...compileGuards(rules)];
    const found = createScan<{ pattern: ReturnType<typeof compilePattern> }>(compiled)(line).map(
      ({ rule, from, to }) => ({ source: rule.pattern.source, from, to }),
    );
    expect(found.length).toBeGreaterThan(0);
    expect(found.toSorted(inOrder)).toEqual(everyMatch(compiled, line).toSorted(inOrder));
  });

  it.each([
    ["muy? caro ..3 precio", { words: ["precio"], stems: [] }],
    ["es (muy caro|carisimo)", { words: ["caro", "carisimo"], stems: [] }],
    ["(no puedo|imposible) pagar*", { words: [], stems: ["pagar"] }],
    ["(no hay presupuesto|sin dinero)", { words: ["presupuesto", "dinero"], stems: [] }],
    ["caro", null],
    ["caro !(no)", null],
    ["(caro|no puedo)", null],
  ])("knows of a pattern what else it needs: %s", (source, needs) => {
    expect(compilePattern(source, {}).needs).toEqual(needs);
  });
});
