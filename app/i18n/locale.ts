export const locales = ["es", "en"] as const;
export type Locale = (typeof locales)[number];
export const localeCookie = "locale";

function isLocale(value: string): value is Locale {
  return locales.some((locale) => locale === value);
}

/**
 * The language of the interface: what the person chose, else the first of the browser's languages
 * (`Accept-Language`, RFC 9110 §12.5.4) that we have, else Spanish.
 */
export function chooseLocale(chosen: string | undefined, acceptLanguage: string | null): Locale {
  if (chosen !== undefined && isLocale(chosen)) return chosen;
  const wanted = (acceptLanguage ?? "")
    .split(",")
    .map((entry) => {
      const [tag = "", ...parameters] = entry.trim().toLowerCase().split(";");
      const quality = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find(Boolean);
      return { language: tag.split("-")[0] ?? "", quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  for (const { language } of wanted) if (isLocale(language)) return language;
  return "es";
}
