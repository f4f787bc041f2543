"use client";

import { useFormatter, useTranslations } from "next-intl";
import type { PlaybookReply } from "../../../lib/contract/playbook-rest.ts";
import { problemText } from "../problem-text.ts";
import { Button, buttonClasses } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";
import { faultText, goTo } from "./faults.ts";
import type { PlaybookRoom } from "./use-playbook.ts";

const shownFaults = 8;

/** What keeps the playbook from being changed or saved, and the way on. */
export function PlaybookNotices({
  room,
  stored,
  mayEdit,
}: {
  readonly room: PlaybookRoom;
  readonly stored: PlaybookReply;
  readonly mayEdit: boolean;
}) {
  const t = useTranslations("playbook");
  const problems = useTranslations("problem");
  const format = useFormatter();
  const { conflict, error, faults, keptMine } = room;
  return (
    <div className="mb-4 space-y-2 empty:hidden">
      {!room.isCurrent && (
        <Notice
          tone="warn"
          action={
            <>
              {mayEdit && (
                <Button size="small" onClick={room.restore}>
                  {t("restore")}
                </Button>
              )}
              <Button
                size="small"
                onClick={() => {
                  room.show({ name: stored.name, version: null });
                }}
              >
                {t("backToCurrent")}
              </Button>
            </>
          }
        >
          {t("oldVersion", { version: stored.version, current: stored.current_version })}
        </Notice>
      )}
      {!mayEdit && <Notice tone="neutral">{t("readOnly")}</Notice>}
      {conflict !== null && (
        <Notice
          tone="warn"
          isUrgent
          action={
            <>
              <Button size="small" look="primary" onClick={room.merge}>
                {t("merge")}
              </Button>
              <a
                href={`/playbook?name=${conflict.name}&version=${conflict.version.toString()}`}
                target="_blank"
                rel="noreferrer"
                className={buttonClasses("plain", "small")}
              >
                {t("seeTheirs")}
              </a>
            </>
          }
        >
          {t("conflict", {
            version: conflict.version,
            name: conflict.saved_by === "" ? "—" : conflict.saved_by,
          })}
        </Notice>
      )}
      {keptMine.length > 0 && (
        <Notice tone="warn">
          {t("keptMine", { what: format.list(keptMine.map((one) => t(`heads.${one}`))) })}
        </Notice>
      )}
      {faults.length > 0 && (
        <Notice tone="danger" isUrgent>
          {t("faults", { count: faults.length })}
          <ul className="mt-1 space-y-0.5">
            {faults.slice(0, shownFaults).map((fault, at) => (
              <li key={at}>
                <button
                  type="button"
                  className="text-left break-words underline underline-offset-2"
                  onClick={() => {
                    goTo(fault.path);
                  }}
                >
                  <code className="font-semibold">{fault.path}</code>: {faultText(t, fault)}
                </button>
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {error !== null && faults.length === 0 && (
        <Notice tone="danger" isUrgent>
          {problemText(problems, error)}
        </Notice>
      )}
    </div>
  );
}
