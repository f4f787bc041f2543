"use client";

import { Radio, TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { AccountMenu, type Account } from "./account-menu.tsx";
import { CallHerald } from "./call-herald.tsx";
import { LanguageSwitch } from "./language-switch.tsx";
import { classNames } from "./ui/class-names.ts";
import { useHostedCall } from "./use-call-alert.ts";

/** `account` null: nobody signs in here. `undefined`: nobody has signed in yet. */
export function SiteHeader({ account }: { readonly account: Account | null | undefined }) {
  const t = useTranslations("nav");
  const app = useTranslations("app");
  const path = usePathname();
  const alerts = useTranslations("alert");
  const call = useHostedCall();
  const isOnCall = path.startsWith("/live/");
  const link = (href: string, label: string, isHere: boolean) => (
    <Link
      href={href}
      aria-current={isHere ? "page" : undefined}
      className={classNames(
        "grid min-h-9 place-items-center rounded-control px-2.5 text-sm hover:bg-sunken sm:px-3",
        isHere ? "font-semibold text-ink" : "text-ink-soft",
      )}
    >
      {label}
    </Link>
  );
  return (
    <header className="border-b border-line bg-surface">
      <CallHerald call={call} />
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-surface focus:p-3"
      >
        {app("skip")}
      </a>
      <div className="mx-auto flex h-13 max-w-[96rem] items-center gap-1 px-3 sm:gap-3 sm:px-5">
        <Link
          href="/"
          prefetch={account === undefined ? false : null}
          className="flex items-center gap-2 rounded-control font-semibold tracking-tight"
          aria-label={app("name")}
        >
          <Radio aria-hidden="true" className="size-5 text-accent" />
          <span className="hidden sm:inline">{app("name")}</span>
        </Link>
        <nav aria-label={t("label")} className="flex flex-1 items-center sm:gap-1">
          {account !== undefined && (
            <>
              {link("/", t("start"), path === "/")}
              {link("/history", t("history"), path.startsWith("/history"))}
              {link("/playbook", t("playbook"), path === "/playbook")}
            </>
          )}
        </nav>
        {call !== null && !isOnCall && (
          <Link
            href={`/live/${call.callId}`}
            className="flex min-h-9 items-center gap-2 rounded-control bg-danger-soft px-3 text-sm font-medium"
          >
            {call.alert === null ? (
              <span aria-hidden="true" className="size-2.5 rounded-full bg-danger" />
            ) : (
              <TriangleAlert aria-hidden="true" className="size-4 text-danger" />
            )}
            <span aria-live="polite">{call.alert === null ? t("backToCall") : alerts(call.alert)}</span>
          </Link>
        )}
        {account !== null && account !== undefined && (
          <AccountMenu account={account} mayLeave={call === null} />
        )}
        <LanguageSwitch />
      </div>
    </header>
  );
}
