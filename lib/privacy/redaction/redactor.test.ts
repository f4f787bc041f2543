import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CallRedaction, RedactedSpan, RedactionKind } from "../../call/ports.ts";
import { createRedactor } from "./redactor.ts";

const all: ReadonlySet<RedactionKind> = new Set(["card", "account", "email", "phone", "id"]);
const redactor = createRedactor(all);

function withMarks(text: string, spans: readonly RedactedSpan[]): string {
  return [...spans]
    .reverse()
    .reduce((shown, { start, end, mark }) => shown.slice(0, start) + mark + shown.slice(end), text);
}

/** What a listener is shown of every utterance, and in the end. */
class Screen {
  readonly redaction: CallRedaction;
  readonly seen: string[] = [];
  readonly shown = new Map<string, string>();
  #turn = 0;

  constructor(kinds = all, language: "es" | "en" = "es") {
    this.redaction = createRedactor(kinds).call(language);
  }

  say(text: string, channel = 1, isFinal = true): void {
    if (isFinal) this.#turn += 1;
    const at = this.#turn * 3000;
    const utteranceId = String(isFinal ? this.#turn : this.#turn + 1);
    const step = this.redaction.hear({ utteranceId, channel, startMs: at, endMs: at + 2500, text, isFinal });
    this.show(utteranceId, text, step.spans);
    for (const { heard, spans } of step.revised) this.show(heard.utteranceId, heard.text, spans);
  }

  show(utteranceId: string, text: string, spans: readonly RedactedSpan[]): void {
    let last = 0;
    for (const { start, end } of spans) {
      expect(start).toBeGreaterThanOrEqual(last);
      expect(end).toBeGreaterThan(start);
      expect(end).toBeLessThanOrEqual(text.length);
      last = end;
    }
    const shown = withMarks(text, spans);
    this.seen.push(shown);
    this.shown.set(utteranceId, shown);
  }

  end(): readonly string[] {
    for (const { heard, spans } of this.redaction.end().revised)
      this.show(heard.utteranceId, heard.text, spans);
    return [...this.shown.values()];
  }
}

describe("text that people type", () => {
  it.each([
    ["Tarjeta 4242-4242-4242-4242, paga 1.200 €", "Tarjeta [card], paga 1.200 €"],
    ["DNI 12345678Z", "DNI [id]"],
    ["Llamar al +34 612 345 678 el 12/03/2026 a las 10:30", "Llamar al [phone] el 12/03/2026 a las 10:30"],
    ["IBAN ES91 2100 0418 4502 0005 1332", "IBAN [account]"],
    ["ana.perez+ventas@sub.ejemplo.com.mx ok", "[email] ok"],
    ["ISO 27001, 24/7, 99,9 %, v2.10.3, 192.168.1.20", "ISO 27001, 24/7, 99,9 %, v2.10.3, 192.168.1.20"],
  ])("becomes: %s", (text, expected) => {
    expect(redactor.text(text, "es")).toBe(expected);
  });

  it("takes out only what is asked for", () => {
    const cards = createRedactor(new Set<RedactionKind>(["card"]));
    const text = "Card 4242 4242 4242 4242, mobile 612 345 678, jane@example.com";
    expect(cards.text(text, "en")).toBe("Card [card], mobile 612 345 678, jane@example.com");
  });

  it("is the same when it is redacted again, whatever it is", () => {
    const words = fc.constantFrom(
      ..."tarjeta card teléfono llámame al my number is DNI correo arroba punto com at dot gmail uno dos three double doce treinta y eh euros mil x z @ . , - + [card] [phone] IBAN pasaporte ABC 680524 P76 AAB123456 unos ones rate the hola termina en a G código atrás 34.567.890 4242 612 12345678 2019 son 1.234".split(
        " ",
      ),
    );
    fc.assert(
      fc.property(
        fc.array(words, { maxLength: 25 }),
        fc.constantFrom("es" as const, "en" as const),
        (said, language) => {
          const once = redactor.text(said.join(" "), language);
          expect(redactor.text(once, language)).toBe(once);
        },
      ),
    );
  });

  it("gives an answer to any text at all", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
        expect(typeof redactor.text(text, "es")).toBe("string");
      }),
    );
  });
});

const spanish = "cero uno dos tres cuatro cinco seis siete ocho nueve".split(" ");
const english = "zero one two three four five six seven eight nine".split(" ");
const numberWord = new RegExp(
  `(?<![\\p{L}])(?:${[...spanish, ...english].join("|")}|\\d)(?![\\p{L}])`,
  "giu",
);

/** Digits of one text that a listener gets to see. */
const digitsShown = (text: string): number => [...text.matchAll(numberWord)].length;

describe("a number that is said", () => {
  const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 16, maxLength: 16 });

  it("is never shown by seven digits or more, however it is broken over words, interims and utterances", () => {
    fc.assert(
      fc.property(
        digits,
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 16, maxLength: 16 }),
        fc.constantFrom("es" as const, "en" as const),
        fc.boolean(),
        fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }),
        (number, sizes, language, asked, asDigits) => {
          // Counting up or down by ones is no number of anybody.
          fc.pre(number.some((digit, i) => i > 0 && Math.abs(digit - (number[i - 1] ?? 0)) !== 1));
          const screen = new Screen(all, language);
          if (asked)
            screen.say(language === "es" ? "¿me da el número de tarjeta?" : "what is your card number?", 0);
          const names = language === "es" ? spanish : english;
          const said = number.map((digit, i) =>
            asDigits[i] === true ? String(digit) : (names[digit] ?? ""),
          );
          for (let from = 0, piece = 0; from < said.length; piece++) {
            const words = said.slice(from, from + (sizes[piece] ?? 1));
            for (let count = 1; count < words.length; count++)
              screen.say(words.slice(0, count).join(" "), 1, false);
            screen.say(words.join(" "));
            screen.say(language === "es" ? "ajá" : "okay", 0);
            from += words.length;
          }
          for (const text of screen.seen) expect(digitsShown(text)).toBeLessThan(7);
          for (const text of screen.end()) expect(digitsShown(text)).toBe(0);
        },
      ),
    );
  });

  it("goes when the other side reads it back", () => {
    const screen = new Screen();
    screen.say("mi móvil es seis uno dos tres cuatro cinco seis siete ocho");
    screen.say("entonces seis uno dos tres cuatro cinco, ¿y luego?", 0);
    screen.say("termina en cinco seis siete ocho", 0);
    expect(screen.end()).toEqual([
      "mi móvil es [phone]",
      "entonces [phone], ¿y luego?",
      "termina en [phone]",
    ]);
  });

  it("goes on behind its mark after a restart", () => {
    const screen = new Screen();
    screen.redaction.recall([{ channel: 1, text: "apunta [number]", endMs: 2000 }]);
    screen.say("cuatro dos cuatro dos");
    expect(screen.end()).toEqual(["[phone]"]);
  });

  it("is shown again after twenty seconds in which nothing was added", () => {
    const screen = new Screen();
    screen.say("apunté uno cinco nueve");
    expect([...screen.shown.values()]).toEqual(["apunté [number]"]);
    expect(screen.redaction.passed(6000).revised).toEqual([]);
    expect(screen.redaction.passed(40_000).revised).toMatchObject([{ spans: [] }]);
  });
});
