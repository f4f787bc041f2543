"use client";

import { useTranslations } from "next-intl";
import { useEffect } from "react";
import { wantsOutsideAlerts } from "../../lib/client/outside-alerts.ts";
import type { HostedCall } from "./use-call-alert.ts";

/** Keeps a mark in front of the page's title, whatever the pages make of the title meanwhile. */
function useTitleMark(mark: string | null): void {
  useEffect(() => {
    if (mark === null) return;
    const prefix = `${mark} · `;
    const apply = (): void => {
      if (!document.title.startsWith(prefix)) document.title = `${prefix}${document.title}`;
    };
    apply();
    const observer = new MutationObserver(apply);
    observer.observe(document.head, { childList: true, subtree: true, characterData: true });
    return () => {
      observer.disconnect();
      if (document.title.startsWith(prefix)) document.title = document.title.slice(prefix.length);
    };
  }, [mark]);
}

/** Says what is the matter outside the page, without a sound, while nobody looks at it. */
function useOutsideAlert(callId: string | null, text: string | null): void {
  useEffect(() => {
    if (callId === null || text === null || !wantsOutsideAlerts()) return;
    let shown: Notification | null = null;
    const show = (): void => {
      if (document.visibilityState === "visible") {
        shown?.close();
        shown = null;
      } else if (shown === null) {
        try {
          const notification = new Notification(text, {
            tag: callId,
            silent: true,
            requireInteraction: true,
          });
          notification.onclick = () => {
            window.focus();
            notification.close();
          };
          shown = notification;
        } catch {
          // Telephones want a service worker for it; the title says it all the same.
        }
      }
    };
    show();
    document.addEventListener("visibilitychange", show);
    return () => {
      document.removeEventListener("visibilitychange", show);
      shown?.close();
    };
  }, [callId, text]);
}

/** Tells how the call of this tab stands where it is seen while the page is not: in its title, and by a notification. */
export function CallHerald({ call }: { readonly call: HostedCall | null }) {
  const t = useTranslations("alert");
  const alert = call?.alert ?? null;
  const text = alert === null ? null : t(alert);
  useTitleMark(call === null ? null : text === null ? `● ${t("recording")}` : `⚠ ${text}`);
  useOutsideAlert(call?.callId ?? null, text);
  return null;
}
