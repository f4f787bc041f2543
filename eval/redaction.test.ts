import { describe, expect, it } from "vitest";
import { createRedactor } from "../lib/privacy/redaction/redactor.ts";
import { evaluateRedaction } from "./redaction.ts";

describe("redaction on the committed list", () => {
  it.each(evaluateRedaction())("takes out what has to go, and nothing else ($language $split)", (report) => {
    expect(report.recall, report.misses.join("\n")).toBeGreaterThanOrEqual(0.96);
    expect(report.harmlessTouched, report.falseMarks.join("\n")).toBeLessThanOrEqual(1);
    expect(report.wordsLost / report.words).toBeLessThan(0.03);
  });
});

describe("a phrase of a kind that was missed once", () => {
  const redactor = createRedactor(new Set(["card", "account", "email", "phone", "id"]));
  it.each([
    ["es", "el código de atrás es uno veintitrés", "[card]"],
    ["es", "cuatro cuatros cuatro ceros cuatro unos", "[phone]"],
    ["es", "el RFC de la empresa es ABC 680524 P76", "[id]"],
    ["es", "pasaporte AAB123456", "[id]"],
    ["es", "mi DNI es 12.345.678", "[id]"],
    ["es", "mi mail es Nuria, arroba, ejemplo.com", "[email]"],
    ["en", "reach me at jdoe at example dot org", "[email]"],
    ["en", "it's sarah at the rate example dot com", "[email]"],
    [
      "en",
      "my IBAN is G B two nine N W B K six oh one six one three three one nine two six eight",
      "[account]",
    ],
  ] as const)("%s: %s", (language, text, mark) => {
    const shown = redactor.text(text, language);
    expect(shown.endsWith(mark), shown).toBe(true);
  });

  it.each([
    ["es", "mi número de pedido es el cuatro cinco cero cero uno dos tres"],
    ["es", "el precio es de 12.345.678 pesos"],
    ["en", "120 by 60 by 75 inches"],
    ["en", "rates at three point seven"],
    ["en", "email me tomorrow at nine"],
    ["en", "you can look at example dot com"],
  ] as const)("%s: %s is left as it is", (language, text) => {
    expect(redactor.text(text, language)).toBe(text);
  });
});
