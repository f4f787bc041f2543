import type { Summary } from "../contract/summary.ts";
import type { Language, ObjectionType } from "../contract/vocabulary.ts";
import type { CallFact } from "./language-model-ports.ts";
import type { StoredObjection } from "./stored-call.ts";

const mostObjections = 8;
const mostQuotedLetters = 200;

interface Wording {
  readonly lasted: (minutes: string) => string;
  readonly spoke: (rep: string, prospect: string) => string;
  readonly objected: (type: string, quote: string, again: boolean) => string;
  readonly topics: (topics: string) => string;
  readonly nextStep: (quote: string) => string;
  readonly minutes: (count: number) => string;
  readonly seconds: (count: number) => string;
  readonly types: Readonly<Record<ObjectionType, string>>;
}

const spanish: Wording = {
  lasted: (time) => `La llamada duró ${time}.`,
  spoke: (rep, prospect) => `El vendedor habló ${rep} y el cliente ${prospect}.`,
  objected: (type, quote, again) => `El cliente objetó ${again ? "otra vez " : ""}${type}: «${quote}».`,
  topics: (topics) => `Se habló de estos temas: ${topics}.`,
  nextStep: (quote) => `Próximo paso: «${quote}».`,
  minutes: (count) => (count === 1 ? "1 minuto" : `${String(count)} minutos`),
  seconds: (count) => (count === 1 ? "1 segundo" : `${String(count)} segundos`),
  types: {
    price: "el precio",
    timing: "que no es el momento",
    authority: "que decide otra persona",
    competitor: "que tiene otro proveedor",
    trust: "falta de confianza",
    need: "que no lo necesita",
    other: "otra razón",
  },
};

const english: Wording = {
  lasted: (time) => `The call lasted ${time}.`,
  spoke: (rep, prospect) => `The rep spoke for ${rep} and the prospect for ${prospect}.`,
  objected: (type, quote, again) => `The prospect objected ${again ? "again " : ""}${type}: "${quote}".`,
  topics: (topics) => `They talked about these topics: ${topics}.`,
  nextStep: (quote) => `Next step: "${quote}".`,
  minutes: (count) => (count === 1 ? "1 minute" : `${String(count)} minutes`),
  seconds: (count) => (count === 1 ? "1 second" : `${String(count)} seconds`),
  types: {
    price: "to the price",
    timing: "that this is not the time",
    authority: "that somebody else decides",
    competitor: "that they have another supplier",
    trust: "for lack of trust",
    need: "that they have no need of it",
    other: "for another reason",
  },
};

/** What is known of a call, one thing a sentence: all that prose about it may say. No names, no ids. */
export function factsOf(
  summary: Summary,
  objections: readonly StoredObjection[],
  { durationMs, language }: { readonly durationMs: number; readonly language: Language },
): readonly CallFact[] {
  const wording = language === "en" ? english : spanish;
  const time = (ms: number): string =>
    ms < 90_000 ? wording.seconds(Math.round(ms / 1000)) : wording.minutes(Math.round(ms / 60_000));
  const { rep, prospect } = summary.speakers_time;
  const confirmed = objections
    .filter(({ status }) => status === "confirmed")
    .toSorted((a, b) => a.tsMs - b.tsMs)
    .slice(0, mostObjections);
  const sentences = [
    wording.lasted(time(durationMs)),
    ...(rep > 0 && prospect > 0 ? [wording.spoke(time(rep), time(prospect))] : []),
    ...(summary.top_topics.length > 0 ? [wording.topics(summary.top_topics.join(", "))] : []),
    ...confirmed.map(({ repeatOf, text, type }) =>
      wording.objected(wording.types[type], quoted(text), repeatOf !== null),
    ),
    ...summary.next_steps.map((step) => wording.nextStep(quoted(step))),
  ];
  return sentences.map((text) => ({ text }));
}

function quoted(text: string): string {
  const plain = text.replaceAll(/["«»]/gu, "").replace(/[.…\s]+$/u, "");
  return plain.length <= mostQuotedLetters ? plain : `${plain.slice(0, mostQuotedLetters)}…`;
}
