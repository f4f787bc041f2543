import type { Language } from "../contract/vocabulary.ts";

/** How one language cuts talk into clauses and says what is done next. Sources of regular expressions. */
interface Wording {
  /** What says nothing; taken out with the commas around it. */
  readonly hesitations: string;
  readonly days: string;
  /** "Thursday, no, Friday". */
  readonly corrections: string;
  /** Words that begin a clause where no mark says so. */
  readonly cuts: string;
  /** Before a clause, a clause of its own only when somebody takes something on in it. */
  readonly joins: string;
  /** May stand between such a word and what is taken on. */
  readonly between: string;
  /** How what is taken on begins. */
  readonly starters: string;
  /** A clause that says nothing without the next one. */
  /** Who is asked to do it is the other side. */
  readonly asksOther: string;
  /** An offer of one's own, asked; of both; null: questions have the words of statements. */
  readonly offers: { readonly mine: string; readonly ours: string; readonly promise: string } | null;
  readonly supposes: string;
  /** What begins the rest of a clause behind a comma: its day, its time. */
  readonly goesOn: string;
  /** In front of a step and part of it. */
  readonly leads: string;
  /** At the end of a quotation: it was broken off. */
  readonly loose: string;
  /** Behind a step: what follows explains it. */
  readonly explains: string;
  readonly yes: string;
  readonly no: string;
  /** Begins like a no, and is none. */
  readonly fine: string;
  readonly calls: string;
  readonly meets: string;
  readonly talks: string;
  readonly sends: string;
}

const spanishDays = "lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo";
const spanish: Wording = {
  hesitations: "eh+|em+|ehm+|mm+|o sea|digamos|es decir|sabe usted|a ver",
  days: `(?:(?:el|este) )?(?:pr[oó]ximo )?(?:${spanishDays})`,
  corrections: "no|digo|perd[oó]n|mejor dicho|mejor|bueno",
  cuts: "vale|perfecto|gracias|muchas gracias|de acuerdo|estupendo|genial|fenomenal|entonces|pues|bueno|muy bien|venga|listo|[oó]rale|dale|ad[ií]os|hasta luego|que tenga|un saludo|pero|porque|as[ií] que|sí|ok|okey|okay",
  joins: "y|o|e",
  between:
    "el|este|en|la|pr[oó]xim[oa]|semana|que|viene|a|las|ya|yo|luego|despu[eé]s|tambi[eé]n|ma[ñn]ana|hoy|esta|tarde|" +
    `${spanishDays}|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre`,
  starters:
    "(?:yo )?(?:se l[oa]s?|te l[oa]s?|os l[oa]s?|le|te|les|os) (?:mand|env[ií]|reenv[ií]|llam|escrib|pas|prepar|confirm|compart|agend|marc|busc|avis|devuelv|coment|consult|plante|ense[ñn])\\p{L}+|" +
    "nos (?:vemos|reunimos|hablamos|llamamos|conectamos)|hablamos|quedamos|retomamos|agendamos|agendo|reservo|reservamos|(?:ll[aá]m|m[aá]nd|env[ií]|escr[ií]b|m[aá]rqu|m[aá]rc)(?:a|e|[aeí]?d)(?:me|nos)(?:l[oa]s?)?|(?:voy|vamos) a \\p{L}+r(?:le|te|les|os)?",
  asksOther: "\\p{L}+(?:[aei])(?:me|nos)(?:l[oa]s?)?",
  offers: null,
  supposes: "si|cuando|en cuanto|una vez|como",
  goesOn: "a las?|el|la|los|un|una|por la|sobre las?|por|con|en|para|antes|ma[ñn]ana|de la",
  leads: "yo|lo|nosotros|tambi[eé]n|la|una|el|un|nuestra|mi",
  loose: "el|la|los|las|un|una|de|del|al?|y|o|e|en|con|por|para|que|le|te|se|su|sus|mi|lo|como|ya|muy",
  explains: "que|porque|ya que|mientras|aunque",
  yes: "s[ií]|vale|perfecto|de acuerdo|claro|genial|estupendo|por supuesto|muy bien|bien|me parece|ok|okay|okey|venga|dale|[oó]rale|listo|por favor|fenomenal",
  no: "no|mejor no|prefiero que no|para nada|ni hablar|todav[ií]a no|de momento no|ahora no",
  fine: "no,? (?:hay|es|tengo)?,? ?(?:ning[uú]n )?(?:problema|pasa nada|inconveniente|te preocupes|se preocupe|est[aá] bien|perfecto|vale)",
  calls:
    "(?:ll[aá]m(?!ad)|m[aá]r(?:c|qu)|telef)\\p{L}*|(?:devuelv|devolver)\\p{L}* la llamada|llamada|videollamada",
  meets: "nos vemos|reuni\\p{L}+|cita|visit\\p{L}+|demo|demostraci[oó]n|lo vemos|voy a su|paso por|quedamos",
  talks: "hablamos|nos hablamos|retomamos|conectamos",
  sends: "mand\\p{L}+|m[aá]nd\\p{L}+|env[ií]\\p{L}+|reenv[ií]\\p{L}+|hago llegar|paso|pasar[eé]|comparto",
};

