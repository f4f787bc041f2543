"use client";

import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import type { LiveSession, LiveSessionSnapshot } from "../../../lib/client/live-session.ts";
import type { ConnectionState } from "../../../lib/client/call-socket.ts";
import { classNames } from "../ui/class-names.ts";

/** Audio waiting longer than this is worth a word, in ms. */
const noteworthyUnsentMs = 2000;

const dots: Readonly<Record<ConnectionState["kind"], string>> = {
  connecting: "bg-warn",
  open: "bg-ok",
  reconnecting: "bg-danger",
  taken_over: "bg-danger",
  refused: "bg-danger",
  closed: "bg-line-strong",
};

/** Runs a reading again every so often while it is shown. */
export function usePolled<Value>(read: () => Value, everyMs: number): Value {
  const [value, setValue] = useState(read);
  useEffect(() => {
    const timer = setInterval(() => {
      setValue(read());
    }, everyMs);
    return () => {
      clearInterval(timer);
    };
  }, [read, everyMs]);
  return value;
}

/** What is the matter, in the words of `connection`. */
function keyOf(
  session: LiveSession,
  { connection, sound, isStopping }: LiveSessionSnapshot,
  unsentMs: number,
) {
  if (connection.kind === "reconnecting") {
    if (session.role === "observer") return "reconnectingObserver";
    if (isStopping) return "stopWaits";
    if (sound.kind !== "flowing") return "reconnectingSilent";
    return connection.isRestarting ? "draining" : "reconnecting";
  }
  // The notice says it at length.
  if (connection.kind === "taken_over" || connection.kind === "refused") return "closed";
  const isBehind = connection.kind === "open" && unsentMs > noteworthyUnsentMs;
  return isBehind ? "catchingUp" : connection.kind;
}

/** The state of the connection in words, with what waits to be sent. */
export function ConnectionText({
  session,
  snapshot,
}: {
  readonly session: LiveSession;
  readonly snapshot: LiveSessionSnapshot;
}) {
  const t = useTranslations("connection");
  const [readUnsent] = useState(() => () => session.unsentMs);
  const unsentMs = usePolled(readUnsent, 500);
  const { kind } = snapshot.connection;
  const key = keyOf(session, snapshot, unsentMs);
  return (
    <span role="status" data-connection={kind} className="flex min-w-0 items-center gap-2 text-sm">
      <span
        aria-hidden="true"
        className={classNames(
          "size-2.5 shrink-0 rounded-full",
          key === "catchingUp" ? "bg-warn" : dots[kind],
        )}
      />
      <span className="min-w-0">
        {t(key)}
        {(kind === "reconnecting" ? unsentMs > 0 : key === "catchingUp") && (
          <span
            className="ml-1.5 whitespace-nowrap text-ink-soft"
            aria-live="off"
            data-unsent-ms={Math.round(unsentMs)}
          >
            {t("unsent", { seconds: Math.round(unsentMs / 1000) })}
          </span>
        )}
      </span>
    </span>
  );
}
