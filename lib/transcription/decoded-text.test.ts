import { describe, expect, it } from "vitest";
import { cleanText, ranAway, withoutLoops } from "./decoded-text.ts";

const decoded = (text: string) => ({ text, tokens: text.split(" ") });

describe("what the model wrote", () => {
  it("is shown without the tokenizer's word marks", () => {
    expect(cleanText(" ▁90 euros▁al mes ")).toBe("90 euros al mes");
  });

  it("says a loop once", () => {
    expect(withoutLoops("Mami, cucu, cucu, cucu, cucu, cucu, cucu, cucu, cucu, cucu,")).toBe("Mami, cucu,");
    expect(withoutLoops("Le llamo. Le llamo. Le llamo. Le llamo. Le llamo. por esto")).toBe(
      "Le llamo. por esto",
    );
  });

  it("keeps what people say several times", () => {
    const said = "No, no, no, no, no. Que no, que no.";
    expect(withoutLoops(said)).toBe(said);
    expect(ranAway(decoded(said), 2)).toBe(false);
  });

  it("ran away when it repeats itself or says more than fits into the time", () => {
    expect(ranAway(decoded("y eso es y eso es y eso es y eso es"), 4)).toBe(true);
    expect(ranAway({ text: "a", tokens: Array.from({ length: 60 }, () => "a") }, 1)).toBe(true);
  });
});
