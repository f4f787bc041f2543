"use client";

import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { outsideAlerts, setOutsideAlerts } from "../../../lib/client/outside-alerts.ts";
import { Checkbox } from "../ui/field.tsx";

/** Whether trouble is also told outside the page, for those who have another window in front during calls. */
export function OutsideAlertsChoice() {
  const t = useTranslations("start");
  const [state, setState] = useState<ReturnType<typeof outsideAlerts>>("unavailable");
  useEffect(() => {
    // Only the browser knows, so not before it runs there.
    const timer = setTimeout(() => {
      setState(outsideAlerts());
    });
    return () => {
      clearTimeout(timer);
    };
  }, []);
  if (state === "unavailable") return null;
  return (
    <Checkbox
      label={t("outsideAlerts")}
      checked={state === "on"}
      onChange={(event) => {
        void setOutsideAlerts(event.target.checked).then(() => {
          setState(outsideAlerts());
        });
      }}
    />
  );
}
