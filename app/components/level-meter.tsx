"use client";

import { Check } from "lucide-react";
import { useTranslations } from "next-intl";
import { useCallback, useEffect, useRef, useSyncExternalStore } from "react";
import type { AudioCapture } from "../../lib/client/audio-capture.ts";
import { meterFraction } from "../../lib/client/sound-level.ts";
import { classNames } from "./ui/class-names.ts";

export type Side = "rep" | "prospect" | "both";

const fills: Readonly<Record<Side, string>> = { rep: "bg-rep", prospect: "bg-prospect", both: "bg-unknown" };

/** One channel's level, drawn straight into the page ten times a second, and whether it was heard yet. */
export function LevelMeter({
  capture,
  channel,
  side,
  isCompact = false,
}: {
  readonly capture: AudioCapture;
  readonly channel: number;
  readonly side: Side;
  readonly isCompact?: boolean;
}) {
  const t = useTranslations("levels");
  const speakers = useTranslations("speaker");
  const bar = useRef<HTMLDivElement>(null);
  const isHeard = useSyncExternalStore(
    useCallback((run: () => void) => capture.subscribe(run), [capture]),
    () => capture.levels[channel]?.isHeard ?? false,
    () => false,
  );
  useEffect(() => {
    const draw = (): void => {
      const level = capture.levels[channel];
      if (level === undefined || bar.current === null) return;
      bar.current.style.transform = `scaleX(${meterFraction(level.dbfs).toFixed(3)})`;
    };
    draw();
    return capture.subscribe((event) => {
      if (event.type === "frame") draw();
    });
  }, [capture, channel]);
  const who = side === "both" ? t("both") : speakers(side);
  return (
    <div
      className={classNames("flex items-center", isCompact ? "gap-2" : "gap-3")}
      data-side={side}
      data-heard={isHeard}
    >
      <span
        className={classNames("shrink-0 truncate text-sm", isCompact ? "text-ink-soft" : "w-24 font-medium")}
      >
        {who}
      </span>
      <div
        role="img"
        aria-label={t("label", { who })}
        className={classNames(
          "overflow-hidden rounded-full bg-sunken",
          isCompact ? "h-2 w-16" : "h-3 min-w-16 flex-1 ring-1 ring-line",
        )}
      >
        <div ref={bar} className={classNames("h-full origin-left scale-x-0 rounded-full", fills[side])} />
      </div>
      {!isCompact && (
        <span
          className={classNames(
            "flex w-32 shrink-0 items-center gap-1 text-sm",
            isHeard ? "font-medium text-ok" : "text-ink-faint",
          )}
        >
          {isHeard && <Check aria-hidden="true" className="size-4" />}
          {isHeard ? t("heard") : t("waiting")}
        </span>
      )}
    </div>
  );
}
