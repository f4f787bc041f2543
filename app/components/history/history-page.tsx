"use client";

import { Search } from "lucide-react";
import { useTranslations } from "next-intl";
import Link from "next/link";
import { useState } from "react";
import type { CallFilters } from "../../../lib/client/rest-client.ts";
import { callStateSchema, objectionTypes } from "../../../lib/contract/vocabulary.ts";
import { problemText } from "../problem-text.ts";
import { Button, buttonClasses } from "../ui/button.tsx";
import { Field, Select, TextInput } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { CallRow } from "./call-row.tsx";
import { useCallList } from "./use-call-list.ts";

const noFilters: CallFilters = { query: "", fromDay: "", toDay: "", objection: null, status: null };

export function HistoryPage() {
  const t = useTranslations("history");
  const types = useTranslations("objection");
  const states = useTranslations("state");
  const problems = useTranslations("problem");
  const nav = useTranslations("nav");
  const [filters, setFilters] = useState(noFilters);
  const list = useCallList(filters);
  const isFiltered = JSON.stringify(filters) !== JSON.stringify(noFilters);
  const change = (some: Partial<CallFilters>): void => {
    setFilters((before) => ({ ...before, ...some }));
  };
  return (
    <main id="content" className="mx-auto max-w-5xl px-4 py-6 sm:px-6 sm:py-8">
      <h1 className="mb-5 text-2xl font-semibold tracking-tight">{t("title")}</h1>
      <search className="mb-5 grid grid-cols-2 items-end gap-3 lg:grid-cols-[minmax(0,1fr)_9.5rem_9.5rem_9.5rem_9.5rem]">
        <Field label={t("search")} className="col-span-2 lg:col-span-1">
          <span className="relative block">
            <Search
              aria-hidden="true"
              className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-ink-faint"
            />
            <TextInput
              type="search"
              className="pl-9"
              value={filters.query}
              maxLength={200}
              placeholder={t("searchPlaceholder")}
              onChange={(event) => {
                change({ query: event.target.value });
              }}
            />
          </span>
        </Field>
        <Field label={t("objection")}>
          <Select
            value={filters.objection ?? ""}
            onChange={(event) => {
              change({ objection: objectionTypes.find((type) => type === event.target.value) ?? null });
            }}
          >
            <option value="">{t("anyObjection")}</option>
            {objectionTypes.map((type) => (
              <option key={type} value={type}>
                {types(type)}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t("status")}>
          <Select
            value={filters.status ?? ""}
            onChange={(event) => {
              change({
                status: callStateSchema.options.find((state) => state === event.target.value) ?? null,
              });
            }}
          >
            <option value="">{t("anyStatus")}</option>
            {callStateSchema.options.map((state) => (
              <option key={state} value={state}>
                {states(state)}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t("from")}>
          <TextInput
            type="date"
            value={filters.fromDay}
            max={filters.toDay === "" ? undefined : filters.toDay}
            onChange={(event) => {
              change({ fromDay: event.target.value });
            }}
          />
        </Field>
        <Field label={t("to")}>
          <TextInput
            type="date"
            value={filters.toDay}
            min={filters.fromDay === "" ? undefined : filters.fromDay}
            onChange={(event) => {
              change({ toDay: event.target.value });
            }}
          />
        </Field>
      </search>

      {list.state === "failed" && (
        <Notice
          tone="danger"
          isUrgent
          action={
            <Button size="small" onClick={list.retry}>
              {t("retry")}
            </Button>
          }
        >
          {t("failed")} {problemText(problems, list.error)}
        </Notice>
      )}
      {list.state === "loading" && (
        <p role="status" className="panel px-5 py-16 text-center text-ink-soft">
          {t("loading")}
        </p>
      )}
      {list.state === "ready" && list.calls.length === 0 && (
        <div role="status" className="panel px-5 py-16 text-center">
          <p className="font-medium">{t(isFiltered ? "noMatch" : "empty")}</p>
          {!isFiltered && <p className="mt-1 text-ink-soft">{t("emptyHint")}</p>}
          <div className="mt-5">
            {isFiltered ? (
              <Button
                onClick={() => {
                  setFilters(noFilters);
                }}
              >
                {t("clear")}
              </Button>
            ) : (
              <Link href="/" className={buttonClasses("primary")}>
                {nav("start")}
              </Link>
            )}
          </div>
        </div>
      )}
      {list.calls.length > 0 && (
        <ul aria-label={t("results")} className="panel divide-y divide-line overflow-hidden">
          {list.calls.map((call) => (
            <CallRow key={call.call_id} call={call} />
          ))}
        </ul>
      )}
      {list.nextCursor !== null && (
        <div className="mt-4 grid place-items-center">
          <Button onClick={list.more} disabled={list.isLoadingMore}>
            {list.isLoadingMore ? t("loading") : t("more")}
          </Button>
        </div>
      )}
    </main>
  );
}
