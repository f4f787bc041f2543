"use client";

import { useFormatter, useTranslations } from "next-intl";
import type { CallReply } from "../../../lib/contract/rest.ts";
import type { CompletionReason } from "../../../lib/contract/vocabulary.ts";
import { CallConsent } from "./call-consent.tsx";
import { clockText } from "../ui/clock-text.ts";

const reasons = {
  stopped: "reasonStopped",
  abandoned: "reasonAbandoned",
  interrupted: "reasonInterrupted",
  time_limit: "reasonTimeLimit",
  shutdown: "reasonShutdown",
} as const satisfies Readonly<Record<CompletionReason, string>>;

function WordList({ title, items }: { readonly title: string; readonly items: readonly string[] }) {
  if (items.length === 0) return null;
  return (
    <div>
      <h3 className="text-sm font-medium text-ink-soft">{title}</h3>
      <ul className="mt-1 list-disc space-y-0.5 pl-5 text-sm">
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </div>
  );
}

export function CallSummary({ call }: { readonly call: CallReply }) {
  const t = useTranslations("call");
  const engines = useTranslations("engine");
  const format = useFormatter();
  const { summary, call_metadata: metadata } = call;
  const { rep, prospect, unknown } = summary.speakers_time;
  const known = rep + prospect;
  const share = (ms: number): string => format.number(known === 0 ? 0 : ms / known, { style: "percent" });
  const modelUsage = (usage: NonNullable<CallReply["language_model"]>): string => {
    const { completion_tokens: completion, prompt_tokens: prompt, requests, unmetered } = usage;
    const known = t("modelUsage", {
      requests,
      prompt: format.number(prompt),
      completion: format.number(completion),
    });
    return unmetered === 0 ? known : `${known}, ${t("modelUnmetered", { requests: unmetered })}`;
  };
  return (
    <section aria-labelledby="call-summary" className="panel space-y-4 p-4">
      <h2 id="call-summary" className="font-semibold">
        {t("summary")}
      </h2>
      {summary.prose !== undefined && (
        <div>
          <p className="text-sm">{summary.prose.text}</p>
          <p className="mt-1 text-xs text-ink-faint">{t("proseMark")}</p>
        </div>
      )}
      {known > 0 && (
        <div>
          <h3 className="text-sm font-medium text-ink-soft">{t("talkRatio")}</h3>
          <div aria-hidden="true" className="mt-2 flex h-2.5 gap-0.5 overflow-hidden rounded-full">
            <div className="bg-rep" style={{ flexGrow: rep }} />
            <div className="bg-prospect" style={{ flexGrow: prospect }} />
          </div>
          <p className="mt-1 flex justify-between text-sm">
            <span className="text-rep">{t("talkRep", { share: share(rep) })}</span>
            <span className="text-prospect">{t("talkProspect", { share: share(prospect) })}</span>
          </p>
        </div>
      )}
      {unknown > 0 && (
        <p className="text-sm text-ink-soft">{t("talkUnknown", { time: clockText(unknown) })}</p>
      )}
      <WordList title={t("nextSteps")} items={summary.next_steps} />
      {summary.top_topics.length > 0 && (
        <div>
          <h3 className="text-sm font-medium text-ink-soft">{t("topics")}</h3>
          <p className="mt-1 flex flex-wrap gap-1.5">
            {summary.top_topics.map((topic) => (
              <span key={topic} className="rounded-full bg-sunken px-2.5 py-0.5 text-sm">
                {topic}
              </span>
            ))}
          </p>
        </div>
      )}
      <ul className="space-y-0.5 text-sm text-ink-soft">
        {metadata.completion_reason !== null && (
          <li>
            {t("reason")}: {t(reasons[metadata.completion_reason])}
          </li>
        )}
        {summary.confidence_score !== null && (
          <li>
            {t("confidence")}: {format.number(summary.confidence_score, { style: "percent" })}
          </li>
        )}
        {call.billed_seconds > 0 && (
          <li>
            {t("billed", {
              engine: engines(metadata.transcriber),
              minutes: format.number(call.billed_seconds / 60, { maximumFractionDigits: 1 }),
            })}
          </li>
        )}
        {call.language_model !== null && <li>{modelUsage(call.language_model)}</li>}
        <li>
          <CallConsent consent={call.consent} />
        </li>
      </ul>
      {metadata.lost_audio.map((lost) => (
        <p key={lost.first_sample} className="rounded-control bg-warn-soft px-3 py-2 text-sm">
          {t("lostAudio", {
            seconds: format.number((lost.end_ms - lost.ts_ms) / 1000, { maximumFractionDigits: 1 }),
            time: clockText(lost.ts_ms),
          })}
        </p>
      ))}
    </section>
  );
}
