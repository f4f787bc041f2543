"use client";

import { useEffect, useLayoutEffect, useState, useSyncExternalStore } from "react";
import { loadHostSeat, type HostSeat } from "../../../lib/client/host-seats.ts";
import { liveRegistry } from "../../../lib/client/live-registry.ts";
import { LiveSession, type LiveSessionSnapshot } from "../../../lib/client/live-session.ts";
import { observerToken, RestError } from "../../../lib/client/rest-client.ts";

export type JoinState =
  | { readonly kind: "joining" }
  | { readonly kind: "joined"; readonly session: LiveSession; readonly seat: HostSeat | null }
  | { readonly kind: "failed"; readonly error: unknown; readonly isUnknownCall: boolean };

/** Where an observer's token comes without the address of the socket. */
const socketPath = "/socket.io/";

async function observe(callId: string): Promise<LiveSession> {
  const token = await observerToken(callId);
  return new LiveSession({
    origin: location.origin,
    socketPath,
    callId,
    token,
    role: "observer",
    channels: 1,
    isNew: false,
  });
}

function resume(seat: HostSeat): LiveSession {
  return new LiveSession({
    origin: location.origin,
    socketPath: seat.socketPath,
    callId: seat.callId,
    token: seat.token,
    role: "host",
    channels: seat.channels,
    isNew: false,
  });
}

/** This tab's place in the call: the running one, the host's again after a reload, or an observer's. */
export function useJoin(callId: string): JoinState {
  const [state, setState] = useState<JoinState>({ kind: "joining" });
  useEffect(() => {
    let isGone = false;
    const seat = loadHostSeat(callId, sessionStorage);
    const running = liveRegistry.get(callId);
    if (running !== null || seat !== null) {
      const session = running ?? (seat === null ? null : resume(seat));
      if (session === null) return;
      if (running === null) liveRegistry.add(session);
      setState({ kind: "joined", session, seat });
      return;
    }
    void observe(callId).then(
      (session) => {
        if (isGone) void session.close();
        else {
          liveRegistry.add(session);
          setState({ kind: "joined", session, seat: null });
        }
      },
      (error: unknown) => {
        const isUnknownCall = error instanceof RestError && error.problem?.status === 404;
        if (!isGone) setState({ kind: "failed", error, isUnknownCall });
      },
    );
    return () => {
      isGone = true;
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
