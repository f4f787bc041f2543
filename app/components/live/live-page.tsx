"use client";

import { useTranslations } from "next-intl";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useMemo, useRef, useState } from "react";
import type { ConnectionState } from "../../../lib/client/call-socket.ts";
import { forgetHostSeat, type HostSeat } from "../../../lib/client/host-seats.ts";
import type { ShownSuggestion } from "../../../lib/client/live-call.ts";
import { liveRegistry } from "../../../lib/client/live-registry.ts";
import type { LiveSession } from "../../../lib/client/live-session.ts";
import { forgetKeptCall } from "../../../lib/client/open-session.ts";
import { CallHerald } from "../call-herald.tsx";
import { problemText } from "../problem-text.ts";
import { Button, buttonClasses } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Notice } from "../ui/notice.tsx";
import { CallBar } from "./call-bar.tsx";
import { DeliveryNotices } from "./delivery-notices.tsx";
import { InsightPanel } from "./insight-panel.tsx";
import { LatencyPanel } from "./latency-panel.tsx";
import { NoticeStack } from "./notice-stack.tsx";
import { ShortcutsDialog, useShortcuts, type ShortcutAction } from "./shortcuts.tsx";
import { SoundNotices } from "./sound-notices.tsx";
import { newestSuggestion, SuggestionPanel } from "./suggestion-panel.tsx";
import { Transcript, type TranscriptControl } from "./transcript.tsx";
import { TroubleNotices } from "./trouble-notices.tsx";
import { useJoin, useSnapshot } from "./use-live-session.ts";
import { useSoundRepair } from "./use-sound-repair.ts";
import { useWakeLock } from "./use-wake-lock.ts";

const copiedShownMs = 1600;
/** Refusals after which there is no such call to come back to. */
const goneCodes: ReadonlySet<string> = new Set(["call_not_found", "not_found", "4404"]);

export function LivePage({ callId }: { readonly callId: string }) {
  const [joins, setJoins] = useState(0);
  return (
    <JoinedPage
      key={joins}
      callId={callId}
      onTakeBack={() => {
        // The session that was taken over has let go of everything: joining anew makes this tab the host again.
        setJoins(joins + 1);
      }}
    />
  );
}

function JoinedPage({ callId, onTakeBack }: { readonly callId: string; readonly onTakeBack: () => void }) {
  const join = useJoin(callId);
  const t = useTranslations("live");
  const problems = useTranslations("problem");
  if (join.kind === "joined") {
    return <LiveRoom session={join.session} seat={join.seat} onTakeBack={onTakeBack} />;
  }
  return (
    <main id="content" className="mx-auto max-w-xl px-5 py-20 text-center">
      {join.kind === "joining" ? (
        <p role="status" className="text-ink-soft">
          {t("joining")}
        </p>
      ) : (
        <>
          <h1 className="text-xl font-semibold">{t(join.isUnknownCall ? "notFound" : "joinFailed")}</h1>
          {!join.isUnknownCall && <p className="mt-2 text-ink-soft">{problemText(problems, join.error)}</p>}
          <Link href="/" className={`${buttonClasses("primary")} mt-8`}>
            {t("newCall")}
          </Link>
        </>
      )}
    </main>
  );
}

