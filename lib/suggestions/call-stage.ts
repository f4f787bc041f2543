import type { CallStage } from "../contract/playbook.ts";
import type { Turn } from "../call/ports.ts";
import { contains, cueOf, spokenText, wordsOf, type SpokenText } from "./spoken-words.ts";

/** Until then a call that has come to nothing else is at its opening. */
const openingMs = 120_000;
/** Closing is what is spoken of now; what was offered stays offered. */
const closingTurns = 6;

const cuesOf = (list: string) => list.split(", ").map(cueOf);

const closing = {
  es: cuesOf(
    "firm*, contrato, la factura, facturación, forma de pago, domiciliación, orden de compra, alta, fecha de inicio, arrancamos, empezamos el, cuenta bancaria, depósito, anticipo",
  ),
  en: cuesOf(
    "sign*, contract, agreement, invoice*, payment terms, purchase order, onboarding, start date, kick off, get you started, set you up, deposit",
  ),
};

const proposal = {
  es: cuesOf(
    "propuesta, oferta, cotización, cotizar*, presupuesto que, tarifa*, demo, demostración, le muestro, te muestro, les muestro, cuesta, costaría, precio*, euros, dólares, pesos, al mes, mensual*, licencia*, plan básico, descuento",
  ),
  en: cuesOf(
    "proposal, quote, offer*, pricing, price*, demo, show you, costs, would cost, dollars, euros, pounds, per month, a month, monthly, per user, licence*, license*, discount",
  ),
};

/**
 * The stage that what the rep has said lately tells; a voice that is nobody's counts as the rep's. Closing wins over
 * a proposal, a proposal over the clock.
 */
export function callStageOf(call: {
  readonly context: readonly Turn[];
  readonly language: "es" | "en";
  readonly atMs: number;
}): CallStage {
  const turns = call.context
    .filter(({ role }) => role !== "prospect")
    .map(({ text }) => spokenText(wordsOf(text)));
  const tells = (cues: typeof closing, said: readonly SpokenText[]): boolean =>
    said.some((words) => cues[call.language].some((cue) => contains(words, cue)));
  if (tells(closing, turns.slice(-closingTurns))) return "closing";
  if (tells(proposal, turns)) return "proposal";
  return call.atMs < openingMs ? "opening" : "discovery";
}
