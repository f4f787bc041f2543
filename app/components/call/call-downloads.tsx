"use client";

import { Download } from "lucide-react";
import { useTranslations } from "next-intl";
import type { AudioChannelView } from "../../../lib/contract/vocabulary.ts";
import { transcriptFormats, type TranscriptFormat } from "../../../lib/contract/vocabulary.ts";
import { buttonClasses } from "../ui/button.tsx";

const formatNames: Readonly<Record<TranscriptFormat, string>> = {
  txt: "TXT",
  json: "JSON",
  srt: "SRT",
  vtt: "VTT",
  csv: "CSV",
  md: "Markdown",
};

export function CallDownloads({
  callId,
  channels,
}: {
  readonly callId: string;
  readonly channels: readonly AudioChannelView[];
}) {
  const t = useTranslations("call");
  return (
    <section aria-labelledby="call-downloads" className="panel p-4">
      <h2 id="call-downloads" className="font-semibold">
        {t("downloads")}
      </h2>
      <ul className="mt-3 flex flex-wrap gap-2">
        {transcriptFormats.map((format) => (
          <li key={format}>
            <a
              download
              href={`/calls/${callId}/transcript.${format}`}
              aria-label={t("downloadTranscript", { format: formatNames[format] })}
              className={buttonClasses("plain", "small")}
            >
              <Download aria-hidden="true" className="size-3.5" />
              {formatNames[format]}
            </a>
          </li>
        ))}
      </ul>
      <ul className="mt-2 flex flex-wrap gap-2">
        {channels.map((channel) => (
          <li key={channel}>
            <a
              download
              href={`/calls/${callId}/audio/${channel}.wav`}
              aria-label={t("downloadAudio", { channel: t(channel) })}
              className={buttonClasses("plain", "small")}
            >
              <Download aria-hidden="true" className="size-3.5" />
              WAV · {t(channel)}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
