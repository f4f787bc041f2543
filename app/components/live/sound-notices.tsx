"use client";

import { useTranslations } from "next-intl";
import { useEffect, useId, useRef, useState } from "react";
import { AudioCapture, type CaptureRequest } from "../../../lib/client/audio-capture.ts";
import { captureErrorOf, type CaptureErrorCode } from "../../../lib/client/capture-error.ts";
import type { HostSeat, SavedSource } from "../../../lib/client/host-seats.ts";
import type { LiveSession, SoundState } from "../../../lib/client/live-session.ts";
import { fetchRecordedCall } from "../../../lib/client/recorded-calls.ts";
import { decodeSoundFile } from "../../../lib/client/sound-file.ts";
import { Button, buttonClasses } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";

async function requestOf(source: SavedSource, file: File | null): Promise<CaptureRequest | null> {
  switch (source.kind) {
    case "microphone":
    case "two_channel":
      return source;
    case "tab":
      // The microphone at once; sharing takes a click, for which the notice of the ended sharing asks.
      return { ...source, isSharedLater: true };
    case "recorded": {
      const { sound } = await decodeSoundFile(await fetchRecordedCall(source));
      return { kind: "recorded", sound };
    }
    case "file": {
      if (file === null) return null;
      const { sound } = await decodeSoundFile(await file.arrayBuffer());
      return { kind: "file", sound };
    }
  }
}

/** What is the matter with the sound, in words, each with the button that mends it. */
export function SoundNotices({
  session,
  seat,
  sound,
  isStopping,
}: {
  readonly session: LiveSession;
  readonly seat: HostSeat | null;
  readonly sound: SoundState;
  readonly isStopping: boolean;
}) {
  const t = useTranslations("sound");
  const errors = useTranslations("soundError");
  const fileInput = useId();
  const [error, setError] = useState<CaptureErrorCode | null>(null);
  const [isBusy, setBusy] = useState(false);
  const hasTried = useRef(false);

  const attempt = async (act: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await act();
    } catch (failure) {
      setError(captureErrorOf(failure, "input").code);
    } finally {
      setBusy(false);
    }
  };
  const reopen = (file: File | null) =>
    attempt(async () => {
      const isWanted = seat !== null && (await session.wantsSound());
      const request = isWanted ? await requestOf(seat.source, file) : null;
      if (request !== null) await session.attach(await AudioCapture.open(request));
    });

  // After a reload the microphone opens by itself; a file needs the person.
  const canReopenAlone = seat !== null && seat.source.kind !== "file";
  useEffect(() => {
    if (sound.kind !== "none" || !canReopenAlone || hasTried.current) return;
    hasTried.current = true;
    void reopen(null);
  });

  if (isStopping || seat === null) return null;
  const condition = sound.kind === "flowing" ? sound.condition : null;
  return (
    <>
      {sound.kind === "none" &&
        (seat.source.kind === "file" ? (
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
                    void reopen(event.target.files?.[0] ?? null);
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
        ) : (
          (!canReopenAlone || error !== null) && (
            <Notice
              tone="warn"
              isUrgent
              action={
                <Button size="small" disabled={isBusy} onClick={() => void reopen(null)}>
                  {t("resume")}
                </Button>
              }
            >
              {t("needed")}
            </Notice>
          )
        ))}
      {condition?.isBlocked === true && (
        <Notice
          tone="warn"
          isUrgent
          action={
            <Button
              look="primary"
              size="small"
              onClick={() => void attempt(async () => session.capture?.unblock())}
            >
              {t("unblock")}
            </Button>
          }
        >
          {t("blocked")}
        </Notice>
      )}
      {condition?.hasSharingEnded === true && (
        <Notice
          tone="warn"
          isUrgent
          action={
            <Button
              size="small"
              disabled={isBusy}
              onClick={() => void attempt(async () => session.capture?.shareAgain())}
            >
              {t("shareAgain")}
            </Button>
          }
        >
          {t("sharingEnded")}
        </Notice>
      )}
      {sound.kind === "flowing" && (sound.condition.inputLoss !== null || sound.isStalled) && (
        <Notice
          tone="danger"
          isUrgent
          action={
            <Button size="small" disabled={isBusy} onClick={() => void reopen(null)}>
              {t("chooseAgain")}
            </Button>
          }
        >
          {t(sound.condition.inputLoss === null ? "stalled" : "inputEnded")}
        </Notice>
      )}
      {error !== null && (
        <Notice tone="danger" isUrgent>
          {errors(error)}
        </Notice>
      )}
    </>
  );
}
