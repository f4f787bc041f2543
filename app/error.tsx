"use client";

import { useTranslations } from "next-intl";
import { Button } from "./components/ui/button.tsx";

export default function ErrorPage({ reset }: { readonly error: Error; readonly reset: () => void }) {
  const t = useTranslations("error");
  return (
    <main id="content" className="mx-auto max-w-xl px-5 py-20 text-center">
      <h1 className="text-2xl font-semibold">{t("title")}</h1>
      <p className="mt-3 text-ink-soft">{t("text")}</p>
      <Button look="primary" className="mt-8" onClick={reset}>
        {t("retry")}
      </Button>
    </main>
  );
}
