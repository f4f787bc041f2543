/** Stretches of written text whose digits are prices, dates, times, shares or addresses of machines. */
interface Stretch {
  readonly start: number;
  readonly end: number;
}

const date =
  /(?<![\d\p{L}])(?:(?:0?[1-9]|[12]\d|3[01])([/.-])(?:0?[1-9]|[12]\d|3[01])\1(?:19|20)?\d{2}|(?:19|20)\d{2}([/.-])(?:0?[1-9]|1[0-2])\2(?:0?[1-9]|[12]\d|3[01]))(?![\d]|[/.-]\d)/gu;
const time = /(?<![\d:])(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d)?(?![\d:])/gu;
const machine = /(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])/gu;
const money =
  /(?:[$€£¥]|(?<![\p{L}])(?:usd|eur|mxn|ars|clp|cop|gbp|us)\s?\$?)\s?\d[\d.,' ]{0,14}(?:\d|(?<=\d))(?:\s?(?:k|m|mil|millones|thousand|million)(?![\p{L}]))?|(?<![\d.,])\d[\d.,']{0,14}\s?(?:[$€£¥%‰]|(?:usd|eur|mxn|ars|clp|cop|gbp|euros?|dollars?|dolares|pesos?|soles|libras|pounds|bucks|por ciento|percent|millones|million|mil|thousand|billion|centimos|cents)(?![\p{L}]))/gu;
const grouped = /(?<![\d.,])\d{1,3}(?:([.,'])\d{3})(?:\1\d{3})*(?:[.,]\d{1,2})?(?![\d]|[.,]\d)/gu;
const decimal = /(?<![\d.,-])\d{1,4}[.,]\d{1,2}(?![\d]|[.,-]\d)/gu;
const version = /(?<![\p{L}\d])v(?:ersion)?\.?\s?\d+(?:\.\d+)*/gu;

/** `612.345.678` is written as a phone number is; `12.345.678-5`, `12.345.678 Z` as an identity number. */
function isNumberOfSomebody(folded: string, { start, end }: Stretch): boolean {
  const written = folded.slice(start, end);
  if (/^[6-9]\d{2}\.\d{3}\.\d{3}$/u.test(written)) return true;
  return (
    /^\d{1,2}[.,]\d{3}[.,]\d{3}$/u.test(written) && /^\s?-?\s?[\da-z](?![\p{L}\d])/u.test(folded.slice(end))
  );
}

export function quantityStretches(folded: string): readonly Stretch[] {
  if (!/[0-9]/u.test(folded)) return [];
  const stretches: Stretch[] = [];
  for (const pattern of [date, time, machine, money, grouped, decimal, version]) {
    for (const match of folded.matchAll(pattern)) {
      const stretch = { start: match.index, end: match.index + match[0].length };
      if (pattern === grouped && isNumberOfSomebody(folded, stretch)) continue;
      // A long number that happens to end in "mil" or a sign is still a long number.
      if (pattern === money && match[0].replace(/\D/gu, "").length > 12) continue;
      stretches.push(stretch);
    }
  }
  return stretches;
}

/** What is counted: the number before it is a quantity. */
export const unitWords: ReadonlySet<string> = new Set(
  `euro euros dolar dolares peso pesos sol soles libra libras dollar dollars bucks pound pounds cent cents centimos centavos
por percent mil thousand million millones millon billion k ciento porciento
segundo segundos minuto minutos hora horas dia dias semana semanas mes meses ano anos siglo
second seconds minute minutes hour hours day days week weeks month months year years am pm
persona personas usuario usuarios cliente clientes empleado empleados trabajadores alumnos licencia licencias puesto puestos
unidad unidades caja cajas pieza piezas kilo kilos gramo gramos metro metros kilometro kilometros litro litros pulgadas grados
veces vez puntos lineas paginas pedidos llamadas correos visitas equipos oficinas tiendas sedes ventas leads seguidores
people person users user customers customer clients client employees employee seats seat licenses license units unit boxes
box pieces piece kilos grams meters kilometers km kg miles feet inches degrees times points lines pages orders calls emails
visits teams offices stores locations followers students agents agentes vehicles vehiculos camiones trucks rows filas
registros records gb mb tb gigas megas watts vatios`
    .split(/\s+/u)
    .filter((word) => word !== ""),
);

/** What goes before a quantity. */
export const quantityLeads: ReadonlySet<string> = new Set(
  `cuesta cuestan costo costaba cuesten vale valen valia son eran serian unos unas precio presupuesto total alrededor cerca
aproximadamente casi mas menos hasta entre tenemos somos tengo hay facturamos vendemos pagamos pago pagaba cobran cobra
cada solo sobran faltan descuento ahorro ahorramos ahorra margen
costs cost price budget total about around roughly nearly almost over under than between have has had paying pay paid
charge charges only spent spend discount save saves saving margin approximately least most up`
    .split(/\s+/u)
    .filter((word) => word !== ""),
);

/** What goes before a year. */
export const yearLeads: ReadonlySet<string> = new Set(
  "en in desde since de del of ano year hasta until before after by around para finales principios early late mid".split(
    " ",
  ),
);
