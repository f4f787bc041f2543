// Numbers to be read out, from documented test ranges or made up with the right check digits, and the ways of saying them.

/** A small generator with a seed, so that the lists come out the same every time (mulberry32). */
export function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const es = {
  units: "cero uno dos tres cuatro cinco seis siete ocho nueve".split(" "),
  teens: "diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve".split(" "),
  twenties:
    "veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve".split(
      " ",
    ),
  tens: "x x x treinta cuarenta cincuenta sesenta setenta ochenta noventa".split(" "),
  hundreds:
    "x ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos".split(
      " ",
    ),
  below100(n) {
    if (n < 10) return this.units[n];
    if (n < 20) return this.teens[n - 10];
    if (n < 30) return this.twenties[n - 20];
    return this.tens[Math.floor(n / 10)] + (n % 10 === 0 ? "" : ` y ${this.units[n % 10]}`);
  },
  below1000(n) {
    if (n < 100) return this.below100(n);
    if (n === 100) return "cien";
    return this.hundreds[Math.floor(n / 100)] + (n % 100 === 0 ? "" : ` ${this.below100(n % 100)}`);
  },
  cardinal(n) {
    const millions = Math.floor(n / 1e6);
    const thousands = Math.floor((n % 1e6) / 1000);
    const rest = n % 1000;
    return [
      millions === 0 ? "" : millions === 1 ? "un millón" : `${this.below1000(millions)} millones`,
      thousands === 0 ? "" : thousands === 1 ? "mil" : `${this.below1000(thousands)} mil`,
      rest === 0 ? "" : this.below1000(rest),
    ]
      .filter((part) => part !== "")
      .join(" ");
  },
  twice: "doble",
  fillers: ["eh", "a ver", "mmm", "este", "eh", "un momento"],
  letters: { z: "zeta", x: "equis", k: "ka", y: "i griega", l: "ele", m: "eme", b: "be", d: "de", h: "hache", r: "erre", f: "efe", j: "jota", p: "pe", g: "ge", n: "ene", s: "ese", q: "cu", v: "uve", c: "ce", e: "e", t: "te", a: "a", w: "uve doble", o: "o", i: "i", u: "u" },
  dot: "punto", at: "arroba", dash: "guion", under: "guion bajo",
}; // prettier-ignore
const en = {
  units: "zero one two three four five six seven eight nine".split(" "),
  teens: "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(" "),
  tens: "x x twenty thirty forty fifty sixty seventy eighty ninety".split(" "),
  below100(n) {
    if (n < 10) return this.units[n];
    if (n < 20) return this.teens[n - 10];
    return this.tens[Math.floor(n / 10)] + (n % 10 === 0 ? "" : `-${this.units[n % 10]}`);
  },
  below1000(n) {
    if (n < 100) return this.below100(n);
    return `${this.units[Math.floor(n / 100)]} hundred${n % 100 === 0 ? "" : ` ${this.below100(n % 100)}`}`;
  },
  cardinal(n) {
    const millions = Math.floor(n / 1e6);
    const thousands = Math.floor((n % 1e6) / 1000);
    const rest = n % 1000;
    return [
      millions === 0 ? "" : `${this.below1000(millions)} million`,
      thousands === 0 ? "" : `${this.below1000(thousands)} thousand`,
      rest === 0 ? "" : this.below1000(rest),
    ]
      .filter((part) => part !== "")
      .join(" ");
  },
  twice: "double",
  fillers: ["uh", "um", "let me see", "er", "okay", "hold on"],
  letters: {},
  dot: "dot", at: "at", dash: "dash", under: "underscore",
}; // prettier-ignore
export const tongues = { es, en };

const chunks = (digits, sizes) => {
  const parts = [];
  let at = 0;
  for (let i = 0; at < digits.length; i++) {
    const size = sizes[Math.min(i, sizes.length - 1)];
    parts.push(digits.slice(at, at + size));
    at += size;
  }
  return parts;
};

function spokenGroup(tongue, group) {
  const zeros = /^0*/.exec(group)[0].length;
  const rest = group.slice(zeros);
  return [
    ...Array(zeros).fill(tongue.units[0]),
    ...(rest === "" ? [] : [tongue.below1000(Number(rest))]),
  ].join(" ");
}

