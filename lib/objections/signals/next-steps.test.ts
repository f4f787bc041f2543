import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { SpeechReader } from "../../call/ports.ts";
import type { StoredSegment } from "../../call/stored-call.ts";
import { summarise } from "../../call/summary.ts";
import type { Summary } from "../../contract/summary.ts";
import type { Language } from "../../contract/vocabulary.ts";
import { createSpeechReader } from "./speech-reader.ts";

const reader = createSpeechReader();

type Turn = readonly [speaker: "rep" | "prospect", text: string];

function summaryOf(turns: readonly Turn[], language: Language, by: SpeechReader = reader): Summary {
  const segments = turns.map(([speaker, text], index): StoredSegment => {
    const times = { tsMs: index * 3000, endMs: index * 3000 + 2500 };
    const rest = { revision: 1, voice: null, confidence: null, words: [] };
    return { segmentId: String(index), speaker: speaker === "rep" ? 0 : 1, text, ...times, ...rest };
  });
  return summarise({ segments, objections: [] }, language, by);
}

/** As an engine writes it that knows no marks. */
function unmarked(turns: readonly Turn[]): readonly Turn[] {
  return turns.map(([speaker, text]) => [speaker, text.toLowerCase().replaceAll(/[.,;:?!¿¡…]/gu, "")]);
}

function plain(steps: readonly string[]): readonly string[] {
  return steps.map((step) => step.toLowerCase().replaceAll(",", ""));
}

interface Dialogue {
  readonly name: string;
  readonly turns: readonly Turn[];
  readonly steps: readonly string[];
}

const spanish: readonly Dialogue[] = [
  {
    name: "a proposal promised and a call agreed, in one breath",
    turns: [
      ["prospect", "Pues mándeme algo por escrito y lo miro."],
      [
        "rep",
        "Vale, perfecto, entonces le mando la propuesta mañana por la mañana y le llamo el jueves a las diez.",
      ],
      ["prospect", "Muy bien, gracias."],
    ],
    steps: ["Le mando la propuesta mañana por la mañana", "Le llamo el jueves a las diez"],
  },
  {
    name: "a day that changes, and is said once more without it",
    turns: [
      ["rep", "Si le parece le llamo el martes. Nos vemos el martes a las nueve."],
      ["prospect", "No, el martes no puedo."],
      ["rep", "Entonces nos vemos el miércoles a las once."],
      ["prospect", "Sí, perfecto, el miércoles a las once."],
      ["rep", "Estupendo. Le mando la convocatoria hoy mismo."],
      ["prospect", "Gracias. Nos vemos entonces."],
    ],
    steps: ["Nos vemos el miércoles a las once", "Le mando la convocatoria hoy mismo"],
  },
  {
    name: "the prospect takes something on, and so does the rep",
    turns: [
      ["prospect", "Yo te paso los datos de consumo el lunes, que los tiene mi compañera."],
      ["rep", "Genial. Con eso te preparo el presupuesto y te lo envío el miércoles."],
      ["prospect", "Vale. Se lo comento a mi jefe."],
    ],
    steps: [
      "Yo te paso los datos de consumo el lunes",
      "Te lo envío el miércoles",
      "Se lo comento a mi jefe",
    ],
  },
  {
    name: "an offer refused and a meeting accepted",
    turns: [
      ["rep", "¿Le mando un resumen por correo?"],
      ["prospect", "No, gracias, no hace falta."],
      ["rep", "¿Nos vemos el viernes a las cuatro?"],
      ["prospect", "Sí, me va bien."],
    ],
    steps: ["Nos vemos el viernes a las cuatro"],
  },
  {
    name: "nothing agreed",
    turns: [
      ["rep", "Buenas tardes, le llamo por el programa de nóminas."],
      ["prospect", "Ya, mire, no me interesa. Siempre nos llaman los lunes."],
      ["rep", "Si quiere le mando información mañana."],
      ["prospect", "No, de verdad, gracias. Ya les llamaré yo si acaso."],
      ["rep", "De acuerdo, que tenga un buen día."],
    ],
    steps: [],
  },
  {
    name: "fillers and a day put right",
    turns: [
      ["rep", "Bueno, eh, pues te mando, eh, el contrato el jueves, no, el viernes."],
      ["prospect", "Vale, y yo, o sea, te confirmo el lunes por la tarde."],
      ["rep", "Perfecto, hablamos la semana que viene."],
    ],
    steps: [
      "Te mando el contrato el viernes",
      "Yo te confirmo el lunes por la tarde",
      "Hablamos la semana que viene",
    ],
  },
  {
    name: "River Plate: vos",
    turns: [
      ["prospect", "Dale, mandame la propuesta hoy y lo veo con mi socio."],
      ["rep", "Listo, te la mando esta tarde. Quedamos el martes a las tres."],
      ["prospect", "Dale, bárbaro."],
    ],
    steps: ["Te la mando esta tarde", "Quedamos el martes a las tres"],
  },
  {
    name: "Mexico: a visit and a call",
    turns: [
      ["rep", "Entonces agendamos una visita para el jueves a las doce."],
      ["prospect", "Órale, sí. Márqueme el miércoles para confirmar."],
      ["rep", "Claro que sí, le marco el miércoles."],
    ],
    steps: ["Agendamos una visita para el jueves a las doce", "Le marco el miércoles"],
  },
];

