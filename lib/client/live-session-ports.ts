import type { ConnectionRole } from "../contract/vocabulary.ts";
import type { FrameNotifier } from "./frame-notifier.ts";
import type { HostClaims } from "./host-claim.ts";
import type { WatchPageLife } from "./page-life.ts";
import type { OpenSocket } from "./socket-port.ts";
import type { Timers } from "./timers.ts";
import type { UnsentStore } from "./unsent-store.ts";

/** What a session needs of the browser. */
export interface LiveSessionPorts {
  readonly openSocket: OpenSocket;
  readonly store: UnsentStore;
  readonly claims: HostClaims;
  readonly timers: Timers;
  readonly watchPageLife: WatchPageLife;
  readonly notifier: Pick<FrameNotifier, "subscribe" | "notify">;
  readonly wallClockMs: () => number;
  /** Audio that may wait at most; beyond it the oldest is given up. */
  readonly unsentBoundSec: number;
  readonly random: () => number;
}

export interface LiveSessionOptions {
  readonly origin: string;
  readonly socketPath: string;
  readonly callId: string;
  readonly token: string;
  readonly role: ConnectionRole;
  readonly channels: 1 | 2;
  /**
   * For a call that this tab has just started, whose audio begins at sample 0: how to be its host again,
   * to be kept in the browser. Null for one that exists already.
   */
  readonly newSeat: { readonly callId: string } | null;
}
