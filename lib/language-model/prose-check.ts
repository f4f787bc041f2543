import type { z } from "zod";
import type { CallFact } from "../call/language-model-ports.ts";
import type { Language } from "../contract/vocabulary.ts";
import type { proseAnswerSchema } from "./answers.ts";
import { soundsLike } from "./spoken-language.ts";

const mostLetters = 1200;
/** Letters by which two forms of a word are taken for one. */
const stemLetters = 5;
/** Share of a sentence's longer words that must be in the facts or be words of telling. */
const groundedShare = 0.6;

const telling = new Set(
  `cliente vendedor llamada durante final además también porque aunque mientras después antes objeción objeciones
  objetó planteó mencionó comentó explicó señaló indicó expresó dijo pidió preguntó propuso acordó acordaron quedaron
  próximo próximos pasos siguiente temas principal principales hablaron habló conversación duró minutos segundos
  respecto sobre interés razón motivo varias veces primera segunda
  customer prospect rep call during final also because although while after before objection objections objected
  raised mentioned explained noted stated said asked proposed agreed next steps following topics main spoke talked
  conversation lasted minutes seconds about interest reason several times first second`
    .split(/\s+/u)
    .map(stem),
);

/**
 * The sentences of an answer that say nothing but the facts, as far as their words tell: each names facts, has no number
 * and no name that is not in them, and few words that are not. Null: too little is left.
 */
export function groundedProse(
  answer: z.infer<typeof proseAnswerSchema>,
  facts: readonly CallFact[],
  language: Language,
): string | null {
  const known = factsKnown(facts);
  const kept = answer.sentences
    .map(({ text, facts: told }) => ({ text: text.replaceAll(/\s+/gu, " ").trim(), told }))
    .filter(
      ({ text, told }) =>
        told.length > 0 && told.every((number) => facts[number] !== undefined) && isGrounded(text, known),
    )
    .map(({ text }) => text);
  const prose = kept.join(" ");
  if (kept.length * 2 < answer.sentences.length || prose === "" || prose.length > mostLetters) return null;
  return soundsLike(language, prose) ? prose : null;
}

interface Known {
  readonly stems: ReadonlySet<string>;
  readonly numbers: ReadonlySet<string>;
}

function factsKnown(facts: readonly CallFact[]): Known {
  const text = facts.map((fact) => fact.text).join("\n");
  return { stems: new Set(wordsOf(text).map(stem)), numbers: new Set(text.match(/\d+/gu)) };
}

function isGrounded(text: string, { numbers, stems }: Known): boolean {
  if (text === "" || /[<>{}[\]|`*_#\\@]|https?:|www\.|[\p{Cc}\p{Cf}]/u.test(text)) return false;
  if (!(text.match(/\d+/gu) ?? []).every((number) => numbers.has(number))) return false;
  // A name in mid-sentence.
  for (const [name] of text.matchAll(/(?<=[\p{Ll}\p{N},;:] )\p{Lu}[\p{L}]+/gu)) {
    if (!stems.has(stem(name))) return false;
  }
  const longer = wordsOf(text).filter((word) => word.length >= stemLetters);
  const grounded = longer.filter((word) => stems.has(stem(word)) || telling.has(stem(word)));
  return grounded.length >= longer.length * groundedShare;
}

function stem(word: string): string {
  return word.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase().slice(0, stemLetters);
}

function wordsOf(text: string): readonly string[] {
  return text.match(/[\p{L}\p{N}]+/gu) ?? [];
}
