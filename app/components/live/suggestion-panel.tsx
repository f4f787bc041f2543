"use client";

import { Check, Copy, Sparkles, ThumbsDown } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import type { LiveCallView, ShownSuggestion } from "../../../lib/client/live-call.ts";
import type { LiveSession } from "../../../lib/client/live-session.ts";
import type { FeedbackVerdict } from "../../../lib/contract/client-messages.ts";
import type { ObjectionDetected } from "../../../lib/contract/events.ts";
import { ObjectionChip } from "../objection-chip.tsx";
import { Button } from "../ui/button.tsx";
import { classNames } from "../ui/class-names.ts";

const earlierShown = 20;

export function newestSuggestion(view: LiveCallView): ShownSuggestion | null {
  return view.suggestions.at(-1) ?? null;
}

function objectionOf(view: LiveCallView, suggestion: ShownSuggestion): ObjectionDetected | null {
  for (const held of view.objections.values()) {
    const found = held.find(({ objection_id: id }) => id === suggestion.objection_id);
    if (found !== undefined) return found;
  }
  return null;
}

/** The newest sentence to say, always in the same place; the earlier ones below it. */
export function SuggestionPanel({
  session,
  view,
  copiedId,
  canJudge,
  onCopy,
  onJudge,
}: {
  readonly session: Pick<LiveSession, "paint">;
  readonly view: LiveCallView;
  readonly copiedId: string | null;
  readonly canJudge: boolean;
  readonly onCopy: (suggestion: ShownSuggestion) => void;
  readonly onJudge: (suggestion: ShownSuggestion, verdict: FeedbackVerdict) => void;
}) {
  const t = useTranslations("suggestion");
  const newest = newestSuggestion(view);
  const isWithdrawn = newest?.status === "withdrawn";
  const shown = isWithdrawn ? null : newest;
  const objection = newest === null ? null : objectionOf(view, newest);
  const earlier = view.suggestions
    .slice(0, -1)
    .filter(({ status }) => status !== "withdrawn")
    .slice(-earlierShown)
    .reverse();
  return (
    <section aria-label={t("panel")} className="flex min-h-0 flex-col gap-3">
      <div
        className={classNames(
          "panel relative flex min-h-52 shrink-0 flex-col p-4 sm:min-h-64 sm:p-5",
          shown !== null && "border-accent ring-1 ring-accent",
        )}
      >
        <h2 className="sr-only">{t("panel")}</h2>
        {shown !== null && (
          <>
            <div className="mb-2 flex items-start justify-between gap-3">
              <ObjectionChip
                type={shown.type}
                size="large"
                isProvisional={objection !== null && objection.status === "provisional"}
                isRepeat={objection?.repeat_of !== undefined}
              />
              <span className="flex shrink-0 flex-wrap items-center justify-end gap-x-2">
                {shown.source === "llm" && (
                  <span className="inline-flex items-center gap-1 text-xs text-ink-soft">
                    <Sparkles aria-hidden="true" className="size-3.5" />
                    {t("fromModel")}
                  </span>
                )}
                <CardLatency key={shown.suggestion_id} session={session} suggestion={shown} />
              </span>
            </div>
            {objection !== null && (
              <p className="mb-2 line-clamp-2 text-sm text-ink-soft">
                {t("said")} <q>{objection.text}</q>
              </p>
            )}
          </>
        )}
        {/* Always there, so that what appears in it is read out; half a reply is not, it would be read again and again. */}
        <div
          aria-live="polite"
          aria-atomic="true"
          aria-busy={shown?.status === "partial"}
          className="flex flex-1 flex-col"
        >
          {shown === null ? (
            <p className="m-auto max-w-64 text-center text-ink-faint">
              {t(view.isCoachEnabled ? "empty" : "emptyCoachOff")}
            </p>
          ) : (
            <p
              data-suggestion-id={shown.suggestion_id}
              data-status={shown.status}
              className={classNames(
                "text-xl leading-snug font-semibold text-balance sm:text-2xl sm:leading-snug",
                shown.status === "partial" && "text-ink-soft",
              )}
            >
              {shown.text}
            </p>
          )}
        </div>
        {shown !== null && (
          <CardActions
            suggestion={shown}
            isCopied={copiedId === shown.suggestion_id}
            canJudge={canJudge}
            onCopy={onCopy}
            onJudge={onJudge}
          />
        )}
        {newest !== null && isWithdrawn && <Leaving key={newest.suggestion_id} suggestion={newest} />}
      </div>
      {earlier.length > 0 && (
        <div className="min-h-0 overflow-y-auto max-lg:hidden">
          <h3 className="mb-1 px-1 text-sm font-medium text-ink-soft">{t("earlier")}</h3>
          <ul className="space-y-2">
            {earlier.map((suggestion) => (
              <li key={suggestion.suggestion_id} className="panel p-3">
                <div className="mb-1 flex items-center justify-between gap-2">
                  <ObjectionChip type={suggestion.type} />
                  {suggestion.feedback === "used" && (
                    <span className="flex items-center gap-1 text-xs text-ok">
                      <Check aria-hidden="true" className="size-3.5" />
                      {t("used")}
                    </span>
                  )}
                </div>
                <p className="text-sm text-ink-soft">{suggestion.text}</p>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

/** What was withdrawn fades where it stood, without a jump. */
function Leaving({ suggestion }: { readonly suggestion: ShownSuggestion }) {
  const [isGone, setGone] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      setGone(true);
    }, 30);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  return (
    <div
      aria-hidden="true"
      className={classNames(
        "pointer-events-none absolute inset-0 rounded-panel bg-surface p-4 transition-opacity duration-700 sm:p-5",
        isGone ? "opacity-0" : "opacity-60",
      )}
    >
      <ObjectionChip type={suggestion.type} size="large" isProvisional />
      <p className="mt-3 text-xl leading-snug font-semibold sm:text-2xl">{suggestion.text}</p>
    </div>
  );
}

function CardActions({
  suggestion,
  isCopied,
  canJudge,
  onCopy,
  onJudge,
}: {
  readonly suggestion: ShownSuggestion;
  readonly isCopied: boolean;
  readonly canJudge: boolean;
  readonly onCopy: (suggestion: ShownSuggestion) => void;
  readonly onJudge: (suggestion: ShownSuggestion, verdict: FeedbackVerdict) => void;
}) {
  const t = useTranslations("suggestion");
  const Icon = isCopied ? Check : Copy;
  return (
    <div className="mt-4 flex flex-wrap gap-2 max-sm:[&_button]:px-3">
      <Button
        aria-keyshortcuts="c"
        onClick={() => {
          onCopy(suggestion);
        }}
      >
        <Icon aria-hidden="true" className="size-4" />
        <span aria-live="polite" className="text-left sm:min-w-14">
          {isCopied ? t("copied") : t("copy")}
        </span>
      </Button>
      {canJudge && (
        <>
          <Button
            aria-keyshortcuts="u"
            aria-pressed={suggestion.feedback === "used"}
            className="aria-pressed:border-ok aria-pressed:text-ok"
            onClick={() => {
              onJudge(suggestion, "used");
            }}
          >
            <Check aria-hidden="true" className="size-4" />
            {t("used")}
          </Button>
          <Button
            aria-keyshortcuts="n"
            aria-pressed={suggestion.feedback === "wrong"}
            className="aria-pressed:border-warn aria-pressed:text-warn"
            onClick={() => {
              onJudge(suggestion, "wrong");
            }}
          >
            <ThumbsDown aria-hidden="true" className="size-4" />
            {t("notHelpful")}
          </Button>
        </>
      )}
    </div>
  );
}

/** How long this card took, from the end of the words that caused it to the screen. */
function CardLatency({
  session,
  suggestion,
}: {
  readonly session: Pick<LiveSession, "paint">;
  readonly suggestion: ShownSuggestion;
}) {
  const t = useTranslations("suggestion");
  const [paintMs, setPaintMs] = useState(() => session.paint.suggestionMs(suggestion.suggestion_id));
  const id = suggestion.suggestion_id;
  useEffect(() => {
    // Known one task after the paint that is being measured.
    const timer = setTimeout(() => {
      setPaintMs(session.paint.suggestionMs(id));
    }, 100);
    return () => {
      clearTimeout(timer);
    };
  }, [session, id]);
  const serverMs = Math.round(suggestion.latency_ms);
  const browserMs = Math.round(paintMs ?? 0);
  return (
    <span
      className="shrink-0 text-xs text-ink-faint"
      title={t("latencyTitle", { server: serverMs, paint: browserMs })}
      data-latency-ms={serverMs + browserMs}
    >
      {t("latency", { ms: serverMs + browserMs })}
    </span>
  );
}