const englishDays = "monday|tuesday|wednesday|thursday|friday|saturday|sunday";
const englishMonths = "january|february|april|june|july|august|september|october|november|december";
const english: Wording = {
  hesitations: "um+|uh+|erm?|hmm+|you know|i mean(?! (?:monday|tuesday|wednesday|thursday|friday))",
  days: `(?:(?:on|this|next) )?(?:${englishDays})`,
  corrections: "no|no wait|sorry|i mean|actually|or rather|make that",
  cuts: "okay|ok|perfect|thanks|thank you|great|alright|all right|fine|sounds good|excellent|wonderful|bye|goodbye|have a|but|because|so|well|yes|yeah|sure|then",
  joins: "and|or",
  between: `on|in|by|next|the|at|then|also|week|tomorrow|today|this|${englishDays}|march|${englishMonths}`,
  starters:
    "(?:i|we)(?:'ll| will|'m going to| am going to|'re going to| are going to| shall| can)|let's|let us|let me|(?:see|talk to|speak to) you|we (?:talk|speak|meet)|(?:send|call|email|ring|text) (?:me|us)|(?:i|we) \\p{L}+ll",
  asksOther: "(?:send|call|email|ring|text) (?:me|us)",
  offers: {
    mine: "(?:shall|should|can|could) i|do you want me to|would you like me to",
    ours: "(?:shall|should|can|could) we",
    promise: "I'll",
  },
  supposes: "if|when|once|unless|as soon as|assuming|provided",
  goesOn: "at|on|the|a|an|by|in the|around|with|before|tomorrow|next|first",
  leads: "i|we|also|the|a|our|my",
  loose: "the|a|an|of|to|and|or|in|on|with|by|for|that|you|your|our|my|it'?s|at|from|so",
  explains: "which|because|since|although|so that",
  yes: "yes|yeah|yep|sure|okay|ok|perfect|great|of course|please|fine|sounds good|that works|works for me|all right|alright|absolutely|go ahead|good idea",
  no: "no|nope|not really|not now|not yet|i'd rather not|i would rather not|please don't|don't",
  fine: "no,? (?:problem|worries|that's fine|that works|not at all)",
  calls: "call(?:s|ed|ing)?|ring|phone|buzz",
  meets: "see you|meet\\p{L}*|visit|demo|come by|stop by|swing by|walkthrough|session",
  talks: "talk|speak|catch up|reconvene|regroup|touch base",
  sends: "send|email|mail|share|forward|shoot|drop",
};

export type StepDeed = "call" | "meet" | "talk" | "send" | "other";

export interface NextStepWords {
  readonly hesitation: RegExp;
  readonly correctedDay: RegExp;
  /** In front of a word that begins a clause. */
  readonly cut: RegExp;
  readonly starter: RegExp;
  readonly asksOther: RegExp;
  /** How an offer is asked, and the promise that it is once it was accepted. */
  readonly offers: readonly (readonly [RegExp, string])[];
  readonly supposes: RegExp;
  readonly goesOn: RegExp;
  /** At the end of what stands before a step. */
  readonly lead: RegExp;
  readonly loose: RegExp;
  readonly explains: RegExp;
  /** In front of a quotation, and no part of it. */
  readonly opening: RegExp;
  /** What is written with a capital letter wherever it stands. */
  readonly proper: RegExp;
  readonly yes: RegExp;
  readonly no: RegExp;
  readonly fine: RegExp;
  readonly deeds: readonly (readonly [Exclude<StepDeed, "other">, RegExp])[];
}

const begin = "(?<![\\p{L}\\p{N}'’])";
const end = "(?![\\p{L}\\p{N}'’])";

function compile(wordings: readonly Wording[]): NextStepWords {
  const any = (part: Exclude<keyof Wording, "offers">): string =>
    `(?:${wordings.map((wording) => wording[part]).join("|")})`;
  const word = (part: Exclude<keyof Wording, "offers">): string => `${begin}${any(part)}${end}`;
  const regex = (source: string, flags = "iu"): RegExp => new RegExp(source, flags);
  const starter = `${begin}${any("starters")}${end}`;
  return {
    hesitation: regex(`,? ?${word("hesitations")},?`, "giu"),
    correctedDay: regex(
      `${word("days")},? ${word("corrections")},? (?:${word("corrections")},? )?(?=${word("days")})`,
      "giu",
    ),
    cut: regex(` (?=${word("cuts")})| (?=${word("joins")} (?:${any("between")} ){0,5}${starter})`, "giu"),
    starter: regex(starter, "giu"),
    asksOther: regex(word("asksOther")),
    offers: wordings.flatMap(({ offers }) => {
      if (offers === null) return [];
      const opener = (asked: string): RegExp =>
        regex(`^(?:(?:${any("cuts")}|${any("joins")}) )*(?:${asked}) `);
      return [
        [opener(offers.mine), `${offers.promise} `],
        [opener(offers.ours), ""],
      ] as const;
    }),
    supposes: regex(`^(?:${any("joins")} )?${any("supposes")}${end}`),
    goesOn: regex(`^${any("goesOn")}${end}`),
    lead: regex(`${word("leads")} $`),
    loose: regex(`[\\s,]+${any("loose")}$`),
    explains: regex(` ${any("explains")}${end}.*$`),
    opening: regex(`^(?:${word("cuts")}|${word("joins")}) `),
    proper: regex(`${begin}(?:i(?=['’])|(?:i|${englishDays}|${englishMonths})${end})`, "gu"),
    yes: regex(`^${any("yes")}${end}`),
    no: regex(`^${any("no")}${end}`),
    fine: regex(`^${any("fine")}${end}`),
    deeds: [
      ["send", regex(word("sends"))],
      ["call", regex(word("calls"))],
      ["meet", regex(word("meets"))],
      ["talk", regex(word("talks"))],
    ],
  };
}

const words = {
  es: compile([spanish]),
  en: compile([english]),
  multi: compile([spanish, english]),
} satisfies Record<Language, NextStepWords>;

export function nextStepWords(language: Language): NextStepWords {
  return words[language];
}
