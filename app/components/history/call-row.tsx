"use client";

import { useFormatter, useTranslations } from "next-intl";
import Link from "next/link";
import type { CallListItem } from "../../../lib/contract/rest.ts";
import { objectionTypes } from "../../../lib/contract/vocabulary.ts";
import { ObjectionChip } from "../objection-chip.tsx";
import { clockText } from "../ui/clock-text.ts";

/** One call of the list; the whole row leads to it, a call that still runs to its live page. */
export function CallRow({ call }: { readonly call: CallListItem }) {
  const t = useTranslations("history");
  const states = useTranslations("state");
  const live = useTranslations("live");
  const languages = useTranslations("language");
  const time = useTranslations("time");
  const format = useFormatter();
  const isCompleted = call.status === "completed";
  const customer = [call.customer.name, call.customer.company].filter(Boolean).join(", ");
  const found = objectionTypes.filter((type) => (call.objections[type] ?? 0) > 0);
  return (
    <li className="relative grid gap-x-6 gap-y-1.5 px-4 py-3 hover:bg-sunken sm:grid-cols-[minmax(0,1fr)_auto] sm:px-5">
      <div className="min-w-0">
        <Link
          href={isCompleted ? `/history/${call.call_id}` : `/live/${call.call_id}`}
          className="block truncate font-medium after:absolute after:inset-0"
        >
          {call.title === "" ? (customer === "" ? live("untitled") : customer) : call.title}
        </Link>
        {call.title !== "" && customer !== "" && <p className="truncate text-sm text-ink-soft">{customer}</p>}
        <p className="text-sm text-ink-faint">
          <time dateTime={call.started_at}>
            {format.dateTime(new Date(call.started_at), { dateStyle: "medium", timeStyle: "short" })}
          </time>
          {" · "}
          <span aria-label={time("duration")}>{clockText(call.duration_ms)}</span>
          {" · "}
          {languages(call.language)}
          {" · "}
          {t("lines", { count: call.segments })}
          {call.owner !== undefined && <> · {t("ownedBy", { name: call.owner.name })}</>}
        </p>
      </div>
      <div className="flex flex-wrap items-center gap-1.5 sm:max-w-xs sm:justify-end">
        {!isCompleted && (
          <span className="inline-flex items-center gap-1.5 rounded-full bg-danger-soft px-2.5 py-0.5 text-xs font-semibold">
            <span aria-hidden="true" className="size-2 rounded-full bg-danger" />
            {states(call.status)}
          </span>
        )}
        {found.map((type) => (
          <ObjectionChip key={type} type={type} count={call.objections[type] ?? 0} />
        ))}
        {isCompleted && found.length === 0 && (
          <span className="text-sm text-ink-faint">{t("noObjections")}</span>
        )}
      </div>
    </li>
  );
}
