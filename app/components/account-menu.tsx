"use client";

import { LogOut } from "lucide-react";
import { useTranslations } from "next-intl";
import { buttonClasses } from "./ui/button.tsx";

export interface Account {
  readonly name: string;
  readonly role: "rep" | "manager";
}

/** Who is signed in, and the way out: a plain form, so that no other site can press it. */
export function AccountMenu({
  account,
  mayLeave,
}: {
  readonly account: Account;
  readonly mayLeave: boolean;
}) {
  const t = useTranslations("nav");
  return (
    <div className="flex items-center gap-1 text-sm">
      <span className="max-w-32 truncate text-ink-soft max-sm:sr-only" title={t(account.role)}>
        <span className="sr-only">{t("signedInAs")} </span>
        {account.name}
      </span>
      {mayLeave && (
        <form method="post" action="/sign-out">
          <button
            type="submit"
            className={buttonClasses("quiet", "small")}
            aria-label={t("signOut")}
            title={t("signOut")}
          >
            <LogOut aria-hidden="true" className="size-4" />
          </button>
        </form>
      )}
    </div>
  );
}
