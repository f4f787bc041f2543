import type { Language } from "../contract/vocabulary.ts";
import type { Turn } from "../call/ports.ts";
import { soundsLike } from "./spoken-language.ts";

const mostLetters = 240;
const fewestWords = 3;
const mostWords = 40;
/** So many words in a row that were in the instructions, or were said by the prospect, are a copy. */
const copiedWords = 5;

const address = /https?:|www\.|[\p{L}\p{N}-]+\.(?:com|net|org|es|io|info|biz|co|me|ly|eu|uk|mx|ar)\b|@/iu;
const markup = /[<>{}[\]|`*_#\\~^=]|&\w+;/u;
/** Of itself, or of what it was told: nothing that a salesperson says aloud. */
const ofItself =
  /\b(?:prompts?|json|system message|language model|as an ai|ai assistant|chatbot|instructions?|instrucci[oó]n(?:es)?|modelo de lenguaje|como (?:una )?ia|inteligencia artificial|asistente virtual)\b/iu;

export interface ReplyFacts {
  readonly language: Language;
  readonly said: string;
  readonly context: readonly Turn[];
  readonly instructions: string;
}

/** One line, blanks and quotation marks around it taken off. */
export function tidied(text: string): string {
  return text
    .replaceAll(/\s+/gu, " ")
    .trim()
    .replace(/^["“«'](.*)["”»']$/u, "$1")
    .trim();
}

/** What holds for a reply at any length, while it still comes. */
export function mayBecomeReply(text: string, { context, instructions, said }: ReplyFacts): boolean {
  if (text.length > mostLetters || wordsOf(text).length > mostWords) return false;
  // Line ends are blanks by now; every other control or formatting character is none of speech.
  if (/[\p{Cc}\p{Cf}\p{Co}\p{So}]/u.test(text)) return false;
  if (address.test(text) || markup.test(text) || ofItself.test(text)) return false;
  const words = wordsOf(text);
  if (isCopied(words, wordsOf(instructions)) || isCopied(words, wordsOf(said))) return false;
  if (context.some((turn) => turn.role !== "rep" && isCopied(words, wordsOf(turn.text)))) return false;
  return hasKnownNumbersOnly(text, [said, ...context.map((turn) => turn.text)]);
}

/** Whether a rep may be given this to say. It says nothing of whether it is wise. */
export function isFitReply(text: string, facts: ReplyFacts): boolean {
  return (
    wordsOf(text).length >= fewestWords && mayBecomeReply(text, facts) && soundsLike(facts.language, text)
  );
}

/** A price, a date or a telephone number that nobody has said is made up. */
function hasKnownNumbersOnly(text: string, said: readonly string[]): boolean {
  const known = new Set(said.flatMap((one) => one.match(/\d+/gu) ?? []));
  return (text.match(/\d+/gu) ?? []).every((number) => known.has(number));
}

function isCopied(words: readonly string[], from: readonly string[]): boolean {
  if (words.length < copiedWords) return false;
  const source = ` ${from.join(" ")} `;
  for (let at = 0; at + copiedWords <= words.length; at += 1) {
    if (source.includes(` ${words.slice(at, at + copiedWords).join(" ")} `)) return true;
  }
  return false;
}

function wordsOf(text: string): readonly string[] {
  return (
    text
      .normalize("NFD")
      .replaceAll(/\p{M}/gu, "")
      .toLowerCase()
      .match(/[\p{L}\p{N}']+/gu) ?? []
  );
}
