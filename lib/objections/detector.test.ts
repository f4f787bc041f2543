import { describe, expect, it } from "vitest";
import type { DetectionInput, Turn } from "../call/ports.ts";
import { fileURLToPath } from "node:url";
import { createObjectionDetector } from "./detector.ts";
import { loadModels } from "./load-models.ts";

const models = fileURLToPath(new URL("../../data/objections/model", import.meta.url));
const detector = createObjectionDetector(await loadModels(models));

function detect(text: string, changes: Partial<DetectionInput> = {}) {
  return detector.detect({ text, language: "es", role: "prospect", isFinal: true, context: [], ...changes });
}

function lit(text: string, changes: Partial<DetectionInput> = {}): readonly string[] {
  return detect(text, changes)?.evidence.map(({ start, end }) => text.slice(start, end)) ?? [];
}

const asked = (text: string): readonly Turn[] => [{ role: "rep", text }];

describe("the objection detector", () => {
  it("says nothing of what the rep says", () => {
    expect(detect("Es demasiado caro para nosotros.")?.type).toBe("price");
    expect(detect("Es demasiado caro para nosotros.", { role: "rep" })).toBeNull();
    expect(detect("Es demasiado caro para nosotros.", { role: "unknown" })?.type).toBe("price");
  });

  it("lights the deciding words where they were written, whatever stands before them", () => {
    expect(lit("🙂🙂 ¡Uy! Es… eh, DEMASIADO   caro.")).toEqual(["Es… eh, DEMASIADO   caro"]);
    expect(lit("Don\u2019t know, 👍 it\u2019s too expensive", { language: "en" })).toEqual([
      "it\u2019s too expensive",
    ]);
  });

  it("gives evidence in order, inside the text, without overlaps", () => {
    const text = "No tenemos presupuesto, es carísimo, no hay dinero y no podemos permitírnoslo.";
    const evidence = detect(text)?.evidence ?? [];
    expect(evidence.length).toBeGreaterThan(1);
    let last = 0;
    for (const { start, end } of evidence) {
      expect(start).toBeGreaterThanOrEqual(last);
      expect(end).toBeGreaterThan(start);
      last = end;
    }
    expect(last).toBeLessThanOrEqual(text.length);
  });

  it("takes a neutral question for a question", () => {
    expect(detect("¿Qué precio tiene?")).toBeNull();
    expect(detect("que precio tiene")).toBeNull();
    expect(detect("Is it too expensive to add a seat?", { language: "en" })).toBeNull();
    expect(detect("Está muy caro, ¿no?")?.type).toBe("price");
    expect(detect("It's too expensive for us, can you do anything?", { language: "en" })?.type).toBe("price");
  });

  it.each([
    ["es", "price", ["Es caro.", "No, es caro.", "No tenemos presupuesto.", "No me lo puedo permitir."]],
    ["es", "timing", ["No tengo tiempo.", "Ahora no es buen momento.", "Llámeme el mes que viene."]],
    ["es", "authority", ["Tengo que consultarlo con mi jefe.", "No lo decido yo."]],
    ["es", "competitor", ["Ya tenemos proveedor.", "Estamos contentos con el que tenemos."]],
    ["es", "trust", ["No me fío.", "No les conozco."]],
    ["es", "need", ["No me interesa.", "No nos hace falta.", "Estamos bien así."]],
    ["en", "price", ["Too expensive.", "No, it's expensive.", "We can't afford it.", "No budget."]],
    ["en", "timing", ["I have no time.", "I don't have time for this.", "Not right now."]],
    ["en", "authority", ["I need to ask my boss.", "It's not my decision."]],
    ["en", "competitor", ["We already use someone else.", "We have a contract with another company."]],
    ["en", "trust", ["I don't trust it.", "I've never heard of you."]],
    ["en", "need", ["Not interested.", "We don't need it.", "We're fine as we are."]],
  ] as const)("hears what is said in the fewest words: %s, %s", (language, type, texts) => {
    for (const text of texts) expect(detect(text, { language })?.type, text).toBe(type);
  });

  it("understands negation", () => {
    expect(detect("No es caro.")).toBeNull();
    expect(detect("No, es caro.")?.type).toBe("price");
    expect(detect("No es que sea caro, es que no lo necesito.")?.type).toBe("need");
    expect(detect("I don't think it's expensive.", { language: "en" })).toBeNull();
  });

  it("leaves alone what is settled, told of others, supposed or said in jest", () => {
    for (const text of [
      "Al principio me parecía caro, pero ya vi que vale la pena.",
      "Un cliente mío dice que es muy caro.",
      "Si fuera muy caro te lo diría.",
      "Carísimo, jajaja, es broma.",
    ]) {
      expect(detect(text), text).toBeNull();
    }
  });

  it("takes an amount for an objection only where it is more than told", () => {
    for (const text of [
      "90 euros al mes, con el soporte incluido.",
      "¿Qué precio tiene? 90 euros al mes, con el soporte incluido.",
    ]) {
      expect(detect(text, { role: "unknown" }), text).toBeNull();
    }
    const english = "It costs 90 pounds a month, and support is included.";
    expect(detect(english, { language: "en", role: "unknown" })).toBeNull();
    expect(detect("¿90 euros al mes? Uf, eso es mucho.")?.type).toBe("price");
  });

  it("gives the type of the reason, else the first in the order of the contract", () => {
    expect(detect("No nos interesa porque ya tenemos proveedor.")?.type).toBe("competitor");
    expect(detect("Es muy caro y lo tengo que hablar con mi jefe.")?.type).toBe("authority");
    expect(detect("No, gracias, no me interesa, es carísimo.")?.type).toBe("price");
  });

  it("understands a short answer by the question before it", () => {
    const context = asked("¿Lo ve caro?");
    expect(detect("Sí, la verdad.", { context })).toMatchObject({ type: "price", source: "rule" });
    expect(detect("No, para nada.", { context })).toBeNull();
    expect(
      detect("Sí, la verdad.", { context: [...context, { role: "prospect", text: "Mmm." }] }),
    ).toBeNull();
    expect(detect("Yes.", { language: "en", context: asked("Is it the price?") })?.type).toBe("price");
    expect(detect("Sí, la verdad.", { context, isFinal: false })).toBeNull();
    expect(detect("Sí, lo recuerdo. ¿Qué precio tiene?", { context })).toBeNull();
  });

  it("does not take complaints about what the prospect leaves behind for objections", () => {
    const context = asked("¿Qué no le gusta de su proveedor actual?");
    expect(detect("Es carísimo.", { context })).toBeNull();
  });

  it("judges what goes on with a turn by the whole of it, and by what the rep had asked", () => {
    const complaint = "And when we call the support line, nobody ever picks up.";
    const unhappy: readonly Turn[] = [
      { role: "rep", text: "Are you happy with the system you have?" },
      {
        role: "prospect",
        text: "Not at all, which is why I filled in your form. It freezes every other day.",
      },
    ];
    expect(lit(complaint, { language: "en" })).not.toEqual([]);
    expect(lit(complaint, { language: "en", context: unhappy })).toEqual([]);
    // The rep has spoken since: another turn.
    const answered: readonly Turn[] = [
      ...unhappy,
      { role: "rep", text: "Ours has its own people for that." },
    ];
    expect(
      lit("I've heard that before, I don't believe it.", { language: "en", context: answered }),
    ).not.toEqual([]);
    const pleased: readonly Turn[] = [
      { role: "rep", text: "What do you think of it?" },
      { role: "prospect", text: "I like it, and the team liked it too." },
    ];
    expect(lit("But it's far more than we can spend.", { language: "en", context: pleased })).not.toEqual([]);
  });

  it("joins a sentence that the recogniser cut in two, and lights its second half", () => {
    const context: readonly Turn[] = [{ role: "prospect", text: "El cambio de sistema sería" }];
    const text = "un lío tremendo";
    expect(detect(text)).toBeNull();
    expect(detect(text, { context })).toMatchObject({ type: "other" });
    const [lighted = ""] = lit(text, { context });
    expect(lighted).not.toBe("");
    expect(text).toContain(lighted);
  });

  it("waits for the rest of a sentence that was cut in its middle, and judges it whole", () => {
    const inEnglish = { language: "en" } as const;
    const [first, second] = ["honestly it's a lot of money for the", "size of business we are"];
    expect(detect(first, inEnglish)).toBeNull();
    expect(detect(second, inEnglish)).toBeNull();
    const context: readonly Turn[] = [{ role: "prospect", text: first }];
    expect(detect(second, { ...inEnglish, context })?.type).toBe("price");
    // By itself the second half would say the contrary.
    const praised: readonly Turn[] = [
      { role: "prospect", text: "Al final lo que pagamos antes era más caro que" },
    ];
    expect(detect("el presupuesto de ustedes.", { context: praised })).toBeNull();
    // Plain enough as far as it goes.
    expect(detect("Ya trabajamos con un")?.type).toBe("competitor");
    expect(
      detect("proveedor y estamos contentos", {
        context: [{ role: "prospect", text: "Ya trabajamos con un" }],
      }),
    ).toBeNull();
  });

  it("hears another reason behind one that was told of in the middle of a sentence", () => {
    const turns = [
      "Es muy caro y",
      "además ya trabajamos con otro proveedor y",
      "tengo que hablarlo con mi jefe.",
    ];
    const types = turns.map((text, at) => {
      const context = turns.slice(0, at).map((said): Turn => ({ role: "prospect", text: said }));
      return detect(text, { context })?.type ?? null;
    });
    expect(types).toEqual(["price", "competitor", "authority"]);
  });

  it("joins the halves of a sentence between which the rep has only shown to be listening", () => {
    const begun: Turn = { role: "prospect", text: "honestly it's a lot of money for the" };
    const second = (said: string) =>
      detect("size of business we are", { language: "en", context: [begun, { role: "rep", text: said }] });
    expect(second("Mm.")?.type).toBe("price");
    expect(second("How many people are you?")).toBeNull();
  });

  it("speaks on an interim only when the words are decisive", () => {
    expect(detect("Es demasiado caro", { isFinal: false })?.type).toBe("price");
    expect(detect("esperaba algo más barato", { isFinal: true })?.type).toBe("price");
    expect(detect("No lo veo", { isFinal: false })).toBeNull();
    expect(detect("No es", { isFinal: false })).toBeNull();
  });

  it("judges mixed calls in both languages", () => {
    expect(detect("It's way too expensive.", { language: "multi" })?.type).toBe("price");
    expect(detect("Es demasiado caro.", { language: "multi" })?.type).toBe("price");
    expect(detect("How much is it?", { language: "multi" })).toBeNull();
  });

  it("survives empty, odd and endless text", () => {
    for (const text of ["", "   ", "???", "¿", "...", "\u0000\ud83d", "👍👍👍"])
      expect(detect(text)).toBeNull();
    expect(detect("es caro ".repeat(100_000))?.type).toBe("price");
    expect(detect(`${"a".repeat(1_000_000)} es muy caro`)?.type).toBe("price");
  }, 30_000);
});

describe("a doubt", () => {
  const doubt = (text: string, changes: Partial<DetectionInput> = {}) =>
    detector.doubt({ text, language: "es", role: "prospect", isFinal: true, context: [], ...changes });

  it("is what hints at an objection and does not reach it", () => {
    const hints = ["es que el dinero", "eso ya es dinero", "hay que ver lo que cuesta todo"];
    // Which of them reaches it changes with the weights.
    const doubted = hints.filter((text) => detect(text) === null && doubt(text) !== null);
    expect(doubted).not.toEqual([]);
    for (const text of doubted) {
      const found = doubt(text);
      expect(found?.type, text).toBe("price");
      expect(found?.confidence).toBeGreaterThanOrEqual(0.35);
      expect(found?.confidence).toBeLessThan(0.8);
      expect(doubt(text, { role: "rep" })).toBeNull();
    }
  });

  it("is none where something was detected, or where nothing hints at it", () => {
    expect(doubt("Es demasiado caro para nosotros.")).toBeNull();
    expect(doubt("Vale, perfecto, hablamos el lunes.")).toBeNull();
  });
});
