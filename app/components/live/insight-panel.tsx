"use client";

import { Info } from "lucide-react";
import { useTranslations } from "next-intl";
import type { LiveCallView } from "../../../lib/client/live-call.ts";
import type { LiveInsights, SignalInsight } from "../../../lib/client/live-insights.ts";
import type { Conduct } from "../../../lib/contract/events.ts";
import { signalIcons } from "../signal-look.ts";
import { clockText } from "../ui/clock-text.ts";

/** A nudge is left standing for so long, in milliseconds of the call; then it has been read or is out of date. */
const nudgeShownMs = 45_000;
const signalsShown = 30;
/** Shares of less speech jump about. */
const minSpokenMs = 10_000;

/**
 * How the call goes, beside the card and quieter than it: nothing here moves, sounds or is read out by itself.
 * There is nothing of it while the coach is off.
 */
export function InsightPanel({ view }: { readonly view: LiveCallView }) {
  const t = useTranslations("insight");
  const { signals } = view.insights;
  const conduct = steadyConduct(view);
  if (!view.isCoachEnabled || (conduct === null && signals.length === 0)) return null;
  const nudge = standingNudge(view);
  return (
    <section aria-label={t("panel")} className="panel shrink-0 px-4 py-2.5 text-sm">
      {conduct !== null && <ConductStrip conduct={conduct} />}
      {nudge !== null && (
        <p data-nudge={nudge.code} className="mt-2 flex items-start gap-1.5 text-ink-soft">
          <Info aria-hidden="true" className="mt-0.5 size-3.5 shrink-0" />
          {t(`nudge.${nudge.code}`, { value: nudge.value })}
        </p>
      )}
      {signals.length > 0 && (
        <ul
          aria-label={t("signals")}
          className="mt-2 max-h-32 space-y-1 overflow-y-auto border-t border-line pt-2"
        >
          {signals
            .slice(-signalsShown)
            .reverse()
            .map((signal) => (
              <SignalLine key={signal.insight_id} signal={signal} />
            ))}
        </ul>
      )}
    </section>
  );
}

function steadyConduct({ insights: { conduct } }: LiveCallView): Conduct | null {
  const spokenMs = (conduct?.rep.speech_ms ?? 0) + (conduct?.prospect.speech_ms ?? 0);
  return spokenMs >= minSpokenMs ? conduct : null;
}

function standingNudge({ insights, segments }: LiveCallView): LiveInsights["nudge"] {
  const { nudge } = insights;
  const nowMs = segments.at(-1)?.end_ms ?? 0;
  return nudge !== null && nowMs - nudge.ts_ms < nudgeShownMs ? nudge : null;
}

function ConductStrip({ conduct: { talk_ratio: ratio, rep } }: { readonly conduct: Conduct }) {
  const t = useTranslations("insight");
  const share = Math.round((ratio ?? 0) * 100);
  return (
    <div data-conduct="" data-talk-ratio={ratio}>
      <div aria-hidden="true" className="flex h-1.5 gap-0.5 overflow-hidden rounded-full">
        <div className="bg-rep" style={{ flexGrow: share }} />
        <div className="bg-prospect" style={{ flexGrow: 100 - share }} />
      </div>
      <ul className="mt-1.5 flex flex-wrap gap-x-3 gap-y-0.5 text-ink-soft">
        <li className="font-medium text-rep">{t("talk", { share })}</li>
        <li>{t("monologue", { time: clockText(rep.longest_monologue_ms) })}</li>
        <li>{t("questions", { count: rep.questions })}</li>
        <li>{t("interruptions", { count: rep.interruptions })}</li>
        {rep.words_per_minute !== null && <li>{t("pace", { words: rep.words_per_minute })}</li>}
        <li>{t("fillers", { count: rep.fillers })}</li>
      </ul>
    </div>
  );
}

function SignalLine({ signal }: { readonly signal: SignalInsight }) {
  const t = useTranslations("insight");
  const Icon = signalIcons[signal.kind];
  const isAnswered = signal.status === "answered";
  return (
    <li data-signal={signal.kind} data-status={signal.status} className="flex items-start gap-1.5">
      <Icon aria-hidden="true" className="mt-0.5 size-3.5 shrink-0 text-ink-faint" />
      <p className="min-w-0 flex-1">
        <span className="font-medium text-ink-soft">
          {t(isAnswered ? "answered" : signal.kind)}
          {": "}
        </span>
        <q className="text-ink">{signal.text}</q>
      </p>
      <span className="text-xs text-ink-faint">{clockText(signal.ts_ms)}</span>
    </li>
  );
}
