"use client";

import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import type { LiveSession } from "../../../lib/client/live-session.ts";
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

/** The state of the connection in words. */
export function ConnectionText({
  session,
  connection,
}: {
  readonly session: LiveSession;
  readonly connection: ConnectionState;
}) {
  const t = useTranslations("connection");
  const [readUnsent] = useState(() => () => session.unsentMs);
  const unsentMs = usePolled(readUnsent, 500);
  const key =
    connection.kind === "reconnecting" && session.role === "observer"
      ? "reconnectingObserver"
      : connection.kind;
  return (
    <span role="status" data-connection={connection.kind} className="flex min-w-0 items-center gap-2 text-sm">
      <span
        aria-hidden="true"
        className={classNames("size-2.5 shrink-0 rounded-full", dots[connection.kind])}
      />
      <span>{t(key)}</span>
      {unsentMs > noteworthyUnsentMs && (
        <span className="shrink-0 text-ink-soft" aria-live="off">
          {t("unsent", { seconds: Math.round(unsentMs / 1000) })}
        </span>
      )}
    </span>
  );
}
