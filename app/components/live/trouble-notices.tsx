"use client";

import { useTranslations } from "next-intl";
import type { LiveSession } from "../../../lib/client/live-session.ts";
import type { Status } from "../../../lib/contract/events.ts";
import { Notice } from "../ui/notice.tsx";

const ownWords = ["backlog", "audio_lost", "time_limit"] as const;

/** Trouble of the server and the engine, in words that tell what to do. */
export function TroubleNotices({
  session,
  troubles,
}: {
  readonly session: LiveSession;
  readonly troubles: readonly Status[];
}) {
  const t = useTranslations("trouble");
  return troubles.map((trouble) => {
    if (trouble.state === "completing") {
      const seconds = Number(trouble.detail);
      return (
        <Notice key={trouble.reason} tone="neutral">
          {seconds > 0 ? t("completingIn", { seconds }) : t("completing")}
        </Notice>
      );
    }
    const reason = ownWords.find((known) => known === trouble.reason);
    const text = reason ?? (trouble.state === "live" ? null : trouble.state);
    return (
      <Notice
        key={trouble.reason}
        tone="warn"
        dismiss={{
          label: t("dismiss"),
          run: () => {
            session.dismissTrouble(trouble.reason);
          },
        }}
      >
        {text === null ? trouble.detail : t(text)}
      </Notice>
    );
  });
}
