import type { Language } from "../../contract/vocabulary.ts";

export type NumberWord =
  | { readonly role: "unit" | "teen"; readonly value: number }
  /** `joins`: a unit follows with "y" (Spanish) or directly (English). */
  | { readonly role: "tens"; readonly value: number; readonly joins: "y" | "directly" }
  /** Spanish: a hundred of its own, such as seiscientos. */
  | { readonly role: "hundreds"; readonly value: number }
  /** English: hundred, after a unit. */
  | { readonly role: "hundred" }
  | { readonly role: "scale"; readonly value: 1000 | 1_000_000 }
  | { readonly role: "repeat"; readonly times: 2 | 3 };

const spanishUnits = "cero uno dos tres cuatro cinco seis siete ocho nueve".split(" ");
const spanishTeens = "diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve".split(
  " ",
);
const spanishTwenties =
  "veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete veintiocho veintinueve".split(
    " ",
  );
const spanishTens = "diez veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa".split(" ");
const spanishHundreds =
  "cien doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos".split(
    " ",
  );
const englishUnits = "zero one two three four five six seven eight nine".split(" ");
const englishTeens = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
  " ",
);
const englishTens = "ten twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

function spanish(): Map<string, NumberWord> {
  const words = new Map<string, NumberWord>();
  spanishUnits.forEach((word, value) => words.set(word, { role: "unit", value }));
  spanishTeens.forEach((word, i) => words.set(word, { role: "teen", value: 10 + i }));
  spanishTwenties.forEach((word, i) => words.set(word, { role: "teen", value: 21 + i }));
  words.set("veintiun", { role: "teen", value: 21 });
  spanishTens.forEach((word, i) => {
    words.set(word, { role: "tens", value: 10 * (i + 1), joins: "y" });
    spanishUnits.slice(1).forEach((unit, value) => {
      // As some recognisers write what they hear.
      if (i > 1) words.set(`${word}i${unit}`, { role: "teen", value: 10 * (i + 1) + value + 1 });
      if (i > 1) words.set(`${word}y${unit}`, { role: "teen", value: 10 * (i + 1) + value + 1 });
    });
  });
  spanishHundreds.forEach((word, i) => {
    words.set(word, { role: "hundreds", value: 100 * (i + 1) });
    words.set(word.replace(/os$/u, "as"), { role: "hundreds", value: 100 * (i + 1) });
  });
  words.set("ciento", { role: "hundreds", value: 100 });
  words.set("mil", { role: "scale", value: 1000 });
  words.set("millon", { role: "scale", value: 1_000_000 });
  words.set("millones", { role: "scale", value: 1_000_000 });
  words.set("doble", { role: "repeat", times: 2 });
  words.set("triple", { role: "repeat", times: 3 });
  return words;
}

function english(): Map<string, NumberWord> {
  const words = new Map<string, NumberWord>();
  englishUnits.forEach((word, value) => words.set(word, { role: "unit", value }));
  for (const word of ["oh", "nought", "naught"]) words.set(word, { role: "unit", value: 0 });
  englishTeens.forEach((word, i) => words.set(word, { role: "teen", value: 10 + i }));
  englishTens.slice(1).forEach((word, i) => {
    words.set(word, { role: "tens", value: 10 * (i + 2), joins: "directly" });
  });
  words.set("fourty", { role: "tens", value: 40, joins: "directly" });
  words.set("hundred", { role: "hundred" });
  words.set("thousand", { role: "scale", value: 1000 });
  words.set("million", { role: "scale", value: 1_000_000 });
  words.set("double", { role: "repeat", times: 2 });
  words.set("triple", { role: "repeat", times: 3 });
  words.set("treble", { role: "repeat", times: 3 });
  return words;
}

/** "Four ones", "tres ceros": by the word behind the count. */
export const repeatedDigits: ReadonlyMap<string, string> = new Map(
  "ceros unos doses treses cuatros cincos seises sietes ochos nueves"
    .split(" ")
    .concat("zeros ones twos threes fours fives sixes sevens eights nines".split(" "))
    .map((word, i) => [word, String(i % 10)] as const)
    .concat([["zeroes", "0"]]),
);

/** Words that are numbers in one language and something else in the other. */
const notInSpanish = ["oh", "ten"];
const notInEnglish = ["once", "doble"];

function both(without: readonly string[]): ReadonlyMap<string, NumberWord> {
  const words = new Map([...spanish(), ...english()]);
  for (const word of without) words.delete(word);
  return words;
}

/** People change language in the middle of a call, above all with numbers: each list knows both. */
export const numberWords: Readonly<Record<Language, ReadonlyMap<string, NumberWord>>> = {
  es: both(notInSpanish),
  en: both(notInEnglish),
  multi: both([]),
};
