"use client";

import { Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import {
  addEntry,
  changeEntry,
  removeEntry,
  type EntryLanguage,
} from "../../../lib/client/playbook-draft.ts";
import type { Playbook } from "../../../lib/contract/playbook.ts";
import type { PlaybookReply } from "../../../lib/contract/playbook-rest.ts";
import { objectionTypes, type ObjectionType } from "../../../lib/contract/vocabulary.ts";
import { ObjectionChip } from "../objection-chip.tsx";
import { Button } from "../ui/button.tsx";
import { EntryCard } from "./entry-card.tsx";
import type { Fault } from "./faults.ts";

/** The entries of one language by type of objection. */
export function EntryList({
  draft,
  language,
  only,
  outcomes,
  faults,
  isReadOnly,
  onChange,
}: {
  readonly draft: Playbook;
  readonly language: EntryLanguage;
  readonly only: ObjectionType | null;
  readonly outcomes: PlaybookReply["outcomes"];
  readonly faults: readonly Fault[];
  readonly isReadOnly: boolean;
  readonly onChange: (change: (draft: Playbook) => Playbook) => void;
}) {
  const t = useTranslations("playbook");
  const types = useTranslations("objection");
  const industries = (draft.industries ?? []).map(({ name }) => name);
  return objectionTypes
    .filter((type) => only === null || type === only)
    .map((type) => {
      const entries = draft.entries
        .map((entry, index) => ({ entry, index }))
        .filter(({ entry }) => entry.type === type && entry.language === language);
      const replies = entries.reduce((sum, { entry }) => sum + entry.replies.length, 0);
      return (
        <section key={type} aria-label={types(type)} className="panel overflow-hidden">
          <div className="flex items-center justify-between gap-3 px-3 py-2.5 sm:px-4">
            <h2 className="flex items-center gap-3">
              <ObjectionChip type={type} />
              <span className="text-xs font-normal text-ink-faint">{t("replies", { count: replies })}</span>
            </h2>
            {!isReadOnly && (
              <Button
                size="small"
                look="quiet"
                aria-label={t("addEntryOf", { type: types(type) })}
                onClick={() => {
                  const at = entries.at(-1)?.index ?? draft.entries.length - 1;
                  onChange((before) => addEntry(before, language, type));
                  requestAnimationFrame(() => {
                    document.getElementById(`entries[${(at + 1).toString()}].replies[0]`)?.focus();
                  });
                }}
              >
                <Plus aria-hidden="true" className="size-4" />
                {t("addEntry")}
              </Button>
            )}
          </div>
          {entries.map(({ entry, index }) => (
            <EntryCard
              key={entry.id}
              entry={entry}
              index={index}
              industries={industries}
              outcomes={outcomes}
              faults={faults}
              isReadOnly={isReadOnly}
              onChange={(change) => {
                onChange((before) => changeEntry(before, index, change));
              }}
              onRemove={() => {
                onChange((before) => removeEntry(before, index));
              }}
            />
          ))}
        </section>
      );
    });
}
