"use client";

import { Play } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { AudioCapture } from "../../../lib/client/audio-capture.ts";
import {
  fetchRecordedCall,
  listRecordedCalls,
  type RecordedCall,
} from "../../../lib/client/recorded-calls.ts";
import { decodeSoundFile } from "../../../lib/client/sound-file.ts";
import type { Language } from "../../../lib/contract/vocabulary.ts";
import { Button } from "../ui/button.tsx";
import type { CallChoice } from "./begin-call.ts";

/** For each language the call made for people, or else the one made for tests. */
function offered(calls: readonly RecordedCall[], languages: readonly Language[]): readonly RecordedCall[] {
  return languages.flatMap((language) => {
    const ours = calls.filter((call) => call.language === language);
    const best = ours.find((call) => call.purpose === "demo") ?? ours[0];
    return best === undefined ? [] : [best];
  });
}

/** Plays a recorded two-party call as if it were live: the quickest way to see what this is. */
export function RecordedStarter({
  languages,
  isBusy,
  onBegin,
}: {
  readonly languages: readonly Language[];
  readonly isBusy: boolean;
  readonly onBegin: (prepare: () => Promise<CallChoice>) => Promise<void>;
}) {
  const t = useTranslations("recorded");
  const [calls, setCalls] = useState<readonly RecordedCall[]>([]);
  const [preparing, setPreparing] = useState<string | null>(null);
  useEffect(() => {
    let isGone = false;
    void listRecordedCalls().then((listed) => {
      if (!isGone) setCalls(listed);
    });
    return () => {
      isGone = true;
    };
  }, []);
  const shown = offered(calls, languages);
  if (shown.length === 0) return null;

  const prepare = async (call: RecordedCall): Promise<CallChoice> => {
    const { sound } = await decodeSoundFile(await fetchRecordedCall(call));
    return {
      capture: await AudioCapture.open({ kind: "recorded", sound }),
      source: { kind: "recorded", name: call.name, file: call.file },
      language: call.language,
      layout: "LR",
      isCoachEnabled: true,
      playbook: null,
      title: call.title,
      customer: {},
      consent: { obtained: true, method: "synthetic_voices" },
    };
  };

  return (
    <section aria-label={t("title")} className="panel bg-accent-soft p-4">
      <h2 className="font-semibold">{t("title")}</h2>
      <p className="mt-1 text-sm text-ink-soft">{t("hint")}</p>
      <div className="mt-3 flex flex-wrap gap-2">
        {shown.map((call) => (
          <Button
            key={call.name}
            disabled={isBusy || preparing !== null}
            onClick={() => {
              setPreparing(call.name);
              void onBegin(() => prepare(call)).finally(() => {
                setPreparing(null);
              });
            }}
          >
            <Play aria-hidden="true" className="size-4" />
            {preparing === call.name
              ? t("loading")
              : t(call.language === "en" ? "beginEnglish" : "beginSpanish")}
          </Button>
        ))}
      </div>
    </section>
  );
}
