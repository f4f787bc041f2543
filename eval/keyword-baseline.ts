import type { ObjectionType } from "../lib/contract/vocabulary.ts";
import type { EvalLanguage } from "./labelled.ts";

/**
 * What most tools do: one list of words per type and language, in order of precedence. Written once, as
 * a yardstick for the rules, and never tuned.
 */
const keywords: Readonly<Record<EvalLanguage, readonly (readonly [ObjectionType, readonly string[]])[]>> = {
  es: [
    ["competitor", ["ya tenemos proveedor", "otro proveedor", "la competencia", "otra empresa"]],
    ["authority", ["mi jefe", "mi socio", "consultarlo", "no decido", "gerencia"]],
    ["price", ["caro", "cara", "precio", "presupuesto", "dinero", "descuento"]],
    ["timing", ["más adelante", "ahora no", "no tengo tiempo", "pensarlo", "próximo año"]],
    ["trust", ["no confío", "no me fío", "desconfianza", "dudas", "estafa"]],
    ["need", ["no me interesa", "no necesito", "no lo necesito", "no nos hace falta"]],
    ["other", ["complicado", "permanencia", "no se integra", "mándame información"]],
  ],
  en: [
    ["competitor", ["already have a vendor", "another vendor", "competitor", "another company"]],
    ["authority", ["my boss", "my partner", "my manager", "not my decision", "approval"]],
    ["price", ["expensive", "price", "budget", "cost", "money", "discount"]],
    ["timing", ["later", "not now", "no time", "think about it", "next year"]],
    ["trust", ["trust", "skeptical", "doubt", "scam", "not convinced"]],
    ["need", ["not interested", "don't need", "no need"]],
    ["other", ["complicated", "contract", "integrate", "send me information"]],
  ],
};

export function keywordBaseline(language: EvalLanguage, text: string): ObjectionType | null {
  const lower = text.toLowerCase().replaceAll("’", "'");
  return keywords[language].find(([, words]) => words.some((word) => lower.includes(word)))?.[0] ?? null;
}
