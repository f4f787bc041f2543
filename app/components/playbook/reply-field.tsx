"use client";

import { ArrowDown, ArrowUp, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { useRef } from "react";
import { longReplyWords, wordCount } from "../../../lib/client/playbook-draft.ts";
import { replyVariables } from "../../../lib/contract/playbook.ts";
import type { ReplyOutcome } from "../../../lib/contract/playbook-rest.ts";
import { classNames } from "../ui/class-names.ts";

const iconButton =
  "grid size-8 shrink-0 place-items-center rounded-control text-ink-soft hover:bg-sunken hover:text-ink disabled:opacity-35";

/** One reply: its words, how many, what became of it, and its place among the others. */
export function ReplyField({
  id,
  label,
  reply,
  outcome,
  isFaulty,
  isFirst,
  isLast,
  isOnly,
  isReadOnly,
  onChange,
  onMove,
  onRemove,
}: {
  readonly id: string;
  readonly label: string;
  readonly reply: string;
  readonly outcome: ReplyOutcome | undefined;
  readonly isFaulty: boolean;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly isOnly: boolean;
  readonly isReadOnly: boolean;
  readonly onChange: (reply: string) => void;
  readonly onMove: (by: -1 | 1) => void;
  readonly onRemove: () => void;
}) {
  const t = useTranslations("playbook");
  const field = useRef<HTMLTextAreaElement>(null);
  const words = wordCount(reply);
  const isLong = words >= longReplyWords;

  const insert = (variable: string): void => {
    const element = field.current;
    if (element === null) return;
    const written = `{${variable}}`;
    const at = element.selectionStart;
    onChange(reply.slice(0, at) + written + reply.slice(element.selectionEnd));
    requestAnimationFrame(() => {
      element.focus();
      element.setSelectionRange(at + written.length, at + written.length);
    });
  };

  return (
    <li className="group rounded-control border border-line focus-within:border-line-strong">
      <div className="flex items-start gap-1 p-1">
        <textarea
          ref={field}
          id={id}
          rows={1}
          aria-label={label}
          aria-invalid={isFaulty}
          aria-describedby={`${id}-about`}
          readOnly={isReadOnly}
          value={reply}
          maxLength={240}
          onChange={(event) => {
            onChange(event.target.value.replaceAll("\n", " "));
          }}
          onKeyDown={(event) => {
            if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
            event.preventDefault();
            onMove(event.key === "ArrowUp" ? -1 : 1);
          }}
          className={classNames(
            "field-sizing-content min-h-9 min-w-0 flex-1 resize-none rounded-control bg-transparent px-2 py-1.5 text-base sm:text-sm",
            isFaulty && "bg-danger-soft",
          )}
        />
        <span
          aria-hidden="true"
          className={classNames(
            "w-6 shrink-0 py-2 text-right text-xs",
            isLong ? "font-semibold text-warn" : "text-ink-faint",
          )}
        >
          {words}
        </span>
        {!isReadOnly && (
          <div className="flex shrink-0">
            <button
              type="button"
              className={iconButton}
              aria-label={t("moveUp", { reply: label })}
              disabled={isFirst}
              onClick={() => {
                onMove(-1);
              }}
            >
              <ArrowUp aria-hidden="true" className="size-4" />
            </button>
            <button
              type="button"
              className={iconButton}
              aria-label={t("moveDown", { reply: label })}
              disabled={isLast}
              onClick={() => {
                onMove(1);
              }}
            >
              <ArrowDown aria-hidden="true" className="size-4" />
            </button>
            <button
              type="button"
              className={iconButton}
              aria-label={t("removeReply", { reply: label })}
              disabled={isOnly}
              onClick={onRemove}
            >
              <Trash2 aria-hidden="true" className="size-4" />
            </button>
          </div>
        )}
      </div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 text-xs text-ink-faint group-focus-within:pb-1.5 [&:has(.shown)]:pb-1.5">
        <span
          id={`${id}-about`}
          className={isLong ? "shown font-semibold text-warn" : "sr-only group-focus-within:not-sr-only"}
        >
          {t(isLong ? "wordsLong" : "words", { count: words })}
        </span>
        {outcome !== undefined && outcome.shown > 0 && (
          <span className="shown">
            {t("outcome", {
              shown: outcome.shown,
              used: outcome.used,
              dismissed: outcome.dismissed,
              wrong: outcome.wrong,
            })}
          </span>
        )}
        {!isReadOnly && (
          <span className="hidden flex-wrap gap-1 group-focus-within:flex">
            {replyVariables.map((variable) => (
              <button
                key={variable}
                type="button"
                aria-label={t("insertVariable", { variable: t(`variable.${variable}`) })}
                onClick={() => {
                  insert(variable);
                }}
                className="min-h-6 rounded-control border border-line px-1.5 hover:bg-sunken hover:text-ink"
              >
                {t(`variable.${variable}`)}
              </button>
            ))}
          </span>
        )}
      </div>
    </li>
  );
}
