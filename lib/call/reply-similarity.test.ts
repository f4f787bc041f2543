import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { playbookSchema } from "../contract/playbook.ts";
import { recentTalk, replySimilarity, saidThreshold } from "./reply-similarity.ts";

/** A reply, and what a rep said who had read it: in other words, cut short, misheard, or with more around it. */
const said: readonly (readonly [string, string])[] = [
  [
    "Entiendo. ¿Es el precio en sí, o que todavía no se ve claro el retorno?",
    "vale lo entiendo y dígame es por el precio o es que no se ve claro todavía el retorno",
  ],
  [
    "Tiene sentido mirarlo bien. ¿Comparado con qué parece caro?",
    "Claro, tiene sentido que lo mire bien. ¿Y comparado con qué le parece caro?",
  ],
  [
    "¿Cuánto cuesta hoy seguir igual, entre horas y errores? Hagamos la cuenta juntos.",
    "a ver cuánto le cuesta hoy seguir igual entre horas y herrores",
  ],
  [
    "¿Cuándo se vuelve a abrir el presupuesto? Podemos dejarlo todo listo para ese momento.",
    "Y el presupuesto, ¿cuándo se vuelve a abrir?",
  ],
  [
    "Preparo un resumen de una página para esa conversación. ¿Qué no puede faltar?",
    "mire yo le preparo un resumen de una página para cuando lo hablen qué es lo que no puede faltar",
  ],
  [
    "Mejor que creerme es comprobarlo: ¿hacemos una prueba con datos reales?",
    "bueno, ¿y si hacemos una prueba con sus datos reales? es mejor comprobarlo que creerme a mí",
  ],
  [
    "Claro, es una decisión importante. ¿Qué punto en concreto queda por pensar?",
    "es una decisión importante claro. eh, ¿qué punto concreto le queda por pensar?",
  ],
  [
    "Me alegro de que funcione. ¿Qué sería lo único que mejoraría?",
    "qué es lo único que mejoraría me alegro de que funcione eh",
  ],
  [
    "I hear you. Is it the price itself, or is the return not clear yet?",
    "yeah I hear you so is it really the price or is it that the return isn't clear yet",
  ],
  [
    "What does it cost you today to leave things as they are? Let's do the math.",
    "okay so what does it cost you today leaving things as they are",
  ],
  [
    "When does the budget open up again? We can have everything ready for that day.",
    "Right. And when does that budget open again? Then we could have everything ready by that day.",
  ],
  [
    "Don't take my word for it. Shall we run a trial with your own data?",
    "well you don't have to take my word for it we could run a trial with your data",
  ],
  [
    "I'll put together a one-page summary for that chat. What must be on it?",
    "let me put together a one page summery for that chat what should be on it",
  ],
  [
    "Which date makes sense? Let's put it down and have everything ready.",
    "let's put down a date and have everything ready",
  ],
  [
    "Let's respect that contract. Shall we talk two months before it ends?",
    "we respect your contract, so let's talk two months before it ends",
  ],
];

/** The same trade, the same words here and there, and another thing that is said. */
const notSaid: readonly (readonly [string, string])[] = [
  [
    "Entiendo. ¿Es el precio en sí, o que todavía no se ve claro el retorno?",
    "Entiendo. El precio depende de cuántos usuarios sean, y se paga por meses.",
  ],
  [
    "¿Cuándo se vuelve a abrir el presupuesto? Podemos dejarlo todo listo para ese momento.",
    "Le mando hoy el presupuesto por correo y lo tiene todo ahí.",
  ],
  [
    "Preparo un resumen de una página para esa conversación. ¿Qué no puede faltar?",
    "En esta página se ve el resumen de las ventas de cada semana.",
  ],
  [
    "Claro, es una decisión importante. ¿Qué punto queda por pensar?",
    "Claro, claro. Sin ningún compromiso, desde luego.",
  ],
  [
    "What does it cost you today to leave things as they are?",
    "Today it costs forty a month, and setup is free.",
  ],
  [
    "That makes sense. What will they look at first?",
    "That makes sense. Shall I send it first thing tomorrow?",
  ],
  [
    "Don't take my word for it. Shall we run a trial with your own data?",
    "Your data stays on your own servers.",
  ],
];

function repLines(): readonly { readonly language: string; readonly text: string }[] {
  return ["es-demo", "es-short", "en-demo", "en-short"].flatMap((name) => {
    const script = JSON.parse(
      readFileSync(new URL(`../../data/calls/${name}/script.json`, import.meta.url), "utf8"),
    ) as { language: string; lines: { speaker: string; text: string }[] };
    return script.lines
      .filter(({ speaker }) => speaker === "rep")
      .map(({ text }) => ({ language: script.language, text }));
  });
}

describe("how alike a reply and a turn are", () => {
  it.each(said)("recognises “%s” in “%s”", (reply, turn) => {
    expect(replySimilarity(reply, turn)).toBeGreaterThanOrEqual(saidThreshold);
  });

  it.each(notSaid)("does not take for “%s” that somebody says “%s”", (reply, turn) => {
    expect(replySimilarity(reply, turn)).toBeLessThan(saidThreshold);
  });

  it("takes no line of a rep in the recorded calls for a shipped reply, nor one reply for another", () => {
    const shipped = playbookSchema.parse(
      JSON.parse(readFileSync(new URL("../../data/playbooks/default.json", import.meta.url), "utf8")),
    );
    const wrong: string[] = [];
    for (const { language, replies, type } of shipped.entries) {
      for (const reply of replies) {
        const lines = repLines().filter((line) => line.language === language);
        const others = shipped.entries
          .filter((entry) => entry.language === language && entry.type === type)
          .flatMap((entry) => entry.replies)
          .filter((other) => other !== reply);
        for (const turn of [...lines.map(({ text }) => text), ...others]) {
          if (replySimilarity(reply, turn) >= saidThreshold) wrong.push(`${reply} | ${turn}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it("is 1 for the very words in the middle of a long turn, and 0 for silence", () => {
    const reply = "¿Comparado con qué parece caro? Hagamos la cuenta juntos.";
    const around = "mire yo le cuento una cosa que nos pasa con casi todos los clientes de la zona";
    expect(replySimilarity(reply, `${around} ${reply} ${around}`)).toBe(1);
    expect(replySimilarity(reply, "")).toBe(0);
    expect(replySimilarity("", "algo")).toBe(0);
  });
});

it("keeps of a turn without end what may still be part of the reply", () => {
  let turn = "";
  for (let line = 0; line < 100; line += 1)
    turn = recentTalk("Hagamos la cuenta juntos.", turn, `línea ${line}`);
  expect(turn.split(" ").slice(-4)).toEqual(["línea", "98", "línea", "99"]);
  expect(turn.split(" ")).toHaveLength(10);
});
