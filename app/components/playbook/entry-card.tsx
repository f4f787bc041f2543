"use client";

import { Plus, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { moveReply, termsOf, withConditions } from "../../../lib/client/playbook-draft.ts";
import { callStages, type PlaybookEntry } from "../../../lib/contract/playbook.ts";
import type { PlaybookReply } from "../../../lib/contract/playbook-rest.ts";
import { replyId } from "../../../lib/contract/reply-id.ts";
import { Button } from "../ui/button.tsx";
import { Checkbox, Field, TextInput } from "../ui/field.tsx";
import type { Fault } from "./faults.ts";
import { ReplyField } from "./reply-field.tsx";
import { useIndustryName } from "./use-industry-name.ts";

/** What an entry is for, in words, from its conditions. */
function useEntryTitle(): (entry: PlaybookEntry) => string {
  const t = useTranslations("playbook");
  const industryName = useIndustryName();
  return ({ when = [], industries = [], stages = [] }) => {
    const cues = when.slice(0, 3).map((cue) => (cue === "{competitor}" ? t("anyCompetitor") : cue));
    const parts = [
      ...(cues.length > 0 ? [`«${cues.join(", ")}${when.length > 3 ? "…" : ""}»`] : []),
      ...industries.map(industryName),
      ...stages.map((stage) => t(`stage.${stage}`)),
    ];
    return parts.length === 0 ? t("general") : parts.join(" · ");
  };
}

function CueField({
  id,
  cues,
  onChange,
}: {
  readonly id: string;
  readonly cues: readonly string[];
  readonly onChange: (cues: string[]) => void;
}) {
  const t = useTranslations("playbook");
  const [text, setText] = useState(cues.join(", "));
  return (
    <Field label={t("when")} hint={t("whenHint")}>
      <TextInput
        id={id}
        value={text}
        placeholder={t("whenPlaceholder")}
        onChange={(event) => {
          setText(event.target.value);
          onChange(termsOf(event.target.value));
        }}
      />
    </Field>
  );
}

export function EntryCard({
  entry,
  index,
  industries,
  outcomes,
  faults,
  isReadOnly,
  onChange,
  onRemove,
}: {
  readonly entry: PlaybookEntry;
  /** In the playbook: faults name it. */
  readonly index: number;
  readonly industries: readonly string[];
  readonly outcomes: PlaybookReply["outcomes"];
  readonly faults: readonly Fault[];
  readonly isReadOnly: boolean;
  readonly onChange: (change: (entry: PlaybookEntry) => PlaybookEntry) => void;
  readonly onRemove: () => void;
}) {
  const t = useTranslations("playbook");
  const title = useEntryTitle()(entry);
  const industryName = useIndustryName();
  const [isNew] = useState(entry.replies.length === 1 && entry.replies[0] === "");
  const path = `entries[${index.toString()}]`;
  const { when = [], stages = [] } = entry;
  const chosen = entry.industries ?? [];
  const toggled = <Value extends string>(list: readonly Value[], value: Value): Value[] =>
    list.includes(value) ? list.filter((one) => one !== value) : [...list, value];
  const setReplies = (change: (replies: string[]) => string[]): void => {
    onChange((before) => ({ ...before, replies: change(before.replies) }));
  };
  return (
    <article aria-labelledby={`${path}.title`} className="border-t border-line p-3 sm:p-4">
      <div className="mb-2 flex items-center justify-between gap-2">
        <h3 id={`${path}.title`} className="min-w-0 text-sm font-semibold break-words">
          {title}
        </h3>
        {!isReadOnly && (
          <button
            type="button"
            aria-label={t("removeEntry", { entry: title })}
            onClick={onRemove}
            className="grid size-8 shrink-0 place-items-center rounded-control text-ink-soft hover:bg-sunken hover:text-ink"
          >
            <Trash2 aria-hidden="true" className="size-4" />
          </button>
        )}
      </div>
      <ul className="space-y-1.5">
        {entry.replies.map((reply, at) => (
          <ReplyField
            // Replies have no other identity while they are written.
            key={at}
            id={`${path}.replies[${at.toString()}]`}
            label={t("replyLabel", { number: at + 1, entry: title })}
            reply={reply}
            outcome={outcomes[replyId(entry.id, reply)]}
            isFaulty={faults.some((fault) => fault.path === `${path}.replies[${at.toString()}]`)}
            isFirst={at === 0}
            isLast={at === entry.replies.length - 1}
            isOnly={entry.replies.length === 1}
            isReadOnly={isReadOnly}
            onChange={(text) => {
              setReplies((replies) => replies.map((one, place) => (place === at ? text : one)));
            }}
            onMove={(by) => {
              setReplies((replies) => moveReply(replies, at, at + by));
              const place = Math.min(Math.max(at + by, 0), entry.replies.length - 1);
              requestAnimationFrame(() => {
                document.getElementById(`${path}.replies[${place.toString()}]`)?.focus();
              });
            }}
            onRemove={() => {
              setReplies((replies) => replies.filter((_one, place) => place !== at));
            }}
          />
        ))}
      </ul>
      {!isReadOnly && (
        <>
          <Button
            look="quiet"
            size="small"
            className="mt-1.5"
            onClick={() => {
              setReplies((replies) => [...replies, ""]);
              requestAnimationFrame(() => {
                document.getElementById(`${path}.replies[${entry.replies.length.toString()}]`)?.focus();
              });
            }}
          >
            <Plus aria-hidden="true" className="size-4" />
            {t("addReply")}
          </Button>
          <details className="mt-1" open={isNew}>
            <summary className="min-h-8 rounded-control py-1.5 text-sm text-ink-soft hover:text-ink">
              {t("conditions")}
            </summary>
            <div className="mt-2 space-y-3">
              <CueField
                id={`${path}.when`}
                cues={when}
                onChange={(cues) => {
                  onChange((before) => withConditions(before, { when: cues }));
                }}
              />
              <fieldset className="flex flex-wrap gap-x-4 gap-y-2">
                <legend className="mb-1 text-sm font-medium">{t("stages")}</legend>
                {callStages.map((stage) => (
                  <Checkbox
                    key={stage}
                    label={t(`stage.${stage}`)}
                    checked={stages.includes(stage)}
                    onChange={() => {
                      onChange((before) => withConditions(before, { stages: toggled(stages, stage) }));
                    }}
                  />
                ))}
              </fieldset>
              {industries.length > 0 && (
                <fieldset className="flex flex-wrap gap-x-4 gap-y-2">
                  <legend className="mb-1 text-sm font-medium">{t("industries")}</legend>
                  {industries.map((name) => (
                    <Checkbox
                      key={name}
                      label={industryName(name)}
                      checked={chosen.includes(name)}
                      onChange={() => {
                        onChange((before) => withConditions(before, { industries: toggled(chosen, name) }));
                      }}
                    />
                  ))}
                </fieldset>
              )}
            </div>
          </details>
        </>
      )}
    </article>
  );
}
