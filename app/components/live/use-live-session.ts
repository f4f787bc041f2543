"use client";

import { useEffect, useLayoutEffect, useState, useSyncExternalStore } from "react";
import { loadHostSeat, saveHostSeat, type HostSeat } from "../../../lib/client/host-seats.ts";
import { liveRegistry } from "../../../lib/client/live-registry.ts";
import type { LiveSession, LiveSessionSnapshot } from "../../../lib/client/live-session.ts";
import { openSession, orphanedSeat } from "../../../lib/client/open-session.ts";
import { observerToken, RestError } from "../../../lib/client/rest-client.ts";

export type JoinState =
  | { readonly kind: "joining" }
  | { readonly kind: "joined"; readonly session: LiveSession; readonly seat: HostSeat | null }
  | { readonly kind: "failed"; readonly error: unknown; readonly isUnknownCall: boolean };

/** Where an observer's token comes without the address of the socket. */
const socketPath = "/socket.io/";

function observe(callId: string, token: string): LiveSession {
  return openSession({
    origin: location.origin,
    socketPath,
    callId,
    token,
    role: "observer",
    channels: 1,
    newSeat: null,
  });
}

function resume(seat: HostSeat): LiveSession {
  return openSession({
    origin: location.origin,
    socketPath: seat.socketPath,
    callId: seat.callId,
    token: seat.token,
    role: "host",
    channels: seat.channels,
    newSeat: null,
  });
}

/** This tab's place in the call: the running one, the host's again after a reload, or an observer's. */
export function useJoin(callId: string): JoinState {
  const [state, setState] = useState<JoinState>({ kind: "joining" });
  useEffect(() => {
    const gone = new AbortController();
    const running = liveRegistry.get(callId);
    const ownSeat = loadHostSeat(callId, sessionStorage);
    if (running !== null) {
      setState({ kind: "joined", session: running, seat: ownSeat });
      return;
    }
    const join = async (): Promise<void> => {
      // A tab that died left its seat in the browser; one that lives keeps it.
      const seat = ownSeat ?? (await orphanedSeat(callId));
      gone.signal.throwIfAborted();
      const session = seat === null ? observe(callId, await observerToken(callId)) : resume(seat);
      if (gone.signal.aborted) {
        void session.close();
        return;
      }
      if (seat !== null) saveHostSeat(seat, sessionStorage);
      liveRegistry.add(session);
      setState({ kind: "joined", session, seat });
    };
    join().catch((error: unknown) => {
      const isUnknownCall = error instanceof RestError && error.problem?.status === 404;
      if (!gone.signal.aborted) setState({ kind: "failed", error, isUnknownCall });
    });
    return () => {
      gone.abort();
    };
  }, [callId]);

  // An observer's place ends with the page; a host's call goes on while they look something up.
  const session = state.kind === "joined" ? state.session : null;
  useEffect(
    () => () => {
      if (session?.role === "observer") void liveRegistry.remove(session.callId);
    },
    [session],
  );
  return state;
}

export function useSnapshot(session: LiveSession): LiveSessionSnapshot {
  const snapshot = useSyncExternalStore(session.subscribe, session.snapshot, session.snapshot);
  useLayoutEffect(() => {
    session.paint.laidOut();
  }, [session, snapshot]);
  return snapshot;
}
