import type { Language } from "../contract/vocabulary.ts";

const list = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/u));

/** The small words without which nobody says a sentence; those that two languages share are in both. */
const smallWords = {
  es: list(
    `a al algo ahora aquí así aún bien cada claro como cómo con cosa cuál cuando cuándo cuánto cuánta de del desde
    donde el él ella en entiendo entonces entre era es esa ese eso esta está están este esto gracias ha hace hacer hay
    hoy la las le les lo los más me mi mí mis muy nada ni no nos nosotros o os otra otro para pero poco podemos por
    porque puede puedo pues que qué quién quiere se sea ser si sí sin sobre solo son su sus también te tendría tener
    tiene tienen todo tras tu tú tus un una uno usted ustedes va vale vamos veces vendría ver y ya yo`,
  ),
  en: list(
    `a about after all am an and any are as at be been but by can could did do does else enough ever for from get
    had has have he her here him his how i if in into is it its just know let like make makes me mean more most much
    my need no not of off ok on one only or other our out over right say see she should so some sure tell than that
    the their them then there these they thing this those to too up us very was we well were what when where which
    who why will with would yes yet you your it's that's i'm you're we're don't doesn't isn't what's let's i'd we'd
    you'd i'll we'll`,
  ),
  other: list(
    `le les des du je nous vous est et une pas pour avec sur dans mais qui sont il ils elle au aux cette c'est
    o os as um uma não com em por mas seu sua você nós foi são isso mais ao pela pelo do da das dos
    der die das und ist nicht ein eine wir sie ich zu mit für auf den dem es im von sich auch wie aber bei
    il lo gli un della del che di è sono non con per una si ma anche più questo nel al`,
  ),
} as const;

function share(words: readonly string[], of: ReadonlySet<string>): number {
  return words.filter((word) => of.has(word)).length / Math.max(1, words.length);
}

/** Share of small words from which a text of some length is taken for one of the language. */
const enough = 0.2;

/**
 * Whether a text can be one in the language of the call: enough for telling a sentence from another language, from
 * noise and from code, not for telling good Spanish from bad.
 */
export function soundsLike(language: Language, text: string): boolean {
  const letters = text.match(/\p{L}/gu) ?? [];
  const latin = text.match(/\p{Script=Latin}/gu) ?? [];
  if (letters.length === 0 || latin.length < letters.length) return false;
  const words =
    text
      .toLowerCase()
      .replaceAll("’", "'")
      .match(/[\p{L}']+/gu) ?? [];
  const es = share(words, smallWords.es);
  const en = share(words, smallWords.en);
  const other = share(words, smallWords.other);
  const own = language === "es" ? es : language === "en" ? en : Math.max(es, en);
  const foreign = language === "es" ? Math.max(en, other) : language === "en" ? Math.max(es, other) : other;
  if (words.length < 5) return own >= foreign;
  return own >= enough && own >= foreign;
}
