// Check digits of the numbers that have one. All take digits only, unless said otherwise.

/** ISO/IEC 7812-1, annex B. */
export function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits.charAt(digits.length - 1 - i));
    const doubled = digit * 2;
    sum += i % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return digits.length > 0 && sum % 10 === 0;
}

/** Spain: 8 digits (a NIE's X, Y, Z as 0, 1, 2) give the letter. https://www.interior.gob.es, DNI, cálculo del dígito de control. */
export function dniLetter(digits: string): string {
  return "trwagmyfpdxbnjzsqvhlcke".charAt(Number(digits) % 23);
}

/** Chile: modulo 11 of the digits gives 0 to 9 or k. */
export function rutCheck(digits: string): string {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) sum += Number(digits.charAt(digits.length - 1 - i)) * (2 + (i % 6));
  const rest = 11 - (sum % 11);
  return rest === 11 ? "0" : rest === 10 ? "k" : String(rest);
}

const cuitPrefixes: ReadonlySet<string> = new Set(["20", "23", "24", "25", "26", "27", "30", "33", "34"]);
const cuitWeights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

/** Argentina: CUIT and CUIL, 11 digits. */
export function isCuit(digits: string): boolean {
  if (digits.length !== 11 || !cuitPrefixes.has(digits.slice(0, 2))) return false;
  const sum = cuitWeights.reduce((total, weight, i) => total + weight * Number(digits.charAt(i)), 0);
  return (11 - (sum % 11)) % 11 === Number(digits.charAt(10));
}

/** Mexico: CLABE, 18 digits, weights 3, 7, 1. */
export function isClabe(digits: string): boolean {
  if (digits.length !== 18) return false;
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += (Number(digits.charAt(i)) * ([3, 7, 1][i % 3] ?? 1)) % 10;
  return (10 - (sum % 10)) % 10 === Number(digits.charAt(17));
}
