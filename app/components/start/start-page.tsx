"use client";

import { useLocale, useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { CaptureError } from "../../../lib/client/capture-error.ts";
import { RestError } from "../../../lib/client/rest-client.ts";
import type { Language } from "../../../lib/contract/vocabulary.ts";
import type { EngineChoice } from "../../engine-choice.ts";
import { problemText } from "../problem-text.ts";
import { Button } from "../ui/button.tsx";
import { Field, TextInput } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { Switch } from "../ui/switch.tsx";
import { beginCall, type CallChoice } from "./begin-call.ts";
import { ConsentFields, useConsentDraft } from "./consent-fields.tsx";
import { EnginePanel } from "./engine-panel.tsx";
import { OutsideAlertsChoice } from "./outside-alerts-choice.tsx";
import { PlaybookChoice } from "./playbook-choice.tsx";
import { RecordedStarter } from "./recorded-starter.tsx";
import { UnfinishedCalls } from "./unfinished-calls.tsx";
import { sidesOf, SoundCheck } from "./sound-check.tsx";
import { SourcePicker } from "./source-picker.tsx";
import { useSoundSource, type SoundSource } from "./use-sound-source.ts";

const notReadyPollMs = 1500;

/** Shown while the server composes itself: asks again until it is there. */
function NotReady() {
  const t = useTranslations("engine");
  const router = useRouter();
  useEffect(() => {
    const timer = setInterval(() => {
      router.refresh();
    }, notReadyPollMs);
    return () => {
      clearInterval(timer);
    };
  }, [router]);
  return <Notice tone="neutral">{t("unavailable")}</Notice>;
}

export function StartPage({ engine }: { readonly engine: EngineChoice | null }) {
  const t = useTranslations("start");
  return (
    <main id="content" className="mx-auto max-w-6xl px-4 py-6 sm:px-6 sm:py-8">
      <h1 className="text-2xl font-semibold tracking-tight">{t("title")}</h1>
      <p className="mt-1 mb-6 text-ink-soft">{t("intro")}</p>
      <div className="mb-6 flex flex-col gap-3 empty:hidden">
        <UnfinishedCalls />
      </div>
      {engine === null ? <NotReady /> : <StartForm engine={engine} />}
    </main>
  );
}

/** Which side has not been heard while the sound is being tested; starting stays possible. */
function NotHeardYet({ source }: { readonly source: SoundSource }) {
  const t = useTranslations("start");
  const speakers = useTranslations("speaker");
  const levels = useTranslations("levels");
  const { capture } = source;
  const silent = useSyncExternalStore(
    useCallback((run: () => void) => capture?.subscribe(run) ?? (() => undefined), [capture]),
    () => (capture?.levels ?? []).flatMap(({ isHeard }, channel) => (isHeard ? [] : [channel])).join(),
    () => "",
  );
  if (capture === null || silent === "") return null;
  const layout = source.kind === "two_channel" ? source.layout : "LR";
  const who = sidesOf(capture.channels, layout)
    .filter(({ channel }) => silent.split(",").includes(channel.toString()))
    .map(({ side }) => (side === "both" ? levels("both") : speakers(side)));
  return <p className="text-sm text-warn">{t("notHeardYet", { who: who.join(", ") })}</p>;
}

function StartForm({ engine }: { readonly engine: EngineChoice }) {
  const t = useTranslations("start");
  const names = useTranslations("language");
  const problems = useTranslations("problem");
  const soundErrors = useTranslations("soundError");
  const locale = useLocale();
  const router = useRouter();
  const source = useSoundSource();
  const [language, setLanguage] = useState<Language>(
    engine.languages.includes(locale) ? locale : engine.defaultLanguage,
  );
  const [isCoachEnabled, setCoachEnabled] = useState(true);
  const [playbook, setPlaybook] = useState<string | null>(null);
  const [title, setTitle] = useState("");
  const [person, setPerson] = useState("");
  const [company, setCompany] = useState("");
  const consent = useConsentDraft();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [lacksConsent, setLacksConsent] = useState(false);
  const consentBox = useRef<HTMLInputElement>(null);
  const isConsentMissing = engine.isConsentRequired && !consent.isObtained;

  const run = async (prepare: () => Promise<CallChoice | null>): Promise<void> => {
    setBusy(true);
    setProblem(null);
    setLacksConsent(false);
    let choice: CallChoice | null = null;
    try {
      choice = await prepare();
      if (choice === null) return;
      const callId = await beginCall(choice);
      source.handOver();
      router.push(`/live/${callId}`);
    } catch (error) {
      if (choice?.source.kind === "recorded") await choice.capture.close();
      if (error instanceof RestError && error.problem?.code === "consent_required") {
        setLacksConsent(true);
        consentBox.current?.focus();
      }
      setProblem(error instanceof CaptureError ? soundErrors(error.code) : problemText(problems, error));
    } finally {
      setBusy(false);
    }
  };

  const chosenCall = async (): Promise<CallChoice | null> => {
    if (source.kind === "file" && source.file === null) {
      setProblem(t("chooseFileFirst"));
      return null;
    }
    if (isConsentMissing) {
      setLacksConsent(true);
      setProblem(t("consentNeeded"));
      consentBox.current?.focus();
      return null;
    }
    const capture = await source.open();
    if (capture === null) return null;
    return {
      capture,
      source: source.saved(),
      language,
      layout: source.kind === "two_channel" || source.kind === "file" ? source.layout : "LR",
      isCoachEnabled,
      playbook,
      title: title.trim(),
      customer: {
        ...(person.trim() === "" ? {} : { name: person.trim() }),
        ...(company.trim() === "" ? {} : { company: company.trim() }),
      },
      consent: consent.given(),
    };
  };

  return (
    <form
      className="grid items-start gap-5 lg:grid-cols-[minmax(0,1.15fr)_minmax(0,1fr)]"
      onSubmit={(event) => {
        event.preventDefault();
        void run(chosenCall);
      }}
    >
      <section aria-labelledby="start-sound" className="panel space-y-4 p-4 sm:p-5">
        <h2 id="start-sound" className="font-semibold">
          {t("sound")}
        </h2>
        <SourcePicker source={source} />
        <SoundCheck source={source} />
        <OutsideAlertsChoice />
      </section>
      <div className="space-y-5">
        <section aria-labelledby="start-details" className="panel space-y-4 p-4 sm:p-5">
          <h2 id="start-details" className="font-semibold">
            {t("details")}
          </h2>
          <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
            <div>
              <p className="mb-1 text-sm font-medium">{t("callLanguage")}</p>
              <Segmented
                label={t("callLanguage")}
                value={language}
                onChange={setLanguage}
                choices={engine.languages.map((one) => ({ value: one, label: names(one) }))}
              />
            </div>
            <div className="pb-1">
              <Switch label={t("coach")} isOn={isCoachEnabled} onChange={setCoachEnabled} />
            </div>
          </div>
          <p className="text-xs text-ink-soft">{t("coachHint")}</p>
          <PlaybookChoice value={playbook} onChange={setPlaybook} />
          <Field label={t("callTitle")} hint={t("optional")}>
            <TextInput
              value={title}
              maxLength={200}
              placeholder={t("callTitlePlaceholder")}
              onChange={(event) => {
                setTitle(event.target.value);
              }}
            />
          </Field>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label={t("customerName")} hint={t("optional")}>
              <TextInput
                value={person}
                maxLength={200}
                autoComplete="off"
                onChange={(event) => {
                  setPerson(event.target.value);
                }}
              />
            </Field>
            <Field label={t("customerCompany")} hint={t("optional")}>
              <TextInput
                value={company}
                maxLength={200}
                autoComplete="off"
                onChange={(event) => {
                  setCompany(event.target.value);
                }}
              />
            </Field>
          </div>
          <ConsentFields
            draft={consent}
            isRequired={engine.isConsentRequired}
            isMissed={lacksConsent}
            boxRef={consentBox}
          />
          {problem !== null && !(lacksConsent && consent.isObtained) && (
            <Notice tone="danger" isUrgent>
              <strong className="font-medium">{t("failed")}.</strong> {problem}
            </Notice>
          )}
          <NotHeardYet source={source} />
          <Button
            type="submit"
            look="primary"
            size="large"
            className="w-full"
            disabled={isBusy}
            aria-describedby={isConsentMissing ? "start-missing" : undefined}
          >
            {isBusy ? t("beginning") : t("begin")}
          </Button>
          {isConsentMissing && (
            <p id="start-missing" className="text-center text-sm text-ink-soft">
              {t("consentMissing")}
            </p>
          )}
        </section>
        <RecordedStarter languages={engine.languages} isBusy={isBusy} onBegin={run} />
        <EnginePanel engine={engine} language={language} />
      </div>
    </form>
  );
}
