"use client";

import { AudioLines, FileAudio, Mic, MonitorSpeaker, type LucideIcon } from "lucide-react";
import { useTranslations } from "next-intl";
import { RadioGroup } from "radix-ui";
import type { MicrophoneProcessing } from "../../../lib/client/media-inputs.ts";
import { Checkbox, Field, Select } from "../ui/field.tsx";
import type { ChosenKind, SoundSource } from "./use-sound-source.ts";

const kinds: readonly {
  readonly kind: ChosenKind;
  readonly icon: LucideIcon;
  readonly name: "microphone" | "tab" | "twoChannel" | "file";
  readonly hint: "microphoneHint" | "tabHint" | "twoChannelHint" | "fileHint";
}[] = [
  { kind: "microphone", icon: Mic, name: "microphone", hint: "microphoneHint" },
  { kind: "tab", icon: MonitorSpeaker, name: "tab", hint: "tabHint" },
  { kind: "two_channel", icon: AudioLines, name: "twoChannel", hint: "twoChannelHint" },
  { kind: "file", icon: FileAudio, name: "file", hint: "fileHint" },
];

const processingSteps: readonly (keyof MicrophoneProcessing)[] = [
  "echoCancellation",
  "noiseSuppression",
  "autoGainControl",
];

export function SourcePicker({ source }: { readonly source: SoundSource }) {
  const t = useTranslations("source");
  return (
    <div className="space-y-4">
      <RadioGroup.Root
        aria-label={t("label")}
        value={source.kind}
        onValueChange={(value) => {
          const chosen = kinds.find(({ kind }) => kind === value);
          if (chosen !== undefined) source.choose(chosen.kind);
        }}
        className="grid gap-2 sm:grid-cols-2"
      >
        {kinds.map(({ kind, icon: Icon, name, hint }) => (
          <RadioGroup.Item
            key={kind}
            value={kind}
            aria-label={t(name)}
            className="flex items-start gap-3 rounded-control border border-line bg-surface p-3 text-left hover:border-line-strong data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft data-[state=checked]:ring-1 data-[state=checked]:ring-accent"
          >
            <Icon aria-hidden="true" className="mt-0.5 size-5 shrink-0 text-accent" />
            <span>
              <span className="block text-sm font-semibold">{t(name)}</span>
              <span className="block text-xs text-ink-soft">{t(hint)}</span>
            </span>
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
      {source.kind !== "file" && (
        <Field label={t("device")}>
          <Select
            value={source.deviceId ?? ""}
            onChange={(event) => {
              source.chooseDevice(event.target.value === "" ? null : event.target.value);
            }}
          >
            <option value="">{t("defaultDevice")}</option>
            {source.devices
              .filter(({ deviceId }) => deviceId !== "default")
              .map(({ deviceId, label }, index) => (
                <option key={deviceId} value={deviceId}>
                  {label === "" ? t("unnamedDevice", { number: index + 1 }) : label}
                </option>
              ))}
          </Select>
        </Field>
      )}
      {(source.kind === "microphone" || source.kind === "tab") && (
        <details className="text-sm">
          <summary className="w-fit rounded-control py-1 text-ink-soft hover:text-ink">
            {t("processing")}
          </summary>
          <div className="mt-2 flex flex-wrap gap-x-6 gap-y-2">
            {processingSteps.map((step) => (
              <Checkbox
                key={step}
                label={t(step)}
                checked={source.processing[step]}
                onChange={(event) => {
                  source.chooseProcessing({ ...source.processing, [step]: event.target.checked });
                }}
              />
            ))}
          </div>
        </details>
      )}
    </div>
  );
}