const english: readonly Dialogue[] = [
  {
    name: "a proposal promised and a call agreed, in one breath",
    turns: [
      ["prospect", "Can you put that in writing?"],
      ["rep", "Sure, I'll send you the proposal tomorrow morning and I'll call you on Thursday at ten."],
      ["prospect", "Great, thanks."],
    ],
    steps: ["I'll send you the proposal tomorrow morning", "I'll call you on Thursday at ten"],
  },
  {
    name: "a day that changes",
    turns: [
      ["rep", "I'll call you on Tuesday at nine."],
      ["prospect", "No, Tuesday doesn't work."],
      ["rep", "Okay, then I'll call you on Wednesday at eleven."],
      ["prospect", "Perfect."],
      ["rep", "And I'll send you the invite today."],
      ["prospect", "Thanks."],
    ],
    steps: ["I'll call you on Wednesday at eleven", "I'll send you the invite today"],
  },
  {
    name: "the prospect takes something on, and so does the rep",
    turns: [
      ["prospect", "I'll email you the usage figures on Monday."],
      ["rep", "Great, then I'll put together the quote by Wednesday."],
      ["prospect", "Okay. I'll talk to my boss."],
    ],
    steps: [
      "I'll email you the usage figures on Monday",
      "I'll put together the quote by Wednesday",
      "I'll talk to my boss",
    ],
  },
  {
    name: "an offer refused and a meeting accepted",
    turns: [
      ["rep", "Should I send you a short summary?"],
      ["prospect", "No, thank you."],
      ["rep", "Can we talk on Friday at four?"],
      ["prospect", "Yes, that works for me."],
      ["rep", "And shall I send you the invite?"],
      ["prospect", "Please."],
    ],
    steps: ["Talk on Friday at four", "I'll send you the invite"],
  },
  {
    name: "nothing agreed",
    turns: [
      ["rep", "Hello, I'm calling about the payroll software."],
      ["prospect", "Look, I'm not interested. They always call on Mondays."],
      ["rep", "If you like I can send you the brochure tomorrow."],
      ["prospect", "No, really. Maybe I'll call you next year."],
      ["rep", "Understood, have a good day."],
    ],
    steps: [],
  },
  {
    name: "fillers and a day put right",
    turns: [
      ["rep", "So, um, I'll send you, uh, the contract on Thursday, no, Friday."],
      ["prospect", "Okay, and I'll confirm, you know, by Monday."],
      ["rep", "Perfect, talk to you next week."],
    ],
    steps: ["I'll send you the contract Friday", "I'll confirm by Monday", "Talk to you next week"],
  },
  {
    name: "asked for by the prospect and promised by the rep",
    turns: [
      ["prospect", "Send me the pricing this afternoon."],
      ["rep", "I'll send you the pricing before noon today."],
      ["prospect", "And call me next week."],
      ["rep", "Let's meet on Tuesday at three, so we can go through it."],
    ],
    steps: [
      "I'll send you the pricing before noon today",
      "Call me next week",
      "Let's meet on Tuesday at three",
    ],
  },
];

describe.each([
  ["es", spanish],
  ["en", english],
] as const)("the next steps of a dialogue in %s", (language, dialogues) => {
  it.each(dialogues.map((dialogue) => [dialogue.name, dialogue] as const))(
    "are what was agreed: %s",
    (_, one) => {
      expect(summaryOf(one.turns, language).next_steps).toEqual(one.steps);
    },
  );

  it.each(dialogues.map((dialogue) => [dialogue.name, dialogue] as const))(
    "are the same where no mark was heard: %s",
    (_, one) => {
      const { next_steps } = summaryOf(unmarked(one.turns), language);
      expect(plain(next_steps)).toEqual(plain(one.steps));
    },
  );
});

interface Script {
  readonly language: Language;
  readonly lines: readonly { readonly speaker: "rep" | "prospect"; readonly text: string }[];
}

function scriptTurns(name: string): { readonly language: Language; readonly turns: readonly Turn[] } {
  const file = new URL(`../../../data/calls/${name}/script.json`, import.meta.url);
  const script = JSON.parse(readFileSync(file, "utf8")) as Script;
  return { language: script.language, turns: script.lines.map(({ speaker, text }) => [speaker, text]) };
}

describe("the summary of a recorded call", () => {
  it.each([
    [
      "es-demo",
      ["Se lo comento", "Le mando un resumen", "Hablamos en septiembre con su socia"],
      ["precio", "programa", "proveedor", "almacén", "clientes"],
    ],
    ["es-short", ["Le llamo en septiembre"], ["caro"]],
    [
      "en-demo",
      ["I'll tell her", "I will send you a summary", "In September we talk with your partner"],
      ["supplier", "customers", "partner", "price", "software"],
    ],
    ["en-short", ["I will call you in September"], ["expensive"]],
  ] as const)("has the next steps and topics that a manager would note: %s", (name, steps, topics) => {
    const { language, turns } = scriptTurns(name);
    const summary = summaryOf(turns, language);
    expect(summary.next_steps).toEqual(steps);
    expect(summary.top_topics).toEqual(topics);
    expect(plain(summaryOf(unmarked(turns), language).next_steps)).toEqual(plain(steps));
  });

  it("of eight hours of talk reads no more than its last 1,200 clauses", () => {
    const { language, turns } = scriptTurns("es-demo");
    const talk = turns.slice(0, 20);
    const hours = Array.from({ length: 5000 / talk.length }, () => talk).flat();
    let reads = 0;
    const counting: SpeechReader = {
      read(text, of) {
        reads += 1;
        return reader.read(text, of);
      },
    };
    expect(summaryOf(hours, language, counting).next_steps).toEqual([]);
    expect(reads).toBe(1200);
  });
});
