"use client";

import { useTranslations } from "next-intl";
import { useEffect, useId, useRef, useState } from "react";
import type { CaptureCondition } from "../../../lib/client/capture-condition.ts";
import type { HostSeat } from "../../../lib/client/host-seats.ts";
import type { LiveSession, SoundState } from "../../../lib/client/live-session.ts";
import { sidesOf } from "../start/sound-check.tsx";
import { Button, buttonClasses } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";
import { OtherInput } from "./input-choice.tsx";
import { useInputDevices } from "./use-input-devices.ts";
import type { SoundRepair } from "./use-sound-repair.ts";

/** What is the matter with the sound, in words, each with the button that mends it; the gravest first. */
export function SoundNotices({
  session,
  seat,
  sound,
  repair,
  isStopping,
  onStop,
}: {
  readonly session: LiveSession;
  readonly seat: HostSeat | null;
  readonly sound: SoundState;
  readonly repair: SoundRepair;
  readonly isStopping: boolean;
  readonly onStop: () => void;
}) {
  const t = useTranslations("sound");
  const errors = useTranslations("soundError");
  const hasTried = useRef(false);

  // After a reload the microphone opens by itself; a file needs the person.
  const canReopenAlone = seat !== null && seat.source.kind !== "file";
  useEffect(() => {
    if (sound.kind !== "none" || !canReopenAlone || hasTried.current) return;
    hasTried.current = true;
    void repair.reopen(null);
  });

  if (isStopping || seat === null || sound.kind === "ended") return null;
  const { error } = repair;
  // A failed click changes the words of the notice it belongs to, and needs no other one.
  const isToldInPlace =
    sound.kind === "flowing" &&
    (error?.asked === "input" ? sound.condition.inputLoss !== null : sound.condition.hasSharingEnded);
  return (
    <>
      {error !== null && !isToldInPlace && (
        <Notice tone="danger" isUrgent>
          {errors(error.code)}
        </Notice>
      )}
      {sound.kind === "none" && (!canReopenAlone || repair.error !== null) && (
        <SoundNeeded seat={seat} repair={repair} />
      )}
      {sound.kind === "flowing" && (
        <>
          <Losses session={session} condition={sound.condition} repair={repair} />
          {sound.isStalled && (
            <Notice
              tone="danger"
              isUrgent
              action={
                <Button size="small" disabled={repair.isBusy} onClick={() => void repair.reopen(null)}>
                  {t("chooseAgain")}
                </Button>
              }
            >
              {t("stalled")}
            </Notice>
          )}
          <Doubts session={session} seat={seat} condition={sound.condition} repair={repair} onStop={onStop} />
        </>
      )}
    </>
  );
}

/** The call is open and this tab has no sound for it: after a reload. */
function SoundNeeded({ seat, repair }: { readonly seat: HostSeat; readonly repair: SoundRepair }) {
  const t = useTranslations("sound");
  const fileInput = useId();
  if (seat.source.kind !== "file") {
    return (
      <Notice
        tone="warn"
        isUrgent
        action={
          <Button size="small" disabled={repair.isBusy} onClick={() => void repair.reopen(null)}>
            {t("resume")}
          </Button>
        }
      >
        {t("needed")}
      </Notice>
    );
  }
  return (
    <Notice
      tone="warn"
      isUrgent
      action={
        <>
          <input
            id={fileInput}
            type="file"
            accept="audio/*,video/mp4,video/webm"
            className="peer sr-only"
            onChange={(event) => {
              void repair.reopen(event.target.files?.[0] ?? null);
            }}
          />
          <label htmlFor={fileInput} className={buttonClasses("plain", "small")}>
            {t("resume")}
          </label>
        </>
      }
    >
      {t("neededFile", { name: seat.source.name })}
    </Notice>
  );
}

