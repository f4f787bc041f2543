"use client";

import { Cpu, ExternalLink } from "lucide-react";
import { useTranslations } from "next-intl";
import { useSyncExternalStore } from "react";
import type { Language } from "../../../lib/contract/vocabulary.ts";
import type { EngineChoice } from "../../engine-choice.ts";
import { Button } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";

const seenKey = "engine-licence-seen";
const listeners = new Set<() => void>();

function seenLicences(): string {
  return localStorage.getItem(seenKey) ?? "";
}

function subscribe(run: () => void): () => void {
  listeners.add(run);
  return () => listeners.delete(run);
}

function markSeen(name: string): void {
  localStorage.setItem(seenKey, [...new Set([...seenLicences().split("\n"), name])].join("\n"));
  for (const run of listeners) run();
}

/** Which engine writes the call down, whose it is, and once the terms it comes under. */
export function EnginePanel({
  engine,
  language,
}: {
  readonly engine: EngineChoice;
  readonly language: Language;
}) {
  const t = useTranslations("engine");
  const notice = engine.notices[language];
  // On the server nothing is known to have been read; the full text appears only where it was not.
  const seen = useSyncExternalStore(subscribe, seenLicences, () => null);
  const key = notice?.engine ?? "";
  const isNew = notice !== undefined && seen !== null && !seen.split("\n").includes(key);
  return (
    <section aria-label={t("title")} className="space-y-2 text-sm">
      <div className="flex gap-2 px-1 text-ink-soft">
        <Cpu aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
        <p>
          {t("title")}:{" "}
          <strong className="font-medium text-ink">
            {engine.name === "embedded" ? (notice?.engine ?? t("embedded")) : t(engine.name)}
          </strong>
          .{engine.name === "embedded" && <> {t("local")}</>}
          {notice !== undefined && notice.attribution !== "" && (
            <>
              <br />
              {notice.attribution}
            </>
          )}
          {notice !== undefined && (
            <a
              href={notice.url}
              target="_blank"
              rel="noreferrer"
              className="ml-2 inline-flex items-center gap-1 rounded-sm text-ink underline underline-offset-2"
            >
              {t("readLicence")}
              <ExternalLink aria-hidden="true" className="size-3.5" />
            </a>
          )}
        </p>
      </div>
      {isNew && (
        <Notice tone="neutral">
          <p className="font-medium">{t("licenceTitle")}</p>
          <p>{notice.licence}</p>
          <p className="mt-1 text-ink-soft">{t("alternative")}</p>
          <Button
            size="small"
            className="mt-2"
            onClick={() => {
              markSeen(key);
            }}
          >
            {t("understood")}
          </Button>
        </Notice>
      )}
    </section>
  );
}
