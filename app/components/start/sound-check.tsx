"use client";

import { Check, CircleSlash, Volume2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { useId } from "react";
import { LevelMeter, type Side } from "../level-meter.tsx";
import { Button, buttonClasses } from "../ui/button.tsx";
import { classNames } from "../ui/class-names.ts";
import { clockText } from "../ui/clock-text.ts";
import { Notice } from "../ui/notice.tsx";
import { Segmented } from "../ui/segmented.tsx";
import type { SoundSource } from "./use-sound-source.ts";

/** Channel of each side, in the order in which people think of them: me, then the customer. */
export function sidesOf(channels: 1 | 2, layout: "LR" | "RL"): readonly { side: Side; channel: number }[] {
  if (channels === 1) return [{ side: "both", channel: 0 }];
  return [
    { side: "rep", channel: layout === "LR" ? 0 : 1 },
    { side: "prospect", channel: layout === "LR" ? 1 : 0 },
  ];
}

/** Proves that both sides are heard before the call begins. */
export function SoundCheck({ source }: { readonly source: SoundSource }) {
  const t = useTranslations("source");
  const errors = useTranslations("soundError");
  const { capture, kind, layout } = source;
  const isTwoSided =
    kind === "two_channel" || (kind === "file" && source.file?.sound.sound.numberOfChannels === 2);
  return (
    <div className="space-y-3">
      {isTwoSided && (
        <div>
          <p className="mb-1 text-sm font-medium">{t("layout")}</p>
          <Segmented
            label={t("layout")}
            value={layout}
            onChange={source.chooseLayout}
            choices={[
              { value: "LR", label: t("layoutLR") },
              { value: "RL", label: t("layoutRL") },
            ]}
          />
          {kind === "two_channel" && <p className="mt-1 text-xs text-ink-soft">{t("swapHint")}</p>}
        </div>
      )}
      {kind === "file" ? (
        <FileCheck source={source} />
      ) : (
        <>
          {kind === "tab" && capture === null && <p className="text-sm text-ink-soft">{t("tabSteps")}</p>}
          {capture !== null && (
            <div className="space-y-2 rounded-control bg-canvas p-3">
              {sidesOf(capture.channels, kind === "two_channel" ? layout : "LR").map(({ side, channel }) => (
                <LevelMeter key={side} capture={capture} channel={channel} side={side} />
              ))}
            </div>
          )}
          {capture === null ? (
            <Button
              disabled={source.state === "opening"}
              onClick={() => {
                void source.open();
              }}
            >
              <Volume2 aria-hidden="true" className="size-4" />
              {source.state === "opening" ? t("opening") : t(kind === "tab" ? "shareAndTest" : "test")}
            </Button>
          ) : (
            <Button look="quiet" size="small" onClick={source.release}>
              {t("stopTest")}
            </Button>
          )}
        </>
      )}
      {source.error !== null && (
        <Notice tone="danger" isUrgent>
          {errors(source.error)}
        </Notice>
      )}
    </div>
  );
}

function FileCheck({ source }: { readonly source: SoundSource }) {
  const t = useTranslations("source");
  const speakers = useTranslations("speaker");
  const levels = useTranslations("levels");
  const id = useId();
  const { file, layout } = source;
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap items-center gap-3">
        <input
          id={id}
          type="file"
          accept="audio/*,video/mp4,video/webm"
          className="peer sr-only"
          onChange={(event) => {
            const chosen = event.target.files?.[0];
            if (chosen !== undefined) void source.chooseFile(chosen);
          }}
        />
        <label
          htmlFor={id}
          className={classNames(
            buttonClasses("plain"),
            "peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-focus",
          )}
        >
          {source.state === "opening" ? t("decoding") : t(file === null ? "chooseFile" : "changeFile")}
        </label>
        {file !== null && (
          <span className="min-w-0 text-sm">
            <span className="block truncate font-medium">{file.name}</span>
            <span className="text-ink-soft">
              {clockText(file.sound.durationMs)} ·{" "}
              {t(file.sound.heard.length === 1 ? "fileMono" : "fileStereo")}
            </span>
          </span>
        )}
      </div>
      {file !== null && (
        <ul className="flex flex-wrap gap-x-6 gap-y-1 rounded-control bg-canvas p-3 text-sm">
          {sidesOf(file.sound.heard.length === 1 ? 1 : 2, layout).map(({ side, channel }) => {
            const isHeard = file.sound.heard[channel] === true;
            const Icon = isHeard ? Check : CircleSlash;
            return (
              <li key={side} className="flex items-center gap-2" data-side={side} data-heard={isHeard}>
                <Icon
                  aria-hidden="true"
                  className={classNames("size-4", isHeard ? "text-ok" : "text-warn")}
                />
                <span className="font-medium">{side === "both" ? levels("both") : speakers(side)}</span>
                <span className="text-ink-soft">{t(isHeard ? "fileHeard" : "fileSilent")}</span>
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}