function LiveRoom({
  session,
  seat,
  onTakeBack,
}: {
  readonly session: LiveSession;
  readonly seat: HostSeat | null;
  readonly onTakeBack: () => void;
}) {
  const t = useTranslations("live");
  const router = useRouter();
  const snapshot = useSnapshot(session);
  const repair = useSoundRepair(session, seat);
  const { view, connection, sound, isStopping } = snapshot;
  const transcript = useRef<TranscriptControl>(null);
  const [copiedId, setCopiedId] = useState<string | null>(null);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [isStopAsked, setStopAsked] = useState(false);
  const isCompleted = view.completed !== null;
  const hasUndelivered = snapshot.undeliveredMs > 0;
  const isHost = session.role === "host";
  const isTold = view.troubles.some(({ state }) => state === "completing");
  useWakeLock(isHost && sound.kind === "flowing");

  useEffect(() => {
    if (!isCompleted) return;
    forgetHostSeat(session.callId, sessionStorage);
    // What could not be delivered is still here: the person decides.
    if (hasUndelivered) return;
    router.replace(`/history/${session.callId}`);
    void liveRegistry.remove(session.callId);
  }, [hasUndelivered, isCompleted, router, session]);

  // A call that ends without audio is deleted, not completed.
  const isOver =
    connection.kind === "refused" || connection.kind === "taken_over" || connection.kind === "closed";
  useEffect(() => {
    if (connection.kind === "refused") {
      forgetHostSeat(session.callId, sessionStorage);
      if (goneCodes.has(connection.code)) forgetKeptCall(session.callId);
    }
    if (isOver && !isCompleted) void liveRegistry.remove(session.callId);
  }, [connection, isCompleted, isOver, session]);

  useEffect(() => {
    if (copiedId === null) return;
    const timer = setTimeout(() => {
      setCopiedId(null);
    }, copiedShownMs);
    return () => {
      clearTimeout(timer);
    };
  }, [copiedId]);

  const copy = (suggestion: ShownSuggestion): void => {
    void navigator.clipboard.writeText(suggestion.text).then(() => {
      setCopiedId(suggestion.suggestion_id);
    });
  };
  const canChoose = isHost && connection.kind === "open" && !isStopping;
  const chooseVoice = useMemo(
    () =>
      canChoose
        ? (voice: number) => {
            session.chooseVoice(voice);
          }
        : null,
    [canChoose, session],
  );
  const stop = (): void => {
    void session.stop();
  };

  useShortcuts((action: ShortcutAction) => {
    const newest = newestSuggestion(view);
    const suggestion = newest?.status === "withdrawn" ? null : newest;
    switch (action) {
      case "copy":
        if (suggestion !== null) copy(suggestion);
        return;
      case "used":
        if (suggestion !== null && isHost) session.giveFeedback(suggestion.suggestion_id, "used");
        return;
      case "notHelpful":
        if (suggestion !== null && isHost) session.giveFeedback(suggestion.suggestion_id, "wrong");
        return;
      case "coach":
        if (isHost) session.toggleCoach(!view.isCoachEnabled);
        return;
      case "now":
        transcript.current?.toNow();
        return;
      case "stop":
        if (!isHost || isStopping) return;
        // Nobody has spoken for ten minutes, and the notice names this key: no second question.
        if (sound.kind === "flowing" && sound.condition.quietMinutes > 0) stop();
        else setStopAsked(true);
        return;
      case "help":
        setHelpOpen(true);
        return;
    }
  });

  return (
    <main
      id="content"
      className="mx-auto flex max-w-[96rem] flex-col gap-3 p-3 sm:p-4 lg:h-[calc(100dvh-3.3rem)] max-lg:min-h-[calc(100dvh-3.3rem)]"
    >
      {isOver && isHost && !isStopping && !isCompleted && (
        <CallHerald call={{ callId: session.callId, alert: "over" }} />
      )}
      <CallBar
        session={session}
        seat={seat}
        snapshot={snapshot}
        repair={repair}
        onStop={stop}
        onHelp={() => {
          setHelpOpen(true);
        }}
      />
      <div className="grid min-h-0 flex-1 gap-3 lg:grid-cols-[minmax(0,1fr)_minmax(22rem,30rem)]">
        <div className="flex min-h-0 flex-col gap-3 max-lg:sticky max-lg:top-2 max-lg:z-10 max-lg:h-fit lg:order-2">
          <SuggestionPanel
            session={session}
            view={view}
            copiedId={copiedId}
            canJudge={isHost}
            onCopy={copy}
            onJudge={(suggestion, verdict) => {
              session.giveFeedback(suggestion.suggestion_id, verdict);
            }}
          />
          <div className="mt-auto flex shrink-0 flex-col gap-3 max-lg:hidden">
            <InsightPanel view={view} />
            <LatencyPanel session={session} />
          </div>
        </div>
        <div className="flex min-h-0 min-w-0 flex-col gap-3 lg:order-1">
          <NoticeStack>
            {isOver && !isCompleted && (
              <CallOver
                isStopping={isStopping}
                connection={connection}
                onTakeBack={seat === null ? null : onTakeBack}
              />
            )}
            <SoundNotices
              session={session}
              seat={seat}
              repair={repair}
              sound={sound}
              isStopping={isStopping}
              onStop={stop}
            />
            <DeliveryNotices session={session} snapshot={snapshot} />
            {!isOver && <TroubleNotices session={session} troubles={view.troubles} />}
            {!isHost && <Notice tone="neutral">{t("observer")}</Notice>}
            {(isStopping || isCompleted) &&
              !isOver &&
              !isTold &&
              !hasUndelivered &&
              connection.kind === "open" && <Notice tone="neutral">{t("finishing")}</Notice>}
          </NoticeStack>
          <div className="grid min-h-0 flex-1 max-lg:h-[60dvh] max-lg:flex-none">
            <Transcript
              view={view}
              ref={transcript}
              isLive={view.session !== null}
              onChooseVoice={chooseVoice}
            />
          </div>
        </div>
        <div className="flex flex-col gap-3 lg:hidden">
          <InsightPanel view={view} />
          <LatencyPanel session={session} />
        </div>
      </div>
      <ShortcutsDialog isOpen={isHelpOpen} onOpenChange={setHelpOpen} />
      <Confirm
        title={t("stopTitle")}
        text={t("stopText")}
        confirmLabel={t("stopConfirm")}
        cancelLabel={t("keepGoing")}
        isOpen={isStopAsked}
        onOpenChange={setStopAsked}
        onConfirm={stop}
      />
    </main>
  );
}

const refusals: Readonly<Record<string, "refusedToken" | "refusedGone" | "refusedForbidden">> = {
  unauthorized: "refusedToken",
  token_expired: "refusedToken",
  "4401": "refusedToken",
  call_not_found: "refusedGone",
  not_found: "refusedGone",
  "4404": "refusedGone",
  not_allowed: "refusedForbidden",
  "4403": "refusedForbidden",
};

/** The connection ended without a completed call: what that means, and the way on. */
function CallOver({
  isStopping,
  connection,
  onTakeBack,
}: {
  readonly isStopping: boolean;
  readonly connection: Extract<ConnectionState, { readonly kind: "refused" | "taken_over" | "closed" }>;
  readonly onTakeBack: (() => void) | null;
}) {
  const t = useTranslations("live");
  const connections = useTranslations("connection");
  const key = (connection.kind === "refused" ? refusals[connection.code] : undefined) ?? connection.kind;
  return (
    <Notice
      tone={isStopping ? "neutral" : "danger"}
      isUrgent
      action={
        <>
          {connection.kind === "taken_over" && onTakeBack !== null && (
            <Button look="primary" size="small" onClick={onTakeBack}>
              {connections("takeBack")}
            </Button>
          )}
          <Link href="/" className={buttonClasses("plain", "small")}>
            {t("newCall")}
          </Link>
        </>
      }
    >
      {isStopping ? t("endedWithoutAudio") : connections(key)}
    </Notice>
  );
}
