"use client";

import { useTranslations } from "next-intl";
import { useState, useSyncExternalStore, type Ref } from "react";
import type { Consent } from "../../../lib/contract/rest.ts";
import { isConsentMethod, type ConsentMethod } from "../../../lib/contract/vocabulary.ts";
import { Checkbox, Field, Select, TextInput } from "../ui/field.tsx";

/** Ways that a person can choose, the commonest first. */
const methods: readonly ConsentMethod[] = ["verbal", "announcement", "written", "contract"];

const methodKey = "consent-method";
const listeners = new Set<() => void>();

/** The way it was obtained last time; the confirmation itself is never remembered. */
function lastMethod(): ConsentMethod {
  const kept = localStorage.getItem(methodKey) ?? "";
  return isConsentMethod(kept) && methods.includes(kept) ? kept : "verbal";
}

function keepMethod(method: string): void {
  localStorage.setItem(methodKey, method);
  for (const run of listeners) run();
}

function subscribe(run: () => void): () => void {
  listeners.add(run);
  return () => listeners.delete(run);
}

export interface ConsentDraft {
  readonly isObtained: boolean;
  readonly method: ConsentMethod;
  readonly note: string;
  readonly confirm: (isObtained: boolean) => void;
  readonly write: (note: string) => void;
  /** What the call keeps of it; null: nothing was confirmed. */
  readonly given: () => Consent | null;
}

export function useConsentDraft(): ConsentDraft {
  const [isObtained, confirm] = useState(false);
  const [note, write] = useState("");
  const method = useSyncExternalStore<ConsentMethod>(subscribe, lastMethod, () => "verbal");
  return {
    isObtained,
    method,
    note,
    confirm,
    write,
    given: () =>
      isObtained ? { obtained: true, method, ...(note.trim() === "" ? {} : { note: note.trim() }) } : null,
  };
}

/** One box to tick; how it was obtained is the same as last time unless it is changed. */
export function ConsentFields({
  draft,
  isRequired,
  isMissed,
  boxRef,
}: {
  readonly draft: ConsentDraft;
  readonly isRequired: boolean;
  /** Starting was tried without it. */
  readonly isMissed: boolean;
  readonly boxRef: Ref<HTMLInputElement>;
}) {
  const t = useTranslations("start");
  const names = useTranslations("consentMethod");
  return (
    <fieldset className="space-y-3">
      <legend className="mb-2 flex items-baseline gap-2 text-sm font-medium">
        {t("consent")}
        {isRequired && <span className="text-xs font-normal text-ink-faint">{t("required")}</span>}
      </legend>
      <Checkbox
        ref={boxRef}
        label={t("consentObtained")}
        checked={draft.isObtained}
        aria-required={isRequired}
        aria-invalid={isMissed && !draft.isObtained}
        onChange={(event) => {
          draft.confirm(event.target.checked);
        }}
      />
      {draft.isObtained && (
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("consentMethod")}>
            <Select
              value={draft.method}
              onChange={(event) => {
                keepMethod(event.target.value);
              }}
            >
              {methods.map((method) => (
                <option key={method} value={method}>
                  {names(method)}
                </option>
              ))}
            </Select>
          </Field>
          <Field label={t("consentNote")} hint={t("optional")}>
            <TextInput
              value={draft.note}
              maxLength={1000}
              autoComplete="off"
              onChange={(event) => {
                draft.write(event.target.value);
              }}
            />
          </Field>
        </div>
      )}
    </fieldset>
  );
}
