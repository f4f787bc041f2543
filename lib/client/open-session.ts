import { FrameNotifier } from "./frame-notifier.ts";
import { browserHostClaims } from "./host-claim.ts";
import type { HostSeat } from "./host-seats.ts";
import { openKeptCalls } from "./kept-calls.ts";
import { LiveSession } from "./live-session.ts";
import type { LiveSessionOptions } from "./live-session-ports.ts";
import { watchPageLife } from "./page-life.ts";
import { openSocketIo } from "./socket-port.ts";
import { browserTimers } from "./timers.ts";
import { IndexedDbUnsentStore } from "./unsent-store.ts";

/** Ten minutes: five times the default `RESUME_WINDOW_SEC`, 38 MB for stereo at 16 kHz. */
const unsentBoundSec = 600;

/** One for the tab: opened when the first call needs it. */
const unsentStore = new IndexedDbUnsentStore();

/** A session on this browser's own storage, locks and clock. */
export function openSession(options: LiveSessionOptions): LiveSession {
  return new LiveSession(options, {
    openSocket: openSocketIo,
    store: unsentStore,
    claims: browserHostClaims(),
    timers: browserTimers,
    watchPageLife,
    notifier: new FrameNotifier(),
    wallClockMs: () => Date.now(),
    unsentBoundSec,
    random: () => Math.random(),
  });
}

/** Calls that this browser was host of and that are not over, as far as it knows; newest first. */
export async function unfinishedCalls(): Promise<readonly HostSeat[]> {
  try {
    return await openKeptCalls(unsentStore, browserHostClaims(), Date.now());
  } catch {
    // Without storage nothing was kept.
    return [];
  }
}

/** The seat of a host whose page died; null when it lives, or was never here. */
export async function orphanedSeat(callId: string): Promise<HostSeat | null> {
  return (await unfinishedCalls()).find((seat) => seat.callId === callId) ?? null;
}

/** The call is over. */
export function forgetKeptCall(callId: string): void {
  unsentStore.forget(callId).catch(() => undefined);
}
