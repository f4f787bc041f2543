"use client";

import { useState } from "react";
import { AudioCapture, type CaptureRequest } from "../../../lib/client/audio-capture.ts";
import type { CaptureCondition } from "../../../lib/client/capture-condition.ts";
import { captureErrorOf, type CaptureErrorCode } from "../../../lib/client/capture-error.ts";
import { saveHostSeat, type HostSeat, type SavedSource } from "../../../lib/client/host-seats.ts";
import type { LiveSession } from "../../../lib/client/live-session.ts";
import { fetchRecordedCall } from "../../../lib/client/recorded-calls.ts";
import { decodeSoundFile } from "../../../lib/client/sound-file.ts";

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

/** After a reload the call goes on with the device that was last chosen. */
function rememberInput(seat: HostSeat, deviceId: string | null): void {
  const { source } = seat;
  if (source.kind === "file" || source.kind === "recorded") return;
  saveHostSeat({ ...seat, source: { ...source, deviceId } }, sessionStorage);
}

export interface SoundRepair {
  /** Why the last click could not mend what it was meant for. */
  readonly error: { readonly asked: "input" | "sharing"; readonly code: CaptureErrorCode } | null;
  readonly isBusy: boolean;
  /** Opens the whole sound again: after a reload, or when nothing else helps. */
  readonly reopen: (file: File | null) => Promise<void>;
  readonly switchInput: (deviceId: string | null) => Promise<void>;
  readonly shareAgain: () => Promise<void>;
  readonly unblock: () => Promise<void>;
}

/** What one click can mend about the sound of a call, and why the last one could not. */
export function useSoundRepair(session: LiveSession, seat: HostSeat | null): SoundRepair {
  const [failure, setFailure] = useState<{
    readonly asked: "input" | "sharing";
    readonly code: CaptureErrorCode;
    readonly condition: CaptureCondition | null;
  } | null>(null);
  const [isBusy, setBusy] = useState(false);
  const attempt = async (asked: "input" | "sharing", act: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      await act();
    } catch (error) {
      setFailure({
        asked,
        code: captureErrorOf(error, asked).code,
        condition: session.capture?.condition ?? null,
      });
    } finally {
      setBusy(false);
    }
  };
  // What failed is old news as soon as something about the sound has changed.
  const isCurrent = failure !== null && failure.condition === (session.capture?.condition ?? null);
  return {
    error: isCurrent ? failure : null,
    isBusy,
    reopen: (file) =>
      attempt("input", async () => {
        const isWanted = seat !== null && (await session.wantsSound());
        const request = isWanted ? await requestOf(seat.source, file) : null;
        if (request !== null) await session.attach(await AudioCapture.open(request));
      }),
    switchInput: (deviceId) =>
      attempt("input", async () => {
        await session.capture?.switchInput(deviceId);
        if (seat !== null) rememberInput(seat, deviceId);
      }),
    shareAgain: () => attempt("sharing", async () => session.capture?.shareAgain()),
    unblock: () => attempt("input", async () => session.capture?.unblock()),
  };
}