/** Sound that is not captured at this moment. */
function Losses({
  session,
  condition,
  repair,
}: {
  readonly session: LiveSession;
  readonly condition: CaptureCondition;
  readonly repair: SoundRepair;
}) {
  const t = useTranslations("sound");
  const errors = useTranslations("soundError");
  const { error } = repair;
  const { inputLoss, isHalted } = condition;
  const devices = useInputDevices(inputLoss !== null);
  // Nothing comes through: what else is the matter can wait, and what would still be recorded is not.
  if (condition.isBlocked || condition.isBroken) {
    return (
      <Notice
        tone="danger"
        isUrgent
        action={
          <Button look="primary" size="small" disabled={repair.isBusy} onClick={() => void repair.unblock()}>
            {t("unblock")}
          </Button>
        }
      >
        {t(condition.isBroken ? "broken" : "blocked")}
      </Notice>
    );
  }
  return (
    <>
      {inputLoss !== null && (
        <Notice
          tone="danger"
          isUrgent
          action={
            inputLoss === "permission" ? (
              <Button
                look="primary"
                size="small"
                disabled={repair.isBusy}
                onClick={() => void repair.switchInput(session.capture?.chosenInputId ?? null)}
              >
                {t("permit")}
              </Button>
            ) : (
              <OtherInput
                devices={devices}
                isBusy={repair.isBusy}
                onChoose={(deviceId) => void repair.switchInput(deviceId)}
              />
            )
          }
        >
          {error?.asked === "input"
            ? errors(error.code)
            : t(
                inputLoss === "permission"
                  ? isHalted
                    ? "permissionHalted"
                    : "permission"
                  : isHalted
                    ? "inputEndedHalted"
                    : "inputEnded",
              )}
        </Notice>
      )}
      {condition.hasSharingEnded && (
        <Notice
          tone={isHalted ? "danger" : "warn"}
          isUrgent
          action={
            <Button size="small" disabled={repair.isBusy} onClick={() => void repair.shareAgain()}>
              {t("shareAgain")}
            </Button>
          }
        >
          {error?.asked === "sharing"
            ? errors(error.code)
            : t(isHalted ? "sharingEndedHalted" : "sharingEnded")}
        </Notice>
      )}
    </>
  );
}

/** Sound that is captured, and yet something about it wants a look. */
function Doubts({
  session,
  seat,
  condition,
  repair,
  onStop,
}: {
  readonly session: LiveSession;
  readonly seat: HostSeat;
  readonly condition: CaptureCondition;
  readonly repair: SoundRepair;
  readonly onStop: () => void;
}) {
  const t = useTranslations("sound");
  const speakers = useTranslations("speaker");
  const troubles = useTranslations("trouble");
  const [readName, setReadName] = useState<string | null>(null);
  const { silentChannel, quietMinutes, movedTo } = condition;
  const kind = session.capture?.kind;
  const isTabSilent = kind === "tab" && silentChannel === 1;
  const isInputSilent = silentChannel !== null && !isTabSilent;
  const devices = useInputDevices(isInputSilent);
  const side = sidesOf(2, seat.layout).find(({ channel }) => channel === silentChannel)?.side;
  if (condition.isBlocked || condition.isBroken) return null;
  return (
    <>
      {condition.isInputMuted && (
        <Notice tone="warn" isUrgent>
          {t(kind === "tab" ? "muted" : "mutedAll")}
        </Notice>
      )}
      {silentChannel !== null && (
        <Notice
          tone="warn"
          isUrgent
          action={
            isTabSilent ? (
              <Button size="small" disabled={repair.isBusy} onClick={() => void repair.shareAgain()}>
                {t("shareAgain")}
              </Button>
            ) : (
              <OtherInput
                devices={devices}
                isBusy={repair.isBusy}
                onChoose={(deviceId) => void repair.switchInput(deviceId)}
              />
            )
          }
        >
          {isTabSilent
            ? t("silentTab")
            : kind === "tab"
              ? t("silentMicrophone")
              : t("silentChannel", { who: speakers(side === "prospect" ? "prospect" : "rep") })}
        </Notice>
      )}
      {quietMinutes > 0 && (
        <Notice
          tone="warn"
          action={
            <>
              <Button
                size="small"
                onClick={() => {
                  session.capture?.keepGoing();
                }}
              >
                {t("keepGoing")}
              </Button>
              <Button size="small" look="danger" aria-keyshortcuts="Shift+S" onClick={onStop}>
                {t("stopNow")}
              </Button>
            </>
          }
        >
          {t("quiet", { minutes: quietMinutes })}
        </Notice>
      )}
      {movedTo !== null && movedTo !== readName && (
        <Notice
          tone="neutral"
          dismiss={{
            label: troubles("dismiss"),
            run: () => {
              setReadName(movedTo);
            },
          }}
        >
          {t("movedTo", { name: movedTo })}
        </Notice>
      )}
    </>
  );
}
