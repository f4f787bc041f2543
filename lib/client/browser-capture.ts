import type { CaptureEnvironment } from "./capture-environment.ts";
import {
  listInputDevices,
  microphonePermission,
  onInputDevicesChange,
  onMicrophonePermissionChange,
  openMicrophone,
  openSharedSound,
  openTwoChannelInput,
} from "./media-inputs.ts";
import { openSoundGraph } from "./sound-graph.ts";

export const browserCapture: CaptureEnvironment = {
  openGraph: openSoundGraph,
  openMicrophone,
  openTwoChannelInput,
  openSharedSound,
  listInputDevices,
  onInputDevicesChange,
  microphonePermission,
  onMicrophonePermissionChange,
  onAttention: (run) => {
    const kinds = ["pointerdown", "keydown", "focus"] as const;
    for (const kind of kinds) window.addEventListener(kind, run);
    document.addEventListener("visibilitychange", run);
    return () => {
      for (const kind of kinds) window.removeEventListener(kind, run);
      document.removeEventListener("visibilitychange", run);
    };
  },
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};
