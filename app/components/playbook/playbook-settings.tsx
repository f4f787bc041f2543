"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { termsOf } from "../../../lib/client/playbook-draft.ts";
import type { Playbook } from "../../../lib/contract/playbook.ts";
import { Checkbox, Field, TextInput } from "../ui/field.tsx";
import { useIndustryName } from "./use-industry-name.ts";

/** Rewritten on every key, so what is typed is kept beside what it means. */
function TermsField({
  id,
  label,
  hint,
  terms,
  isReadOnly,
  onChange,
}: {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly terms: readonly string[];
  readonly isReadOnly: boolean;
  readonly onChange: (terms: string[]) => void;
}) {
  const [text, setText] = useState(terms.join(", "));
  return (
    <Field label={label} hint={hint}>
      <TextInput
        id={id}
        value={text}
        readOnly={isReadOnly}
        onChange={(event) => {
          setText(event.target.value);
          onChange(termsOf(event.target.value));
        }}
      />
    </Field>
  );
}

/** What is known of the product, its competitors and the prospects' lines of business, and how often cards come. */
export function PlaybookSettings({
  draft,
  isReadOnly,
  onChange,
}: {
  readonly draft: Playbook;
  readonly isReadOnly: boolean;
  readonly onChange: (change: (draft: Playbook) => Playbook) => void;
}) {
  const t = useTranslations("playbook");
  const industryName = useIndustryName();
  const { coaching = {}, industries = [] } = draft;
  const whole = (text: string): number | undefined => (/^\d{1,4}$/.test(text) ? Number(text) : undefined);
  const setCoaching = (part: Playbook["coaching"]): void => {
    onChange((before) => {
      const merged = Object.entries({ ...before.coaching, ...part }).filter(
        ([, value]) => value !== undefined,
      );
      const next: Playbook = { ...before, coaching: Object.fromEntries(merged) };
      if (merged.length === 0) delete next.coaching;
      return next;
    });
  };
  return (
    <details className="panel p-4">
      <summary className="font-semibold">{t("settings")}</summary>
      <div className="mt-3 grid gap-3 sm:grid-cols-2">
        <Field label={t("bookTitle")}>
          <TextInput
            id="title"
            value={draft.title}
            maxLength={120}
            readOnly={isReadOnly}
            onChange={(event) => {
              onChange((before) => ({ ...before, title: event.target.value }));
            }}
          />
        </Field>
        <Field label={t("product")} hint={t("productHint")}>
          <TextInput
            id="product"
            value={draft.product}
            maxLength={80}
            readOnly={isReadOnly}
            onChange={(event) => {
              onChange((before) => ({ ...before, product: event.target.value }));
            }}
          />
        </Field>
        <TermsField
          id="competitors"
          label={t("competitors")}
          hint={t("commas")}
          terms={draft.competitors}
          isReadOnly={isReadOnly}
          onChange={(competitors) => {
            onChange((before) => ({ ...before, competitors }));
          }}
        />
        {(["es", "en"] as const).map((language) => (
          <TermsField
            key={language}
            id={`keyterms.${language}`}
            label={t(`keyterms.${language}`)}
            hint={t("commas")}
            terms={draft.keyterms[language]}
            isReadOnly={isReadOnly}
            onChange={(terms) => {
              onChange((before) => ({ ...before, keyterms: { ...before.keyterms, [language]: terms } }));
            }}
          />
        ))}
      </div>
      <div className="mt-4 grid items-end gap-3 sm:grid-cols-2">
        <Field label={t("cooldown")}>
          <TextInput
            id="coaching.cooldown_sec"
            inputMode="numeric"
            value={coaching.cooldown_sec ?? ""}
            placeholder="45"
            readOnly={isReadOnly}
            onChange={(event) => {
              setCoaching({ cooldown_sec: whole(event.target.value) });
            }}
          />
        </Field>
        <Field label={t("cardsPerMinute")}>
          <TextInput
            id="coaching.max_cards_per_minute"
            inputMode="numeric"
            value={coaching.max_cards_per_minute ?? ""}
            placeholder="3"
            readOnly={isReadOnly}
            onChange={(event) => {
              setCoaching({ max_cards_per_minute: whole(event.target.value) });
            }}
          />
        </Field>
        <Checkbox
          className="pb-2.5"
          label={t("provisional")}
          checked={coaching.provisional ?? true}
          disabled={isReadOnly}
          onChange={(event) => {
            setCoaching({ provisional: event.target.checked });
          }}
        />
        <Checkbox
          className="pb-2.5"
          label={t("nudges")}
          checked={coaching.nudges ?? true}
          disabled={isReadOnly}
          onChange={(event) => {
            setCoaching({ nudges: event.target.checked });
          }}
        />
      </div>
      {industries.length > 0 && (
        <div className="mt-4 space-y-3">
          <p className="text-sm font-medium">{t("industryWords")}</p>
          {industries.map((industry, at) => (
            <div key={industry.name} className="grid gap-3 sm:grid-cols-2">
              {(["es", "en"] as const).map((language) => (
                <TermsField
                  key={language}
                  id={`industries[${at.toString()}].terms.${language}`}
                  label={t(`industryTerms.${language}`, { industry: industryName(industry.name) })}
                  terms={industry.terms[language]}
                  isReadOnly={isReadOnly}
                  onChange={(terms) => {
                    onChange((before) => ({
                      ...before,
                      industries: industries.map((one, place) =>
                        place === at ? { ...one, terms: { ...one.terms, [language]: terms } } : one,
                      ),
                    }));
                  }}
                />
              ))}
            </div>
          ))}
        </div>
      )}
    </details>
  );
}
