"use client";

import { useCallback, useSyncExternalStore } from "react";
import { callAlertOf, type CallAlert } from "../../lib/client/call-alert.ts";
import { liveRegistry } from "../../lib/client/live-registry.ts";

export interface HostedCall {
  readonly callId: string;
  readonly alert: CallAlert | null;
}

function nothing(): null {
  return null;
}

/** The call this tab is host of, on whatever page the person is, and what is the matter with it. */
export function useHostedCall(): HostedCall | null {
  const callId = useSyncExternalStore(liveRegistry.subscribe, liveRegistry.hostedCallId, nothing);
  const session = callId === null ? null : liveRegistry.get(callId);
  const alert = useSyncExternalStore(
    useCallback((run: () => void) => session?.subscribe(run) ?? (() => undefined), [session]),
    () => (session === null ? null : callAlertOf(session.snapshot())),
    nothing,
  );
  return callId === null ? null : { callId, alert };
}
