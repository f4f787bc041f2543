"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { AudioCapture, type CaptureRequest, type SourceKind } from "../../../lib/client/audio-capture.ts";
import { captureErrorOf, type CaptureErrorCode } from "../../../lib/client/capture-error.ts";
import type { SavedSource } from "../../../lib/client/host-seats.ts";
import {
  listInputDevices,
  onInputDevicesChange,
  processingOn,
  type InputDevice,
  type MicrophoneProcessing,
} from "../../../lib/client/media-inputs.ts";
import { decodeSoundFile, type SoundFile } from "../../../lib/client/sound-file.ts";
import type { StereoLayout } from "../../../lib/contract/vocabulary.ts";

export type ChosenKind = Exclude<SourceKind, "recorded">;

export interface SoundSource {
  readonly kind: ChosenKind;
  readonly deviceId: string | null;
  readonly devices: readonly InputDevice[];
  readonly processing: MicrophoneProcessing;
  readonly layout: StereoLayout;
  readonly file: { readonly name: string; readonly sound: SoundFile } | null;
  readonly capture: AudioCapture | null;
  readonly state: "idle" | "opening";
  readonly error: CaptureErrorCode | null;
  readonly choose: (kind: ChosenKind) => void;
  readonly chooseDevice: (deviceId: string | null) => void;
  readonly chooseProcessing: (processing: MicrophoneProcessing) => void;
  readonly chooseLayout: (layout: StereoLayout) => void;
  readonly chooseFile: (file: File) => Promise<void>;
  /** Opens what was chosen; null when that failed, and `error` says why. */
  readonly open: () => Promise<AudioCapture | null>;
  /** Lets go of the devices. */
  readonly release: () => void;
  /** The capture now belongs to the call. */
  readonly handOver: () => void;
  readonly saved: () => SavedSource;
}

/** The choice of sound on the start page, and the open capture behind its level meters. */
export function useSoundSource(): SoundSource {
  const [kind, setKind] = useState<ChosenKind>("microphone");
  const [deviceId, setDeviceId] = useState<string | null>(null);
  const [devices, setDevices] = useState<readonly InputDevice[]>([]);
  const [processing, setProcessing] = useState(processingOn);
  const [layout, setLayout] = useState<StereoLayout>("LR");
  const [file, setFile] = useState<SoundSource["file"]>(null);
  const [capture, setCapture] = useState<AudioCapture | null>(null);
  const [state, setState] = useState<SoundSource["state"]>("idle");
  const [error, setError] = useState<CaptureErrorCode | null>(null);
  const owned = useRef<AudioCapture | null>(null);

  const refreshDevices = useCallback(() => {
    // Without access to devices there is nothing to choose from; opening tells why.
    listInputDevices().then(setDevices, () => {
      setDevices([]);
    });
  }, []);

  useEffect(() => {
    refreshDevices();
    return onInputDevicesChange(refreshDevices);
  }, [refreshDevices]);

  useEffect(
    () => () => {
      void owned.current?.close();
      owned.current = null;
    },
    [],
  );

  const release = (): void => {
    void owned.current?.close();
    owned.current = null;
    setCapture(null);
  };

  const requestOf = (): CaptureRequest | null => {
    switch (kind) {
      case "microphone":
      case "tab":
        return { kind, deviceId, processing };
      case "two_channel":
        return { kind, deviceId };
      case "file":
        return file === null ? null : { kind, sound: file.sound.sound };
    }
  };

  const open = async (): Promise<AudioCapture | null> => {
    if (owned.current !== null) return owned.current;
    const request = requestOf();
    if (request === null) return null;
    setState("opening");
    setError(null);
    try {
      const opened = await AudioCapture.open(request);
      opened.subscribe((event) => {
        if (event.type !== "condition" || owned.current !== opened) return;
        const { hasSharingEnded, inputLoss } = event.condition;
        if (!hasSharingEnded && inputLoss === null) return;
        setError(
          hasSharingEnded
            ? "sharing_cancelled"
            : inputLoss === "permission"
              ? "permission_denied"
              : "no_device",
        );
        release();
      });
      owned.current = opened;
      setCapture(opened);
      refreshDevices();
      return opened;
    } catch (failure) {
      setError(captureErrorOf(failure, "input").code);
      return null;
    } finally {
      setState("idle");
    }
  };

  return {
    kind,
    deviceId,
    devices,
    processing,
    layout,
    file,
    capture,
    state,
    error,
    open,
    release,
    choose: (chosen) => {
      release();
      setError(null);
      setKind(chosen);
    },
    chooseDevice: (chosen) => {
      release();
      setDeviceId(chosen);
    },
    chooseProcessing: (chosen) => {
      release();
      setProcessing(chosen);
    },
    chooseLayout: setLayout,
    chooseFile: async (chosen) => {
      release();
      setFile(null);
      setError(null);
      setState("opening");
      try {
        setFile({ name: chosen.name, sound: await decodeSoundFile(await chosen.arrayBuffer()) });
      } catch (failure) {
        setError(captureErrorOf(failure, "input").code);
      } finally {
        setState("idle");
      }
    },
    handOver: () => {
      owned.current = null;
      setCapture(null);
    },
    saved: () => {
      switch (kind) {
        case "microphone":
        case "tab":
          return { kind, deviceId, processing };
        case "two_channel":
          return { kind, deviceId };
        case "file":
          return { kind, name: file?.name ?? "" };
      }
    },
  };
}
