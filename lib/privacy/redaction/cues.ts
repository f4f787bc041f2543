import type { RedactionKind } from "../../call/ports.ts";

/** Words that say what a number is. `other`: it is none of ours, such as an order number. */
export interface Cue {
  readonly kind: RedactionKind | "other";
  /** Strong: a few digits after it are enough, in the next turns too. */
  readonly strong: boolean;
  readonly start: number;
  readonly end: number;
}

const edge = (source: string): RegExp => new RegExp(`(?<![\\p{L}\\d])(?:${source})(?![\\p{L}\\d])`, "gu");

const card =
  "tarjetas?|plastico|visa|master ?card|amex|american express|maestro|cards?|credit card|debit card";
const cardStrong = [
  "cvv2?|cvc2?|ce uve uve|ce uve ce|cev[eu](?:ve|ce)|c v [vc]|codigo de (?:seguridad|verificacion)|(?:security|verification) code|card number|number on the (?:card|front|back)",
  "(?:codigos?|digitos|cifras|numeros?|numeritos?)(?: (?:que )?(?:esta|estan|viene|vienen|hay|tiene|pone))?(?: (?:de|del|por|en|la|el|parte))* (?:atras|detras|reverso|trasera|dorso)|(?:codes?|digits|numbers?)(?: that'?s)? on the (?:back|reverse)|(?:los|las) (?:tres|cuatro|3|4)(?: \\p{L}+)? (?:de|por) (?:atras|detras)|on the back(?: of (?:the|my|your) (?:card|visa|master ?card|amex))?",
  "numeros? (?:completo )?(?:de|en) (?:la|mi|su|tu|una|esa|el) (?:tarjeta|plastico|visa|master ?card|amex)",
  "(?:numero|digitos|cifras|dictarme|dictame|dicteme|deme|dame|digame|dime|da|dar|doy|paso|pasa|pasar|pasame|paseme|leer|lee|leo|leeme|confirma|confirmar|confirmarme|apunta|apunte|anota|anote|facilita|facilitarme)(?: [\\p{L}]+){0,6} (?:tarjetas?|plastico|visa|master ?card|amex)",
  "(?:tarjetas?|plastico|visa|master ?card|amex)(?: [\\p{L}]+){0,4} (?:es|numero|terminacion)",
  "(?:visa|master ?card|amex|american express)(?: [\\p{L}]+){0,2} (?:es|is)",
  "(?:my|your|the|this|that|new|credit|debit)(?: [\\p{L}]+){0,2} card(?: [\\p{L}]+){0,3} (?:is|ends|ending|number|reads|details|starts)",
  "(?:read|give|take|grab|confirm|have|get|tell)(?: [\\p{L}']+){0,5} (?:credit card|debit card|card|visa|master ?card|amex)",
  "long number|sixteen digits?|16 digits?|dieciseis digitos|16 digitos|ultimos (?:cuatro|4) (?:digitos|numeros)|last (?:four|4)(?: digits)?",
].join("|");
const account =
  "cuentas?|accounts?|banco|bank|transferencia|transfer|domiciliacion|domiciliar|wire|direct debit|swift|bic";
const accountStrong = [
  "i ?ban|clabe|cbu|cvu|c b u|cci|aba|routing(?: number)?|sort code|account number|bank account|checking account|savings account|account and routing",
  "numeros? (?:completo )?de (?:la |mi |su |tu )?cuenta|cuenta (?:bancaria|corriente|clabe|iban|de ahorros?|de cheques)|codigo cuenta cliente",
  "(?:deme|dame|digame|dime|da|dar|dicteme|dictame|paso|pasa|pasar|paseme|confirma|confirmar)(?: [\\p{L}]+){0,5} cuenta|(?:mi|su|tu|la) cuenta(?: [\\p{L}]+){0,3} es",
  "(?:my|your|the)(?: [\\p{L}]+){0,2} account(?: number)?(?: [\\p{L}]+){0,2} is|number of (?:the|your|my) account",
].join("|");
const phone =
  "llam\\p{L}+|call|reach|text|ring|dial|marc(?:a|ar|ame|arle|arme|as|o)|numero|number|contacto|contact|extension|ext";
const phoneStrong = [
  "telefonos?|telefonico|moviles|movil|celular|celulares|cel|tel|tfno|telf|whats ?app|wasap|guasap|fijo|phones?|telephone|cell|cellphone|mobile|landline",
  "(?:mi|su|tu) numero(?: [\\p{L}]+){0,2} es|(?:my|your|his|her) number(?: [\\p{L}]+){0,2} is|(?:a|en) (?:que|cual) numero|what number|best number|numero de contacto|contact number|callback number|que numero",
  "(?:llam\\p{L}+|marc\\p{L}+|escrib\\p{L}+|contact\\p{L}+) (?:al|en el)|(?:call|reach|text|ring|dial)(?: (?:me|us|him|her|you))?(?: back)? (?:at|on)",
].join("|");
const id = "id|identidad|documento|identification|identificacion|papeles";
const idStrong = [
  "dni|d n i|de ene i|nie|n i e|ene i e|nif|cif|curp|c u r p|rfc|r f c|erre efe ce|rut|r u t|run|cuit|cuil|cedula|pasaporte|passport|ine|carnet|carne de identidad",
  "ssn|s s n|social security(?: number)?|social|seguro social|numero de (?:identidad|identificacion|documento)|documento de identidad|documento es|documento nacional|id number|identity number|national id|tax id|national insurance(?: number)?|ni number|driver'?s licen[sc]e|licen[sc]e number|state id|licen[cs]ia de conducir|cedula de ciudadania",
].join("|");
const email =
  "correos?|emails?|e ?- ?mails?|mails?|direccion electronica|correo electronico|gmail|hotmail|outlook";
