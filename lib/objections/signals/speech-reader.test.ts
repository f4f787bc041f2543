import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { createSpeechReader } from "./speech-reader.ts";

const reader = createSpeechReader();

function signalsIn(language: "es" | "en", text: string): [string, string, string | null][] {
  return reader
    .read(text, language)
    .signals.map(({ kind, evidence, when }) => [
      kind,
      text.slice(evidence.start, evidence.end),
      when === null ? null : text.slice(when.start, when.end),
    ]);
}

describe("signals in a line", () => {
  it("are buying signals with the words that say so", () => {
    expect(signalsIn("es", "Pues me encaja. ¿Cuándo podríamos empezar?")).toEqual([
      ["buying_signal", "me encaja", null],
      ["buying_signal", "Cuándo podríamos empezar", null],
    ]);
    expect(signalsIn("en", "Okay, send me the contract.")).toEqual([
      ["buying_signal", "send me the contract", null],
    ]);
  });

  it("are next steps with day and time as they were said", () => {
    expect(signalsIn("es", "Perfecto, quedamos el martes a las diez y media.")).toEqual([
      ["commitment", "quedamos el martes a las diez y media", "el martes a las diez y media"],
    ]);
    expect(signalsIn("en", "I'll email you the agreement on Friday.")).toEqual([
      ["commitment", "I'll email you the agreement on Friday", "on Friday"],
    ]);
  });

  it.each([
    ["es", "No me encaja."],
    ["es", "Si me encaja, te lo digo."],
    ["es", "Me gusta, pero no es el momento."],
    ["es", "Mi primo lo contrató."],
    ["es", "¿Le llamo el martes?"],
    ["es", "Le llamo de Almacén Fácil."],
    ["en", "If it works for us I'll let you know."],
    ["en", "I like it, but it's too much."],
    ["en", "Should I call you on Tuesday?"],
    ["en", "I'm calling about the email."],
  ] as const)("are none where nothing is meant: %s %s", (language, text) => {
    expect(signalsIn(language, text)).toEqual([]);
  });
});

describe("questions in a line", () => {
  const asked = (language: "es" | "en", text: string): string[] =>
    reader.read(text, language).asked.map(({ wants }) => wants);

  it("want a number or a time, yes or no, or anything about them", () => {
    expect(asked("es", "¿Cuánto tarda la instalación? ¿Y tiene soporte los sábados?")).toEqual([
      "quantity",
      "yes_no",
    ]);
    expect(asked("en", "What happens to our data?")).toEqual(["open"]);
  });

  it.each([
    ["es", "Hola, ¿qué tal?"],
    ["es", "¿Me oye?"],
    ["es", "¿Cómo dice?"],
    ["es", "Es caro, ¿no?"],
    ["en", "How are you doing today?"],
    ["en", "Sorry, can you hear me?"],
    ["en", "Who knows?"],
  ] as const)("want no answer when they greet, mend or only sound like one: %s %s", (language, text) => {
    expect(asked(language, text)).toEqual([]);
  });

  it("are all counted", () => {
    expect(reader.read("¿Qué tal? ¿Le pillo bien?", "es").questions).toBe(2);
  });
});

describe("fillers in a line", () => {
  it.each([
    ["es", "Este, o sea, es que, eh, no sé.", 3],
    ["es", "Este programa es de este año.", 0],
    ["es", "Es más rápido, ¿no?", 1],
    ["es", "No, no lo sé.", 0],
    ["es", "A ver si lo vemos.", 0],
    ["en", "Um, it's, like, you know, kind of slow.", 4],
    ["en", "I like this kind of tool, as you know.", 0],
    ["en", "Do you know what I mean by that?", 0],
    ["en", "You'd be on the right plan, right?", 1],
  ] as const)("%s %s: %d", (language, text, fillers) => {
    expect(reader.read(text, language).fillers).toBe(fillers);
  });
});

it("only who does nothing but listen is a backchannel", () => {
  const isBackchannel = (text: string, language: "es" | "en"): boolean =>
    reader.read(text, language).isBackchannel;
  expect([isBackchannel("Ajá, claro.", "es"), isBackchannel("Uh huh.", "en")]).toEqual([true, true]);
  expect([isBackchannel("No.", "es"), isBackchannel("Sí, cuarenta.", "es")]).toEqual([false, false]);
});

it("any text is read, and every place lies in it", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 200 }),
      fc.constantFrom("es", "en", "multi"),
      (text, language) => {
        const { signals, asked, words, fillers } = reader.read(text, language);
        for (const { evidence } of [...signals, ...asked]) {
          expect(evidence.start).toBeLessThan(evidence.end);
          expect(evidence.end).toBeLessThanOrEqual(text.length);
        }
        expect(fillers).toBeLessThanOrEqual(words);
      },
    ),
  );
});
