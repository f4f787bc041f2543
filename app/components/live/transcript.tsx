"use client";

import { ArrowDown } from "lucide-react";
import { useTranslations } from "next-intl";
import {
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
  type Ref,
} from "react";
import type { LiveCallView } from "../../../lib/client/live-call.ts";
import type { ObjectionDetected } from "../../../lib/contract/events.ts";
import { Button } from "../ui/button.tsx";
import { TranscriptLine } from "./transcript-line.tsx";

/** Lines drawn at once, and how many more each press shows. */
const shownLines = 150;
/** This near to the end counts as being at the end, in CSS pixels. */
const endTolerancePx = 48;
const noObjections: readonly ObjectionDetected[] = [];

export interface TranscriptControl {
  /** Brings the reader back to the newest line. */
  readonly toNow: () => void;
}

/**
 * The words as they come. It follows the newest line until the reader scrolls up, and then holds still
 * until they jump back to now.
 */
export function Transcript({
  view,
  ref,
  isLive,
  onChooseVoice,
}: {
  readonly view: Pick<LiveCallView, "segments" | "objections">;
  readonly ref: Ref<TranscriptControl>;
  readonly isLive: boolean;
  /** Null for those who do not host the call. */
  readonly onChooseVoice: ((voice: number) => void) | null;
}) {
  const t = useTranslations("live");
  const box = useRef<HTMLDivElement>(null);
  const isFollowing = useRef(true);
  const [isBehind, setBehind] = useState(false);
  const [extraLines, setExtraLines] = useState(0);
  const { segments, objections } = view;
  const first = Math.max(0, segments.length - shownLines - extraLines);

  const toEnd = useCallback(() => {
    const element = box.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, []);

  useLayoutEffect(() => {
    if (isFollowing.current) toEnd();
  }, [segments, objections, toEnd]);

  const toNow = useCallback(() => {
    isFollowing.current = true;
    setBehind(false);
    setExtraLines(0);
    toEnd();
  }, [toEnd]);
  useImperativeHandle(ref, () => ({ toNow }), [toNow]);

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      if (isFollowing.current) toEnd();
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, [toEnd]);

  return (
    <section aria-label={t("transcript")} className="panel relative flex min-h-0 flex-col overflow-hidden">
      <div
        ref={box}
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t("transcript")}
        className="min-h-0 flex-1 overflow-y-auto overscroll-contain py-3 focus-visible:-outline-offset-2"
        onScroll={(event) => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
          const isAtEnd = scrollHeight - scrollTop - clientHeight < endTolerancePx;
          isFollowing.current = isAtEnd;
          setBehind(!isAtEnd);
        }}
      >
        {first > 0 && (
          <div className="grid place-items-center pb-2">
            <Button
              size="small"
              look="quiet"
              onClick={() => {
                isFollowing.current = false;
                setExtraLines((lines) => lines + shownLines);
              }}
            >
              {t("earlier", { count: first })}
            </Button>
          </div>
        )}
        {segments.length === 0 ? (
          <p className="px-5 py-10 text-center text-ink-faint">{t(isLive ? "transcriptEmpty" : "joining")}</p>
        ) : (
          <ol>
            {segments.slice(first).map((segment, index) => (
              <TranscriptLine
                key={segment.segment_id}
                segment={segment}
                objections={objections.get(segment.segment_id) ?? noObjections}
                // Asked once for each turn of a voice.
                onChooseVoice={segments[first + index - 1]?.voice === segment.voice ? null : onChooseVoice}
              />
            ))}
          </ol>
        )}
      </div>
      {isBehind && (
        <Button
          look="primary"
          size="small"
          className="absolute bottom-3 left-1/2 -translate-x-1/2 shadow-lg"
          onClick={toNow}
        >
          <ArrowDown aria-hidden="true" className="size-4" />
          {t("jumpToNow")}
        </Button>
      )}
    </section>
  );
}