const emailStrong = `(?:${email})(?: [\\p{L}]+){0,3} (?:es|is|seria|sera)|(?:mi|su|tu|your|my|what's your|que|cual|a que|what) (?:correo|email|mail|e-mail)|(?:deme|dame|da|digame|dime|dejame|dejeme|give me|get|have|tell me)(?: [\\p{L}]+){0,4} (?:correo|email|mail|e-mail)|(?:email|mail|write|write to|escrib\\p{L}+|mand\\p{L}+|envi\\p{L}+)(?: [\\p{L}]+){0,3} (?:me at|us at|at|to|a)`;
const other = [
  "pedidos?|orden(?: de compra)?|order(?: number)?|facturas?|invoices?|tickets?|referencias?|references?|ref|serie|serial|modelos?|models?|version|sku|articulos?|productos?|products?|item|lotes?|lots?|batch|tracking|seguimiento|guia|expedientes?|codigo de barras|barcode|ean|isbn|iso|norma|ley|law|paginas?|pages?|codigo postal|zip(?: code)?|postcode|case(?: number)?|caso|part number|puerto|port|firmware|build|reunion|meeting id|sala|room|localizador|reserva|booking|confirmation|albaran(?:es)?|packing slip|delivery note|remito|folio|(?:numero de )?contrato|contract(?: number)?|numero de cliente|(?:customer|client|quote|job) number|catalogo|catalog|numero de serie|policy|poliza",
].join("|");

const patterns: readonly (readonly [Cue["kind"], boolean, RegExp])[] = [
  ["card", true, edge(cardStrong)],
  ["card", false, edge(card)],
  ["account", true, edge(accountStrong)],
  ["account", false, edge(account)],
  ["phone", true, edge(phoneStrong)],
  ["phone", false, edge(phone)],
  ["id", true, edge(idStrong)],
  ["id", false, edge(id)],
  ["email", true, edge(emailStrong)],
  ["email", false, edge(email)],
  ["other", true, edge(other)],
];

const ending = edge(
  "(?:termina|acaba|finaliza|empieza|comienza)(?:n|da|do|ba)? (?:en|con|por)|(?:ends|ending|starts|starting|begins) (?:in|with)",
);

/** "Termina en …" where a card is spoken of, before or behind. */
function endingsOf(folded: string, cues: readonly Cue[]): readonly Cue[] {
  if (!cues.some(({ kind }) => kind === "card")) return [];
  return [...folded.matchAll(ending)].map(({ index, 0: { length } }) => ({
    kind: "card",
    strong: true,
    start: index,
    end: index + length,
  }));
}

/** All cues of a folded text, in order of their end; of two that end alike the stronger one is last. */
export function cuesIn(folded: string): readonly Cue[] {
  const cues: Cue[] = [];
  for (const [kind, strong, pattern] of patterns) {
    for (const match of folded.matchAll(pattern)) {
      cues.push({ kind, strong, start: match.index, end: match.index + match[0].length });
    }
  }
  for (const cue of endingsOf(folded, cues)) cues.push(cue);
  const others = cues.filter((cue) => cue.kind === "other");
  // "mi número de pedido es" speaks of the order.
  const isOfAnother = ({ kind, start, end }: Cue): boolean =>
    kind === "phone" && others.some((one) => one.start >= start && one.end <= end);
  return cues
    .filter((cue) => !isOfAnother(cue))
    .sort((a, b) => a.end - b.end || Number(a.strong) - Number(b.strong) || b.start - a.start);
}

const request =
  /(?<![\p{L}])(?:me (?:da|das|dice|dices|puede|puedes|dicta|confirma|pasa)|deme|dame|digame|dime|dicteme|dictame|cual|que|necesito|necesitaria|podria|puede|puedes|can|could|may|what|what's|give|tell|need|confirm|confirma|confirme|have|read)(?![\p{L}])|\?/u;

/** Once a card has been given, its security code needs no other name. */
export function asksForCode(folded: string): boolean {
  return /(?<![\p{L}])(?:codigo|code)(?![\p{L}])/u.test(folded) && request.test(folded);
}

/** What the speaker of this text asks the other for, or says will follow; null: nothing of the kind. */
export function announced(folded: string, cues: readonly Cue[]): Cue | null {
  const strong = cues.filter((cue) => cue.strong);
  const last = strong.at(-1);
  if (last !== undefined) return last;
  // "Number" and "call" by themselves ask for anything.
  const weak = cues.findLast((cue) => cue.kind !== "phone");
  return weak !== undefined && request.test(folded) ? { ...weak, strong: true } : null;
}
