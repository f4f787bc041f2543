"use client";

import { useFormatter, useTranslations } from "next-intl";
import type { RecordedConsent } from "../../../lib/contract/rest.ts";
import { isConsentMethod } from "../../../lib/contract/vocabulary.ts";

/** Whether and how consent was obtained, when it was confirmed, by whom, and the note. */
export function CallConsent({ consent }: { readonly consent: RecordedConsent | null }) {
  const t = useTranslations("call");
  const names = useTranslations("consentMethod");
  const format = useFormatter();
  if (consent === null) return <>{t("consentNone")}</>;
  const { obtained, method = "", at, by, note = "" } = consent;
  const parts = [
    isConsentMethod(method) ? names(method) : method,
    format.dateTime(new Date(at), { dateStyle: "medium", timeStyle: "short" }),
    by === "local" ? "" : t("consentBy", { name: by }),
  ].filter(Boolean);
  return (
    <>
      {t(obtained ? "consentYes" : "consentNo")} ({parts.join(" · ")})
      {note !== "" && <span className="block whitespace-pre-line">{t("consentNoteText", { note })}</span>}
    </>
  );
}
