"use client";

import { ArrowLeft, Trash2 } from "lucide-react";
import { useFormatter, useTranslations } from "next-intl";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { deleteCall, fetchCall, RestError } from "../../../lib/client/rest-client.ts";
import type { CallReply } from "../../../lib/contract/rest.ts";
import type { AudioChannelView } from "../../../lib/contract/vocabulary.ts";
import { problemText } from "../problem-text.ts";
import { Button, buttonClasses } from "../ui/button.tsx";
import { clockText } from "../ui/clock-text.ts";
import { Confirm } from "../ui/dialog.tsx";
import { Notice } from "../ui/notice.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { CallDetails } from "./call-details.tsx";
import { CallDownloads } from "./call-downloads.tsx";
import { CallInsights } from "./call-insights.tsx";
import { CallObjections } from "./call-objections.tsx";
import { CallSummary } from "./call-summary.tsx";
import { CallTranscript } from "./call-transcript.tsx";
import { usePlayer } from "./use-player.ts";

type Loaded =
  | { readonly kind: "loading" }
  | { readonly kind: "ready"; readonly call: CallReply }
  | { readonly kind: "failed"; readonly error: unknown };

export function CallPage({ callId }: { readonly callId: string }) {
  const t = useTranslations("call");
  const history = useTranslations("history");
  const problems = useTranslations("problem");
  const errors = useTranslations("error");
  const [loaded, setLoaded] = useState<Loaded>({ kind: "loading" });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    fetchCall(callId, abort.signal).then(
      (call) => {
        setLoaded({ kind: "ready", call });
      },
      (error: unknown) => {
        if (!abort.signal.aborted) setLoaded({ kind: "failed", error });
      },
    );
    return () => {
      abort.abort();
    };
  }, [callId, attempt]);

  if (loaded.kind === "ready") {
    return (
      <CallRoom
        call={loaded.call}
        onChanged={(call) => {
          setLoaded({ kind: "ready", call });
        }}
      />
    );
  }
  const isUnknown =
    loaded.kind === "failed" && loaded.error instanceof RestError && loaded.error.problem?.status === 404;
  return (
    <main id="content" className="mx-auto max-w-xl px-5 py-20 text-center">
      {loaded.kind === "loading" ? (
        <p role="status" className="text-ink-soft">
          {t("loading")}
        </p>
      ) : (
        <>
          <h1 className="text-xl font-semibold">{t(isUnknown ? "notFound" : "failed")}</h1>
          {!isUnknown && <p className="mt-2 text-ink-soft">{problemText(problems, loaded.error)}</p>}
          <div className="mt-8 flex flex-wrap justify-center gap-3">
            {!isUnknown && (
              <Button
                look="primary"
                onClick={() => {
                  setLoaded({ kind: "loading" });
                  setAttempt((count) => count + 1);
                }}
              >
                {history("retry")}
              </Button>
            )}
            <Link href="/history" className={buttonClasses("plain")}>
              {errors("goHistory")}
            </Link>
          </div>
        </>
      )}
    </main>
  );
}

function CallRoom({
  call,
  onChanged,
}: {
  readonly call: CallReply;
  readonly onChanged: (call: CallReply) => void;
}) {
  const t = useTranslations("call");
  const live = useTranslations("live");
  const problems = useTranslations("problem");
  const format = useFormatter();
  const router = useRouter();
  const { call_metadata: metadata } = call;
  const audio = useRef<HTMLAudioElement>(null);
  const player = usePlayer(metadata.call_id, audio);
  const [isDeleteAsked, setDeleteAsked] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const channels: readonly AudioChannelView[] =
    metadata.audio_mode === "stereo" ? ["mix", "mic", "loop"] : ["mix"];
  const customer = [metadata.customer.name, metadata.customer.company].filter(Boolean).join(", ");
  const isCompleted = call.status === "completed";
  const jump = (segmentId: string, ms: number): void => {
    document.getElementById(segmentId)?.scrollIntoView({ block: "center" });
    player.playFrom(ms);
  };

  const remove = async (): Promise<void> => {
    try {
      await deleteCall(metadata.call_id);
      router.replace("/history");
    } catch (error) {
      setProblem(`${t("deleteFailed")} ${problemText(problems, error)}`);
    }
  };

  return (
    <main id="content" className="mx-auto max-w-6xl px-3 py-5 sm:px-6">
      <Link
        href="/history"
        className="mb-3 inline-flex min-h-8 items-center gap-1.5 rounded-control text-sm text-ink-soft hover:text-ink"
      >
        <ArrowLeft aria-hidden="true" className="size-4" />
        {t("back")}
      </Link>
      <div className="mb-4">
        <h1 className="text-2xl font-semibold tracking-tight break-words">
          {metadata.title === "" ? live("untitled") : metadata.title}
        </h1>
        <p className="mt-1 text-ink-soft">
          {customer !== "" && <>{customer} · </>}
          <time dateTime={metadata.start_time}>
            {format.dateTime(new Date(metadata.start_time), { dateStyle: "full", timeStyle: "short" })}
          </time>
          {" · "}
          {clockText(metadata.duration_ms)}
        </p>
      </div>
      {problem !== null && (
        <div className="mb-4">
          <Notice tone="danger" isUrgent>
            {problem}
          </Notice>
        </div>
      )}
      {!isCompleted && (
        <div className="mb-4">
          <Notice
            tone="warn"
            action={
              <Link href={`/live/${metadata.call_id}`} className={buttonClasses("plain", "small")}>
                {t("openLive")}
              </Link>
            }
          >
            {t("stillLive")}
          </Notice>
        </div>
      )}
      <section
        aria-label={t("player")}
        className="panel sticky top-2 z-20 mb-4 flex flex-wrap items-center gap-3 p-3 shadow-sm"
      >
        {/* The transcript on this page is the recording in words. */}
        <audio
          ref={audio}
          controls
          preload="metadata"
          src={player.address}
          className="h-10 min-w-0 flex-1 basis-64"
        />
        {channels.length > 1 && (
          <Segmented
            label={t("channel")}
            value={player.channel}
            onChange={player.chooseChannel}
            choices={channels.map((channel) => ({ value: channel, label: t(channel) }))}
            className="max-sm:w-full"
          />
        )}
      </section>
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <CallTranscript call={call} player={player} />
        <div className="space-y-4">
          <CallSummary call={call} />
          <CallObjections call={call} onJump={jump} />
          <CallInsights call={call} onJump={jump} />
          <CallDetails call={call} onChanged={onChanged} />
          <CallDownloads callId={metadata.call_id} channels={channels} />
          {isCompleted && (
            <Button
              look="quiet"
              className="w-full text-danger"
              onClick={() => {
                setDeleteAsked(true);
              }}
            >
              <Trash2 aria-hidden="true" className="size-4" />
              {t("delete")}
            </Button>
          )}
        </div>
      </div>
      <Confirm
        title={t("deleteTitle")}
        text={t("deleteText")}
        confirmLabel={t("deleteConfirm")}
        cancelLabel={t("cancel")}
        isOpen={isDeleteAsked}
        onOpenChange={setDeleteAsked}
        onConfirm={() => {
          void remove();
        }}
      />
    </main>
  );
}
