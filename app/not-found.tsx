import { useTranslations } from "next-intl";
import Link from "next/link";
import { buttonClasses } from "./components/ui/button.tsx";

export default function NotFoundPage() {
  const t = useTranslations("error");
  return (
    <main id="content" className="mx-auto max-w-xl px-5 py-20 text-center">
      <h1 className="text-2xl font-semibold">{t("notFoundTitle")}</h1>
      <p className="mt-3 text-ink-soft">{t("notFoundText")}</p>
      <div className="mt-8 flex flex-wrap justify-center gap-3">
        <Link href="/" className={buttonClasses("primary")}>
          {t("goStart")}
        </Link>
        <Link href="/history" className={buttonClasses("plain")}>
          {t("goHistory")}
        </Link>
      </div>
    </main>
  );
}
