"use client";

import { useTranslations } from "next-intl";
import Link from "next/link";
import { useEffect, useState } from "react";
import type { HostSeat } from "../../../lib/client/host-seats.ts";
import { unfinishedCalls } from "../../../lib/client/open-session.ts";
import { buttonClasses } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";

/** Calls whose tab died or was closed: sound of theirs may still wait here to be sent. */
export function UnfinishedCalls() {
  const t = useTranslations("delivery");
  const live = useTranslations("live");
  const [seats, setSeats] = useState<readonly HostSeat[]>([]);
  useEffect(() => {
    let isGone = false;
    void unfinishedCalls().then((found) => {
      if (!isGone) setSeats(found);
    });
    return () => {
      isGone = true;
    };
  }, []);
  return seats.map(({ callId, title }) => (
    <Notice
      key={callId}
      tone="warn"
      isUrgent
      action={
        <Link href={`/live/${callId}`} className={buttonClasses("plain", "small")}>
          {t("back")}
        </Link>
      }
    >
      {t("unfinished", { title: title === "" ? live("untitled") : title })}
    </Notice>
  ));
}
