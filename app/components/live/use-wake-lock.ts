"use client";

import { useEffect } from "react";

/** Keeps the screen on while a call is captured; browsers let go of it in hidden tabs. */
export function useWakeLock(isWanted: boolean): void {
  useEffect(() => {
    const { wakeLock } = navigator as { readonly wakeLock?: WakeLock };
    if (!isWanted || wakeLock === undefined) return;
    let held: WakeLockSentinel | null = null;
    let isOver = false;
    let isAsking = false;
    const take = (): void => {
      if (document.visibilityState !== "visible" || isAsking || held?.released === false) return;
      isAsking = true;
      wakeLock
        .request("screen")
        .then(
          (sentinel) => {
            if (isOver) void sentinel.release();
            else held = sentinel;
          },
          // Refused, for example on low battery: the call goes on all the same.
          () => undefined,
        )
        .finally(() => {
          isAsking = false;
        });
    };
    take();
    document.addEventListener("visibilitychange", take);
    return () => {
      isOver = true;
      document.removeEventListener("visibilitychange", take);
      void held?.release();
    };
  }, [isWanted]);
}
