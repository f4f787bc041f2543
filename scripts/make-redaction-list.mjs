// Writes data/redaction/{es,en}.jsonl from scripts/redaction-phrases/*.txt: sentences and calls with numbers to be
// taken out, and ones without. A line of a phrase file is one sentence, or a call with its turns divided by " | ",
// each begun with R: (rep) or P: (prospect). `{card digits}` stands for a number and how it is said, `{card digits 2/4}`
// for a piece of it, `{=email:ana punto perez …}` for literal words that have to go. A line begun with # says
// the split and the sort of what follows: `# dev positive`.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { numbers, randomOf, tongues, ways } from "./make-redaction-list-numbers.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const kindOf = {
  card: "card", misheard: "card", amex: "card", iban: "account", clabe: "account", cbu: "account", ccc: "account",
  usaccount: "account", routing: "account", es: "phone", eslandline: "phone", mx: "phone", cl: "phone", ar: "phone",
  us: "phone", dni: "id", nie: "id", rut: "id", rutk: "id", cuit: "id", curp: "id", rfc: "id", ssn: "id",
}; // prettier-ignore
/** Each sentence is written so often, with other numbers. */
const copies = { positive: 2, negative: 2 };

/** Letters by name in Spanish, as they are in English; digits in the way that is asked for. */
function say(number, way, tongue) {
  if (way === "plain" && !/^[\d]+$/.test(number)) return number;
  if (way === "spaced4") return number.match(/.{1,4}/g).join(" ");
  if (way === "dotted") return number.replace(/^(\d{1,2})(\d{3})(\d{3})/, "$1.$2.$3");
  if (way === "cuit") return `${number.slice(0, 2)}-${number.slice(2, 10)}-${number.slice(10)}`;
  if (way === "ssn") return `${number.slice(0, 3)}-${number.slice(3, 5)}-${number.slice(5)}`;
  const groups = number.match(/\d+|[A-Za-zÑñ]|-/g);
  return groups
    .map((group) => {
      if (group === "-") return tongue.dash;
      if (/\d/.test(group)) return ways[way](group, tongue);
      return tongue.letters[group.toLowerCase()] ?? group;
    })
    .join(" ");
}

function pieceOf(said, piece) {
  if (piece === undefined) return said;
  const [index, count] = piece.split("/").map(Number);
  const words = said.split(" ");
  const at = (i) => Math.round((words.length * i) / count);
  return words.slice(at(index - 1), at(index)).join(" ");
}

function expand(line, language, random) {
  const tongue = tongues[language];
  const chosen = new Map();
  const turns = (line.includes(" | ") || /^[RP]: /.test(line) ? line.split(" | ") : [`P: ${line}`]).map(
    (turn) => {
      const [, role, text] = /^([RP]): (.*)$/u.exec(turn);
      const secrets = [];
      let out = "";
      let from = 0;
      for (const match of text.matchAll(/\{([^}]+)\}/gu)) {
        out += text.slice(from, match.index);
        from = match.index + match[0].length;
        const literal = /^=(\w+):(.*)$/u.exec(match[1]);
        let said;
        let kind;
        if (literal !== null) [, kind, said] = literal;
        else if (match[1].startsWith("n:")) {
          const [low, high] = match[1].slice(2).split("-").map(Number);
          said = String(low + Math.floor(random() * (high - low)));
        } else if (match[1].startsWith("w:")) {
          const [low, high] = match[1].slice(2).split("-").map(Number);
          said = tongue.cardinal(low + Math.floor(random() * (high - low)));
        } else {
          const [name, way, piece] = match[1].split(" ");
          kind = kindOf[name];
          const source = numbers[name];
          if (!chosen.has(name)) {
            chosen.set(
              name,
              typeof source === "function" ? source(random) : source[Math.floor(random() * source.length)],
            );
          }
          said = pieceOf(say(chosen.get(name), way, tongue), piece);
        }
        if (kind !== undefined) secrets.push({ start: out.length, end: out.length + said.length, kind });
        out += said;
      }
      out += text.slice(from);
      return { role: role === "R" ? "rep" : "prospect", text: out, secrets };
    },
  );
  return turns;
}

for (const language of ["es", "en"]) {
  const lines = [];
  let split = "dev";
  let sort = "positive";
  let family = 0;
  const random = randomOf(language === "es" ? 7 : 11);
  const phrases = readFileSync(`${root}/scripts/redaction-phrases/${language}.txt`, "utf8").split("\n");
  for (const phrase of phrases.map((line) => line.trim())) {
    if (phrase === "") continue;
    const heading = /^# (\w+) (positive|negative)$/.exec(phrase);
    if (heading !== null) {
      [, split, sort] = heading;
      continue;
    }
    family += 1;
    const seen = new Set();
    for (let copy = 0; copy < copies[sort]; copy += 1) {
      const turns = expand(phrase, language, random);
      const key = JSON.stringify(turns);
      if (seen.has(key)) continue;
      seen.add(key);
      lines.push(JSON.stringify({ split, family: `${language}-${family}`, turns }));
    }
  }
  writeFileSync(`${root}/data/redaction/${language}.jsonl`, `${lines.join("\n")}\n`);
  const count = (test) => lines.map((line) => JSON.parse(line)).filter(test).length;
  const hasSecret = (line) => line.turns.some((turn) => turn.secrets.length > 0);
  console.log(language, { positive: count(hasSecret), negative: count((line) => !hasSecret(line)) });
}
