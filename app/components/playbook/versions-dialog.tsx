"use client";

import { useFormatter, useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { playbookVersions } from "../../../lib/client/playbook-client.ts";
import type { PlaybookReply, PlaybookVersionsReply } from "../../../lib/contract/playbook-rest.ts";
import { problemText } from "../problem-text.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Notice } from "../ui/notice.tsx";

/** Every version, when and by whom it was saved; each can be looked at. */
export function VersionsDialog({
  stored,
  isOpen,
  onOpenChange,
  onShow,
}: {
  readonly stored: PlaybookReply;
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly onShow: (version: number) => void;
}) {
  const t = useTranslations("playbook");
  return (
    <Dialog title={t("versions")} closeLabel={t("close")} isOpen={isOpen} onOpenChange={onOpenChange}>
      <VersionList stored={stored} onShow={onShow} />
    </Dialog>
  );
}

function VersionList({
  stored,
  onShow,
}: {
  readonly stored: PlaybookReply;
  readonly onShow: (version: number) => void;
}) {
  const t = useTranslations("playbook");
  const problems = useTranslations("problem");
  const format = useFormatter();
  const [versions, setVersions] = useState<PlaybookVersionsReply["versions"]>([]);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    playbookVersions(stored.name).then(setVersions, setError);
  }, [stored.name]);
  if (error !== null) return <Notice tone="danger">{problemText(problems, error)}</Notice>;
  return (
    <ol className="divide-y divide-line">
      {versions.map((one) => (
        <li key={one.version} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2.5">
          <div className="min-w-0 flex-1 text-sm">
            <p className="font-medium">
              {t("versionNumber", { version: one.version })}
              {one.version === stored.current_version && (
                <span className="ml-2 text-xs text-ink-faint">{t("currentVersion")}</span>
              )}
            </p>
            <p className="text-xs text-ink-soft">
              {t(`origin.${one.origin}`)}
              {one.restored_from !== null && <> {t("fromVersion", { version: one.restored_from })}</>}
              {" · "}
              {format.dateTime(new Date(one.saved_at), { dateStyle: "medium", timeStyle: "short" })}
              {one.saved_by !== "" && <> · {one.saved_by}</>}
            </p>
          </div>
          <Button
            size="small"
            disabled={one.version === stored.version}
            aria-label={t("showVersion", { version: one.version })}
            onClick={() => {
              onShow(one.version);
            }}
          >
            {t("show")}
          </Button>
        </li>
      ))}
    </ol>
  );
}