/** Ways of writing or saying digits. */
export const ways = {
  plain: (digits) => digits,
  groups4: (digits) => chunks(digits, [4]).join(" "),
  dashes4: (digits) => chunks(digits, [4]).join("-"),
  groups3: (digits) => chunks(digits, [3]).join(" "),
  phone: (digits) => chunks(digits, [3, 2, 2, 2]).join(" "),
  us: (digits) => chunks(digits, [3, 3, 4]).join("-"),
  digits: (digits, tongue) => [...digits].map((digit) => tongue.units[Number(digit)]).join(" "),
  commas: (digits, tongue) => [...digits].map((digit) => tongue.units[Number(digit)]).join(", "),
  oh: (digits, tongue) =>
    [...digits].map((digit) => (digit === "0" && tongue === en ? "oh" : tongue.units[Number(digit)])).join(" "),
  pairs: (digits, tongue) => chunks(digits, [2]).map((pair) => spokenGroup(tongue, pair)).join(" "),
  hundreds: (digits, tongue) =>
    chunks(digits, [3, 2])
      .map((group, i) => (i === 0 && tongue === en ? `${tongue.units[Number(group[0])]} ${spokenGroup(tongue, group.slice(1))}` : spokenGroup(tongue, group)))
      .join(" "),
  triples: (digits, tongue) => chunks(digits, [3]).map((group) => spokenGroup(tongue, group)).join(", "),
  doubles: (digits, tongue) =>
    digits.replace(/(\d)\1|\d/g, (match, twice) =>
      twice === undefined ? `${tongue.units[Number(match)]} ` : `${tongue.twice} ${tongue.units[Number(twice)]} `,
    ).trim(),
  mixed: (digits, tongue) =>
    [...digits].map((digit, i) => (Math.floor(i / 2) % 2 === 0 ? digit : tongue.units[Number(digit)])).join(" "),
  hesitant: (digits, tongue) =>
    [...digits]
      .map((digit, i) => `${i > 0 && i % 4 === 0 ? `${tongue.fillers[(i / 4) % tongue.fillers.length]} ` : ""}${tongue.units[Number(digit)]}`)
      .join(" "),
  trailing: (digits, tongue) =>
    chunks(digits, [4])
      .map((group, i) => (i % 2 === 0 ? group : [...group].map((digit) => tongue.units[Number(digit)]).join(" ")))
      .join(", "),
  millions: (digits, tongue) => tongue.cardinal(Number(digits)),
}; // prettier-ignore

const dniLetters = "TRWAGMYFPDXBNJZSQVHLCKE";
const rutCheck = (digits) => {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) sum += Number(digits[digits.length - 1 - i]) * (2 + (i % 6));
  const rest = 11 - (sum % 11);
  return rest === 11 ? "0" : rest === 10 ? "K" : String(rest);
};
const cuitCheck = (ten) => {
  const sum = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2].reduce((total, weight, i) => total + weight * Number(ten[i]), 0);
  return (11 - (sum % 11)) % 11;
};

/** Numbers of each sort. Cards: the test numbers that payment processors publish. */
export const numbers = {
  card: ["4242424242424242", "4000056655665556", "5555555555554444", "5105105105105100", "4111111111111111", "4012888888881881", "6011111111111117", "3566002020360505"],
  // One digit as a recogniser may mishear it: the check digit no longer fits.
  misheard: ["4242424242424342", "5555555555554441", "4012888868881881", "4111111131111111"],
  amex: ["378282246310005", "371449635398431"],
  iban: ["ES9121000418450200051332", "ES7921000813610123456789", "DE89370400440532013000", "GB82WEST12345698765432"],
  clabe: ["032180000118359719", "002010077777777771"],
  cbu: ["2850590940090418135201", "0110599520000001235579"],
  usaccount: ["000123456789", "000111111116", "000999999991"],
  routing: ["110000000", "111000025"],
  ccc: ["21000418450200051332"],
  es: (random) => `6${digitsFrom(random, 8)}`,
  eslandline: (random) => `9${digitsFrom(random, 8)}`,
  mx: (random) => `55${digitsFrom(random, 8)}`,
  cl: (random) => `9${digitsFrom(random, 8)}`,
  ar: (random) => `11${digitsFrom(random, 8)}`,
  us: (random) => `212555${String(100 + Math.floor(random() * 100)).padStart(4, "0")}`,
  dni: (random) => {
    const digits = digitsFrom(random, 8);
    return digits + dniLetters[Number(digits) % 23];
  },
  nie: (random) => {
    const digits = digitsFrom(random, 7);
    const first = Math.floor(random() * 3);
    return "XYZ"[first] + digits + dniLetters[Number(first + digits) % 23];
  },
  rut: (random) => {
    const digits = `1${digitsFrom(random, 7)}`;
    return `${digits}-${rutCheck(digits)}`;
  },
  rutk: () => "10000013-K",
  cuit: (random) => {
    for (;;) {
      const ten = `20${digitsFrom(random, 8)}`;
      if (cuitCheck(ten) < 10) return ten + cuitCheck(ten);
    }
  },
  curp: ["GAPA850101HDFRRL09", "MARR920314MJCLSS05", "LOXA771220HNLPXN01"],
  rfc: ["GODE561231GR8", "MARR920314AB1", "XAXX010101000"],
  ssn: ["987654320", "987654325", "219099999"],
}; // prettier-ignore

function digitsFrom(random, count) {
  let digits = String(1 + Math.floor(random() * 9));
  while (digits.length < count) digits += Math.floor(random() * 10);
  return digits;
}
