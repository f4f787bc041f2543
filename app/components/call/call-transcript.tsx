"use client";

import { Play } from "lucide-react";
import { useTranslations } from "next-intl";
import { memo, useEffect, useRef } from "react";
import type { CallReply, ExportedObjection, ExportedSegment } from "../../../lib/contract/rest.ts";
import { roleOfSpeaker } from "../../../lib/contract/vocabulary.ts";
import { lastStarted, wordRuns } from "../../../lib/client/word-parts.ts";
import { speakerColours } from "../live/transcript-line.tsx";
import { ObjectionChip } from "../objection-chip.tsx";
import { classNames } from "../ui/class-names.ts";
import { clockText } from "../ui/clock-text.ts";
import type { Player } from "./use-player.ts";

/** The page scrolls along with the sound unless the reader has just scrolled themselves. */
const readerScrollMs = 4000;

const Line = memo(function Line({
  segment,
  objections,
  playFrom,
}: {
  readonly segment: ExportedSegment;
  readonly objections: readonly ExportedObjection[];
  readonly playFrom: (ms: number) => void;
}) {
  const t = useTranslations("call");
  const speakers = useTranslations("speaker");
  const role = roleOfSpeaker(segment.speaker);
  const runs = wordRuns(
    segment.text,
    segment.words,
    objections.flatMap(({ evidence }) => evidence),
  );
  return (
    <li
      id={segment.segment_id}
      data-segment-id={segment.segment_id}
      data-role={role}
      className="line-block group grid scroll-mt-40 grid-cols-[4.75rem_minmax(0,1fr)] gap-x-3 px-3 py-2 sm:grid-cols-[6.5rem_minmax(0,1fr)] sm:px-4"
    >
      <div className="text-right">
        <span className={classNames("block text-sm font-semibold", speakerColours[role])}>
          {speakers(role === "rep" ? "repThird" : role)}
        </span>
        <button
          type="button"
          aria-label={t("playHere", { time: clockText(segment.ts_ms) })}
          onClick={() => {
            playFrom(segment.ts_ms);
          }}
          className="inline-flex min-h-6 items-center gap-1 rounded-sm text-xs text-ink-faint hover:text-ink hover:underline"
        >
          <Play aria-hidden="true" className="size-3" />
          {clockText(segment.ts_ms)}
        </button>
      </div>
      <div className="min-w-0">
        <p className="leading-relaxed break-words">
          {runs.map((run, index) => {
            const word = run.wordIndex === null ? undefined : segment.words[run.wordIndex];
            const lit = run.isLit && "bg-lit text-lit-ink";
            return word === undefined ? (
              <span key={index} className={classNames(lit)}>
                {run.text}
              </span>
            ) : (
              <span
                key={index}
                data-word={run.wordIndex}
                data-ms={word.ts_ms}
                className={classNames("cursor-pointer rounded-sm hover:underline data-now:word-now", lit)}
              >
                {run.text}
              </span>
            );
          })}
        </p>
        {objections.length > 0 && (
          <div className="mt-1 flex flex-wrap gap-1.5">
            {objections.map((objection) => (
              <ObjectionChip
                key={objection.objection_id}
                type={objection.type}
                isRepeat={objection.repeat_of !== null}
              />
            ))}
          </div>
        )}
      </div>
    </li>
  );
});

const none: readonly ExportedObjection[] = [];

/** The whole call in words, in step with its sound: press a word to hear it. */
export function CallTranscript({ call, player }: { readonly call: CallReply; readonly player: Player }) {
  const t = useTranslations("call");
  const list = useRef<HTMLOListElement>(null);
  const { segments } = call;
  const { follow, playFrom } = player;
  const bySegment = new Map<string, ExportedObjection[]>();
  for (const objection of call.objections) {
    if (objection.status !== "confirmed") continue;
    bySegment.set(objection.segment_id, [...(bySegment.get(objection.segment_id) ?? []), objection]);
  }

  useEffect(() => {
    let current: Element | null = null;
    let readerScrolledAt = 0;
    const onScroll = (): void => {
      readerScrolledAt = performance.now();
    };
    // Wheel, touch and keys, and not our own scrolling.
    const kinds = ["wheel", "touchmove", "keydown"] as const;
    for (const kind of kinds) window.addEventListener(kind, onScroll, { passive: true });
    const stop = follow((ms) => {
      const found = wordAt(list.current, segments, ms);
      if (found === current) return;
      current?.removeAttribute("data-now");
      current = found;
      if (found === null) return;
      found.setAttribute("data-now", "");
      if (performance.now() - readerScrolledAt < readerScrollMs) return;
      const { top, bottom } = found.getBoundingClientRect();
      if (top < 140 || bottom > window.innerHeight - 40) found.scrollIntoView({ block: "center" });
    });
    return () => {
      stop();
      current?.removeAttribute("data-now");
      for (const kind of kinds) window.removeEventListener(kind, onScroll);
    };
  }, [follow, segments]);

  return (
    <section aria-labelledby="call-transcript" className="panel">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 px-4 pt-4 pb-1">
        <h2 id="call-transcript" className="font-semibold">
          {t("transcript")}
        </h2>
        {segments.length > 0 && <p className="text-xs text-ink-faint">{t("clickWord")}</p>}
      </div>
      {segments.length === 0 ? (
        <p className="px-4 py-12 text-center text-ink-soft">{t("noWords")}</p>
      ) : (
        <ol
          ref={list}
          className="pb-3"
          onClick={(event) => {
            const word = event.target instanceof Element ? event.target.closest("[data-ms]") : null;
            // Selecting text to copy it is no wish to hear it.
            if (word !== null && window.getSelection()?.isCollapsed !== false) {
              playFrom(Number(word.getAttribute("data-ms")));
            }
          }}
        >
          {segments.map((segment) => (
            <Line
              key={segment.segment_id}
              segment={segment}
              objections={bySegment.get(segment.segment_id) ?? none}
              playFrom={playFrom}
            />
          ))}
        </ol>
      )}
    </section>
  );
}

/** The element of the word being said at `ms`, or null between words. Voices may overlap: the latest wins. */
function wordAt(
  list: HTMLOListElement | null,
  segments: readonly ExportedSegment[],
  ms: number,
): Element | null {
  const segment = segments[lastStarted(segments, ms)];
  if (list === null || segment === undefined || ms > segment.end_ms + 300) return null;
  const index = lastStarted(segment.words, ms);
  const line = list.querySelector(`[data-segment-id="${CSS.escape(segment.segment_id)}"]`);
  for (let at = index; at >= 0; at -= 1) {
    const element = line?.querySelector(`[data-word="${at.toString()}"]`);
    if (element) return element;
  }
  return null;
}
