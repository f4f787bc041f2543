import type { ScriptedUtterance } from "../lib/transcription/scripted-engine.ts";

const sentences: readonly (readonly string[])[] = [
  "le cuento cómo trabaja nuestro equipo con sus clientes".split(" "),
  "mire es muy caro para nosotros en este momento".split(" "),
  "y qué les haría falta para verlo de otra manera".split(" "),
  "eso lo tendría que hablar primero con mi jefe".split(" "),
];

/** Two people who let each other speak: 6 s each in turn, for so long. */
export function conversation(seconds: number): ScriptedUtterance[] {
  return chatter(seconds).filter(({ channel, startMs }) => Math.floor(startMs / 6000) % 2 === channel);
}

/** Both sides talking without a pause, 2 s a sentence, for so long: events enough to measure. */
export function chatter(seconds: number): ScriptedUtterance[] {
  const script: ScriptedUtterance[] = [];
  for (let startMs = 0; startMs < seconds * 1000; startMs += 2000) {
    for (const channel of [0, 1]) {
      const words = sentences[(startMs / 2000 + channel) % sentences.length] ?? [];
      script.push({ channel, startMs, endMs: startMs + 1900, words, confidence: 0.9 });
    }
  }
  return script;
}
