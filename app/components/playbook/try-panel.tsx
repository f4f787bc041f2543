"use client";

import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { tryPlaybook } from "../../../lib/client/playbook-client.ts";
import type { EntryLanguage } from "../../../lib/client/playbook-draft.ts";
import { callStages, type Playbook } from "../../../lib/contract/playbook.ts";
import type { PlaybookTrialReply, RankReason } from "../../../lib/contract/playbook-rest.ts";
import { ObjectionChip } from "../objection-chip.tsx";
import { problemText } from "../problem-text.ts";
import { Button } from "../ui/button.tsx";
import { Field, TextArea, TextInput } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { useIndustryName } from "./use-industry-name.ts";

/** Ranked replies that are shown; further ones are hardly ever reached in a call. */
const shownReplies = 5;

/** What the prospect may say, and what the rep would see for it: on the draft as it is now. */
export function TryPanel({
  draft,
  language,
}: {
  readonly draft: Playbook;
  readonly language: EntryLanguage;
}) {
  const t = useTranslations("playbook");
  const problems = useTranslations("problem");
  const [text, setText] = useState("");
  const [company, setCompany] = useState("");
  const [tried, setTried] = useState<{ readonly text: string; readonly reply: PlaybookTrialReply } | null>(
    null,
  );
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    // The evidence is told by its place in what was sent.
    const sentence = text.trim();
    if (sentence === "" || isBusy) return;
    setBusy(true);
    setError(null);
    try {
      const customer = company.trim() === "" ? {} : { customer: { company: company.trim() } };
      const reply = await tryPlaybook(draft.name, { text: sentence, language, playbook: draft, ...customer });
      setTried({ text: sentence, reply });
    } catch (cause) {
      setTried(null);
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section aria-labelledby="playbook-try" className="panel p-4">
      <h2 id="playbook-try" className="font-semibold">
        {t("try")}
      </h2>
      <form
        className="mt-3 space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <Field label={t("trySentence")}>
          <TextArea
            rows={2}
            value={text}
            maxLength={2000}
            placeholder={t("tryPlaceholder")}
            onChange={(event) => {
              setText(event.target.value);
            }}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || event.shiftKey) return;
              event.preventDefault();
              void run();
            }}
          />
        </Field>
        <Field label={t("tryCompany")} hint={t("optional")}>
          <TextInput
            value={company}
            maxLength={200}
            autoComplete="off"
            onChange={(event) => {
              setCompany(event.target.value);
            }}
          />
        </Field>
        <Button type="submit" look="primary" disabled={isBusy || text.trim() === ""}>
          {t(isBusy ? "trying" : "tryRun")}
        </Button>
      </form>
      <div aria-live="polite" className="mt-4 empty:mt-0">
        {error !== null && <Notice tone="danger">{problemText(problems, error)}</Notice>}
        {tried !== null && <Tried text={tried.text} reply={tried.reply} />}
      </div>
    </section>
  );
}

function Tried({ text, reply }: { readonly text: string; readonly reply: PlaybookTrialReply }) {
  const t = useTranslations("playbook");
  const industryName = useIndustryName();
  const format = useFormatter();
  const { detection } = reply;
  const offered = reply.replies.filter((one) => one.text !== null).slice(0, shownReplies);
  const passedOver = reply.replies.filter((one) => one.text === null);
  if (detection === null) return <p className="text-sm text-ink-soft">{t("nothingFires")}</p>;
  const evidence = detection.evidence.map(({ start, end }) => text.slice(start, end)).join(" … ");
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 text-sm">
        <ObjectionChip type={detection.type} />
        <span className="text-ink-soft">
          {t("found", {
            confidence: format.number(detection.confidence, { style: "percent" }),
            source: t(`source.${detection.source}`),
            evidence,
          })}
        </span>
      </div>
      <p className="mt-1 text-xs text-ink-faint">
        {t(`stage.${reply.stage}`)}
        {reply.industry !== null && <> · {industryName(reply.industry)}</>}
        {reply.competitor !== null && <> · {reply.competitor}</>}
      </p>
      {offered.length === 0 ? (
        <p className="mt-3 text-sm text-ink-soft">{t("noReply")}</p>
      ) : (
        <ol className="mt-3 space-y-2">
          {offered.map((one, index) => (
            <li key={one.reply} className="border-l-2 border-line pl-3 text-sm first:border-accent">
              <p className={index === 0 ? "font-medium" : "text-ink-soft"}>{one.text}</p>
              <Reasons reasons={one.reasons} />
            </li>
          ))}
        </ol>
      )}
      {passedOver.length > 0 && (
        <p className="mt-2 text-xs text-ink-faint">
          {t("passedOver", {
            count: passedOver.length,
            variables: [...new Set(passedOver.flatMap(({ missing }) => missing))]
              .map((name) => `{${name}}`)
              .join(", "),
          })}
        </p>
      )}
    </>
  );
}

function Reasons({ reasons }: { readonly reasons: readonly RankReason[] }) {
  const t = useTranslations("playbook");
  const industryName = useIndustryName();
  const shown = (kind: RankReason["kind"], word: string): string => {
    if (kind === "industry") return industryName(word);
    const stage = kind === "stage" ? callStages.find((one) => one === word) : undefined;
    return stage === undefined ? word : t(`stage.${stage}`);
  };
  const format = useFormatter();
  return (
    <p className="mt-0.5 text-xs text-ink-faint">
      {reasons
        .map(({ kind, points, words }) => {
          const what = t(`reason.${kind}`);
          const which = words.length === 0 ? "" : ` ${words.map((word) => shown(kind, word)).join(", ")}`;
          return points === 0
            ? `${what}${which}`
            : `${what}${which} ${format.number(points, { signDisplay: "always", maximumFractionDigits: 2 })}`;
        })
        .join(" · ")}
    </p>
  );
}
