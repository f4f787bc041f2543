import type { ConsentMethod, Language, ObjectionType } from "../contract/vocabulary.ts";

/** The fixed words of documents, in the language of the call. */
export interface Wording {
  readonly untitled: string;
  readonly rep: string;
  readonly prospect: string;
  readonly unknown: string;
  readonly voice: string;
  readonly customer: string;
  readonly start: string;
  readonly duration: string;
  readonly call: string;
  readonly consent: string;
  readonly consentGiven: string;
  readonly consentNotGiven: string;
  readonly consentMethods: Readonly<Record<ConsentMethod, string>>;
  readonly transcript: string;
  readonly nothingSaid: string;
  readonly suggestion: string;
  /** Of an objection that was raised before in the call. */
  readonly again: string;
  readonly lostAudio: string;
  readonly seconds: (tenths: string) => string;
  readonly summary: string;
  /** Marks what a language model wrote. */
  readonly prose: string;
  readonly segments: string;
  readonly objections: string;
  readonly speaking: string;
  readonly topics: string;
  readonly nextSteps: string;
  readonly objectionTypes: Readonly<Record<ObjectionType, string>>;
}

const spanish: Wording = {
  untitled: "Llamada sin título",
  rep: "Vendedor",
  prospect: "Cliente",
  unknown: "Hablante",
  voice: "Voz",
  customer: "Cliente",
  start: "Inicio",
  duration: "Duración",
  call: "Llamada",
  consent: "Consentimiento",
  consentGiven: "sí",
  consentNotGiven: "no",
  consentMethods: {
    verbal: "de palabra",
    written: "por escrito",
    contract: "en el contrato",
    announcement: "aviso al descolgar",
    synthetic_voices: "voces sintéticas",
  },
  transcript: "Transcripción",
  nothingSaid: "No se dijo nada.",
  suggestion: "Sugerencia",
  again: "otra vez",
  lostAudio: "audio perdido",
  seconds: (tenths) => `${tenths.replace(".", ",")} s`,
  summary: "Resumen",
  prose: "En pocas palabras (escrito por un modelo de lenguaje)",
  segments: "Intervenciones",
  objections: "Objeciones",
  speaking: "Tiempo hablado",
  topics: "Temas",
  nextSteps: "Próximos pasos",
  objectionTypes: {
    price: "precio",
    timing: "momento",
    authority: "decisión de otra persona",
    competitor: "otro proveedor",
    trust: "confianza",
    need: "necesidad",
    other: "otra",
  },
};

const english: Wording = {
  untitled: "Untitled call",
  rep: "Rep",
  prospect: "Prospect",
  unknown: "Speaker",
  voice: "Voice",
  customer: "Customer",
  start: "Start",
  duration: "Duration",
  call: "Call",
  consent: "Consent",
  consentGiven: "yes",
  consentNotGiven: "no",
  consentMethods: {
    verbal: "spoken",
    written: "in writing",
    contract: "in the contract",
    announcement: "announced when the call was answered",
    synthetic_voices: "synthetic voices",
  },
  transcript: "Transcript",
  nothingSaid: "Nothing was said.",
  suggestion: "Suggestion",
  again: "again",
  lostAudio: "audio lost",
  seconds: (tenths) => `${tenths} s`,
  summary: "Summary",
  prose: "In short (written by a language model)",
  segments: "Turns",
  objections: "Objections",
  speaking: "Time spoken",
  topics: "Topics",
  nextSteps: "Next steps",
  objectionTypes: {
    price: "price",
    timing: "timing",
    authority: "someone else decides",
    competitor: "another supplier",
    trust: "trust",
    need: "need",
    other: "other",
  },
};

/** A call in several languages is written up in Spanish, the first language of the product. */
export function wordingOf(language: Language): Wording {
  return language === "en" ? english : spanish;
}

/** For people, beside the marker that is the same in every language. */
export function objectionName(type: ObjectionType, isRepeat: boolean, wording: Wording): string {
  const name = wording.objectionTypes[type];
  return isRepeat ? `${name}, ${wording.again}` : name;
}
