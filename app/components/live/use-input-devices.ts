"use client";

import { useEffect, useState } from "react";
import {
  listInputDevices,
  onInputDevicesChange,
  type InputDevice,
} from "../../../lib/client/media-inputs.ts";

/** The input devices there are, kept up to date while they are wanted. */
export function useInputDevices(isWanted: boolean): readonly InputDevice[] {
  const [devices, setDevices] = useState<readonly InputDevice[]>([]);
  useEffect(() => {
    if (!isWanted) return;
    let isGone = false;
    const read = (): void => {
      listInputDevices().then(
        (listed) => {
          // "default" and "communications" are other names of devices in the list.
          const own = listed.filter(
            ({ deviceId }) => deviceId !== "default" && deviceId !== "communications",
          );
          if (!isGone) setDevices(own);
        },
        () => undefined,
      );
    };
    read();
    const stop = onInputDevicesChange(read);
    return () => {
      isGone = true;
      stop();
    };
  }, [isWanted]);
  return devices;
}
