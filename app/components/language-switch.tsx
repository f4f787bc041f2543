"use client";

import { useLocale, useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { localeCookie, locales } from "../i18n/locale.ts";
import { classNames } from "./ui/class-names.ts";

const oneYearSec = 31_536_000;

export function LanguageSwitch() {
  const t = useTranslations("nav");
  const current = useLocale();
  const router = useRouter();
  const names = { es: t("languageSpanish"), en: t("languageEnglish") };
  return (
    <div role="group" aria-label={t("language")} className="flex text-sm">
      {locales.map((locale) => (
        <button
          key={locale}
          type="button"
          lang={locale}
          aria-pressed={locale === current}
          title={names[locale]}
          onClick={() => {
            document.cookie = `${localeCookie}=${locale}; path=/; max-age=${oneYearSec.toString()}; samesite=lax`;
            router.refresh();
          }}
          className={classNames(
            "min-h-9 min-w-9 rounded-control px-2 uppercase hover:bg-sunken",
            locale === current ? "font-semibold text-ink" : "text-ink-faint",
          )}
        >
          <span aria-hidden="true">{locale}</span>
          <span className="sr-only">{names[locale]}</span>
        </button>
      ))}
    </div>
  );
}
