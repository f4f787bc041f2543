import { parseHostSeat, type HostSeat } from "./host-seats.ts";
import type { HostClaims } from "./host-claim.ts";
import type { KeptCall, UnsentStore } from "./unsent-store.ts";

/** What no call that could still go on has left behind: the longest one takes four hours. */
const oldestMs = 24 * 3600 * 1000;
/** Three stereo calls of ten minutes each that nobody finished. */
const maxKeptBytes = 128 * 1024 * 1024;

/** Lets go of what calls left behind that are over, oldest first until the rest fits; gives what is left. */
export async function sweepKeptCalls(store: UnsentStore, nowMs: number): Promise<readonly KeptCall[]> {
  const left: KeptCall[] = [];
  let bytes = 0;
  const newestFirst = [...(await store.list())].sort((a, b) => b.touchedAtMs - a.touchedAtMs);
  for (const call of newestFirst) {
    bytes += call.audioBytes;
    if (nowMs - call.touchedAtMs > oldestMs || bytes > maxKeptBytes) await store.forget(call.callId);
    else left.push(call);
  }
  return left;
}

/** Calls that this browser was host of and that no page of it is host of now, newest first. */
export async function openKeptCalls(
  store: UnsentStore,
  claims: HostClaims,
  nowMs: number,
): Promise<readonly HostSeat[]> {
  const seats: HostSeat[] = [];
  for (const call of await sweepKeptCalls(store, nowMs)) {
    const seat = parseHostSeat(call.seat);
    if (seat !== null && !(await claims.isHeldElsewhere(call.callId))) seats.push(seat);
  }
  return seats;
}
