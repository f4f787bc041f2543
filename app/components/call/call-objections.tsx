"use client";

import { Check, Mic, ThumbsDown, X, type LucideIcon } from "lucide-react";
import { useTranslations } from "next-intl";
import Link from "next/link";
import type { FeedbackVerdict } from "../../../lib/contract/client-messages.ts";
import type { CallReply } from "../../../lib/contract/rest.ts";
import { ObjectionChip } from "../objection-chip.tsx";
import { clockText } from "../ui/clock-text.ts";

const verdicts: Readonly<
  Record<
    FeedbackVerdict,
    { readonly icon: LucideIcon; readonly text: "feedbackUsed" | "feedbackDismissed" | "feedbackWrong" }
  >
> = {
  used: { icon: Check, text: "feedbackUsed" },
  dismissed: { icon: X, text: "feedbackDismissed" },
  wrong: { icon: ThumbsDown, text: "feedbackWrong" },
};

/** What they objected, when, what was offered and whether it helped; each leads to its moment. */
export function CallObjections({
  call,
  onJump,
}: {
  readonly call: CallReply;
  readonly onJump: (segmentId: string, ms: number) => void;
}) {
  const t = useTranslations("call");
  const { playbook } = call.call_metadata;
  const found = call.objections.filter(({ status }) => status === "confirmed");
  return (
    <section aria-labelledby="call-objections" className="panel p-4">
      <h2 id="call-objections" className="font-semibold">
        {t("objections")}
      </h2>
      {found.length === 0 ? (
        <p className="mt-2 text-sm text-ink-soft">{t("noObjections")}</p>
      ) : (
        <ol className="mt-3 space-y-3">
          {found.map((objection) => (
            <li key={objection.objection_id} className="border-l-2 border-line pl-3">
              <div className="flex items-center justify-between gap-2">
                <ObjectionChip type={objection.type} isRepeat={objection.repeat_of !== null} />
                <button
                  type="button"
                  aria-label={t("playHere", { time: clockText(objection.ts_ms) })}
                  onClick={() => {
                    onJump(objection.segment_id, objection.ts_ms);
                  }}
                  className="min-h-8 rounded-control px-2 text-sm text-ink-soft underline underline-offset-2 hover:text-ink"
                >
                  {clockText(objection.ts_ms)}
                </button>
              </div>
              <p className="mt-1 text-sm">
                <q>{objection.text}</q>
              </p>
              {call.suggestions
                .filter((suggestion) => suggestion.objection_id === objection.objection_id)
                .filter(({ status }) => status !== "withdrawn")
                .map((suggestion) => {
                  const verdict = suggestion.feedback === null ? null : verdicts[suggestion.feedback];
                  return (
                    <div key={suggestion.suggestion_id} className="mt-1.5 text-sm text-ink-soft">
                      <span className="text-ink-faint">{t("suggestionShown")}</span> {suggestion.text}
                      {suggestion.source === "llm" && (
                        <span className="text-ink-faint"> ({t("fromModel")})</span>
                      )}
                      {verdict !== null && (
                        <span className="mt-0.5 flex items-center gap-1 font-medium text-ink">
                          <verdict.icon aria-hidden="true" className="size-3.5" />
                          {t(verdict.text)}
                        </span>
                      )}
                      {suggestion.said !== null && (
                        <span className="mt-0.5 flex items-center gap-1 text-ink">
                          <Mic aria-hidden="true" className="size-3.5" />
                          {t("said")}
                        </span>
                      )}
                    </div>
                  );
                })}
            </li>
          ))}
        </ol>
      )}
      {playbook !== null && playbook.version !== null && found.length > 0 && (
        <p className="mt-3 text-xs">
          <Link
            href={`/playbook?name=${playbook.name}&version=${playbook.version.toString()}`}
            className="text-ink-faint underline underline-offset-2 hover:text-ink"
          >
            {t("playbookVersion", { name: playbook.name, version: playbook.version })}
          </Link>
        </p>
      )}
    </section>
  );
}
