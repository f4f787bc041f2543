"use client";

import { useTranslations } from "next-intl";
import { memo } from "react";
import type { ObjectionDetected, TranscriptUpdate } from "../../../lib/contract/events.ts";
import type { SpeakerRole } from "../../../lib/contract/vocabulary.ts";
import { litParts } from "../../../lib/client/lit-text.ts";
import { ObjectionChip } from "../objection-chip.tsx";
import { classNames } from "../ui/class-names.ts";
import { clockText } from "../ui/clock-text.ts";

export const speakerColours: Readonly<Record<SpeakerRole, string>> = {
  rep: "text-rep",
  prospect: "text-prospect",
  unknown: "text-unknown",
};

/** One line of the live transcript; drawn again only when it, or an objection in it, changed. */
export const TranscriptLine = memo(function TranscriptLine({
  segment,
  objections,
  onChooseVoice,
}: {
  readonly segment: TranscriptUpdate;
  readonly objections: readonly ObjectionDetected[];
  /** Null where nobody is asked whose voice this is. */
  readonly onChooseVoice: ((voice: number) => void) | null;
}) {
  const t = useTranslations("live");
  const speakers = useTranslations("speaker");
  const voice = segment.role === "unknown" ? (segment.voice ?? null) : null;
  const evidence = objections.flatMap((objection) => objection.evidence);
  const quote = objections.length === 1 ? (objections[0]?.text ?? "") : "";
  const parts =
    objections.length === 0
      ? [{ text: segment.text, isLit: false }]
      : litParts(segment.text, evidence, quote);
  return (
    <li
      data-segment-id={segment.segment_id}
      data-role={segment.role}
      data-final={segment.is_final}
      className="line-block group grid grid-cols-[4.5rem_minmax(0,1fr)] gap-x-3 px-4 py-1.5 sm:grid-cols-[5.5rem_minmax(0,1fr)]"
    >
      <div className="pt-0.5 text-right">
        <span className={classNames("block text-sm font-semibold", speakerColours[segment.role])}>
          {voice === null ? speakers(segment.role) : speakers("voice", { number: voice + 1 })}
        </span>
        <time className="block text-xs text-ink-faint">{clockText(segment.ts_ms)}</time>
        {onChooseVoice !== null && segment.voice !== undefined && segment.role !== "rep" && (
          <button
            type="button"
            title={t("voiceIsMeHint")}
            aria-label={t("voiceIsMeOf", { number: segment.voice + 1 })}
            className={classNames(
              "-mr-1 mt-0.5 min-h-6 rounded-control px-1 text-xs font-medium text-accent underline underline-offset-2 hover:bg-sunken",
              // Chosen already: the way to put it right stays out of sight.
              voice === null &&
                "opacity-0 group-hover:opacity-100 focus-visible:opacity-100 [@media(hover:none)]:opacity-100",
            )}
            onClick={() => {
              onChooseVoice(segment.voice ?? 0);
            }}
          >
            {t("voiceIsMe")}
          </button>
        )}
      </div>
      <div className="min-w-0">
        <p
          className={classNames(
            "text-[1.0625rem] leading-relaxed break-words",
            segment.is_final ? "text-ink" : "text-ink-soft",
          )}
        >
          {parts.map((part, index) =>
            part.isLit ? (
              <mark key={index} className="rounded-sm bg-lit px-0.5 text-lit-ink">
                {part.text}
              </mark>
            ) : (
              <span key={index}>{part.text}</span>
            ),
          )}
        </p>
        {objections.length > 0 && (
          <div className="mt-1 flex flex-wrap gap-1.5">
            {objections.map((objection) => (
              <ObjectionChip
                key={objection.objection_id}
                type={objection.type}
                isProvisional={objection.status === "provisional"}
                isRepeat={objection.repeat_of !== undefined}
              />
            ))}
          </div>
        )}
      </div>
    </li>
  );
});
