"use client";

import { useTranslations } from "next-intl";
import type { Conduct, SideConduct } from "../../../lib/contract/events.ts";
import type { CallReply } from "../../../lib/contract/rest.ts";
import { signalIcons } from "../signal-look.ts";
import { clockText } from "../ui/clock-text.ts";

/** What was said beyond objections, each leading to its moment, and how the conversation went. */
export function CallInsights({
  call: { insights, conduct },
  onJump,
}: {
  readonly call: CallReply;
  readonly onJump: (segmentId: string, ms: number) => void;
}) {
  const t = useTranslations("insight");
  const call = useTranslations("call");
  if (insights.length === 0 && conduct === null) return null;
  return (
    <section aria-labelledby="call-insights" className="panel space-y-4 p-4">
      <h2 id="call-insights" className="font-semibold">
        {t("conduct")}
      </h2>
      {insights.length > 0 && (
        <ol aria-label={t("signals")} className="space-y-2">
          {insights.map((signal) => {
            const Icon = signalIcons[signal.kind];
            return (
              <li key={signal.insight_id} data-signal={signal.kind} className="text-sm">
                <div className="flex items-center justify-between gap-2 text-ink-soft">
                  <span className="flex items-center gap-1.5 font-medium">
                    <Icon aria-hidden="true" className="size-3.5" />
                    {t(signal.status === "answered" ? "answered" : signal.kind)}
                  </span>
                  <button
                    type="button"
                    aria-label={call("playHere", { time: clockText(signal.ts_ms) })}
                    onClick={() => {
                      onJump(signal.segment_id, signal.ts_ms);
                    }}
                    className="min-h-8 rounded-control px-2 underline underline-offset-2 hover:text-ink"
                  >
                    {clockText(signal.ts_ms)}
                  </button>
                </div>
                <q>{signal.text}</q>
              </li>
            );
          })}
        </ol>
      )}
      {conduct !== null && <ConductTable conduct={conduct} />}
    </section>
  );
}

const rows = [
  ["longestMonologue", ({ longest_monologue_ms: ms }) => clockText(ms)],
  ["questionsAsked", ({ questions }) => questions.toString()],
  ["interruptionsMade", ({ interruptions }) => interruptions.toString()],
  ["wordsPerMinute", ({ words_per_minute: words }) => words?.toString() ?? "–"],
  ["fillersSaid", ({ fillers }) => fillers.toString()],
] as const satisfies readonly (readonly [string, (side: SideConduct) => string])[];

function ConductTable({ conduct: { rep, prospect } }: { readonly conduct: Conduct }) {
  const t = useTranslations("insight");
  const speakers = useTranslations("speaker");
  return (
    <table className="w-full text-left text-sm">
      <caption className="sr-only">{t("conduct")}</caption>
      <thead>
        <tr>
          <td />
          <th scope="col" className="text-right font-medium text-rep">
            {speakers("repThird")}
          </th>
          <th scope="col" className="text-right font-medium text-prospect">
            {speakers("prospect")}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([key, valueOf]) => (
          <tr key={key} className="border-t border-line">
            <th scope="row" className="py-1 font-normal">
              {t(key)}
            </th>
            <td className="text-right">{valueOf(rep)}</td>
            <td className="text-right">{valueOf(prospect)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
