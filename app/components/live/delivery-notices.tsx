"use client";

import { useTranslations } from "next-intl";
import Link from "next/link";
import { liveRegistry } from "../../../lib/client/live-registry.ts";
import type { LiveSession, LiveSessionSnapshot } from "../../../lib/client/live-session.ts";
import { Button, buttonClasses } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";

function save(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

/** What the way to the server costs, and what to do about it. */
export function DeliveryNotices({
  session,
  snapshot,
}: {
  readonly session: LiveSession;
  readonly snapshot: LiveSessionSnapshot;
}) {
  const t = useTranslations("delivery");
  const sounds = useTranslations("sound");
  const { keeping, givenUpMs, refusal, undeliveredMs, view } = snapshot;
  if (undeliveredMs > 0) {
    return (
      <Notice
        tone="danger"
        isUrgent
        action={
          <span className="flex flex-wrap gap-2">
            <Button
              size="small"
              onClick={() => {
                const file = session.undeliveredFile();
                if (file !== null) save(file, `${session.callId}-unsent.wav`);
              }}
            >
              {t("download")}
            </Button>
            <Link
              href={`/history/${session.callId}`}
              className={buttonClasses("plain", "small")}
              onClick={() => {
                void liveRegistry.remove(session.callId);
              }}
            >
              {t("openCall")}
            </Link>
          </span>
        }
      >
        {t("undelivered", { seconds: Math.round(undeliveredMs / 1000) })}
      </Notice>
    );
  }
  if (session.role !== "host" || view.completed !== null) return null;
  return (
    <>
      {keeping.kind === "memory_only" && (
        <Notice tone="warn">{t(keeping.reason === "full" ? "memoryFull" : "memoryRefused")}</Notice>
      )}
      {givenUpMs > 0 && (
        <Notice tone="danger" isUrgent>
          {t("givenUp", { seconds: Math.ceil(givenUpMs / 1000) })}
        </Notice>
      )}
      {refusal !== null && (
        <Notice tone="danger" isUrgent>
          {refusal.code === "audio_lost_refused" ? t("lossRefused") : sounds("refused")}
        </Notice>
      )}
    </>
  );
}
