"use client";

import { Mic } from "lucide-react";
import { useTranslations } from "next-intl";
import type { InputDevice } from "../../../lib/client/media-inputs.ts";
import { Button, buttonClasses } from "../ui/button.tsx";

/** A native list behind a button: one press and one choice, on a phone as well. */
export function InputList({
  devices,
  label,
  isIcon,
  isBusy,
  onChoose,
}: {
  readonly devices: readonly InputDevice[];
  readonly label: string;
  readonly isIcon: boolean;
  readonly isBusy: boolean;
  readonly onChoose: (deviceId: string | null) => void;
}) {
  const t = useTranslations("source");
  return (
    <span
      title={label}
      className={
        isIcon
          ? "relative grid size-10 shrink-0 place-items-center rounded-control text-ink-soft focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-focus hover:bg-sunken hover:text-ink"
          : `relative focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-focus ${buttonClasses("plain", "small")}`
      }
    >
      {isIcon ? <Mic aria-hidden="true" className="size-5" /> : <span aria-hidden="true">{label}</span>}
      <select
        aria-label={label}
        value=""
        disabled={isBusy}
        className="absolute inset-0 size-full cursor-pointer bg-surface text-ink opacity-0"
        onChange={(event) => {
          onChoose(event.target.value === "default" ? null : event.target.value);
        }}
      >
        <option value="" disabled>
          {label}
        </option>
        <option value="default">{t("defaultDevice")}</option>
        {devices.map((device, index) => (
          <option key={device.deviceId} value={device.deviceId}>
            {device.label === "" ? t("unnamedDevice", { number: index + 1 }) : device.label}
          </option>
        ))}
      </select>
    </span>
  );
}

/** The way on without the device that was lost: the next one by name in one press, the others in a list. */
export function OtherInput({
  devices,
  isBusy,
  onChoose,
}: {
  readonly devices: readonly InputDevice[];
  readonly isBusy: boolean;
  readonly onChoose: (deviceId: string | null) => void;
}) {
  const t = useTranslations("sound");
  const [first] = devices;
  if (first === undefined) {
    return (
      <Button
        size="small"
        disabled={isBusy}
        onClick={() => {
          onChoose(null);
        }}
      >
        {t("chooseAgain")}
      </Button>
    );
  }
  return (
    <>
      <Button
        size="small"
        look="primary"
        disabled={isBusy}
        className="min-w-0 max-sm:max-w-56"
        onClick={() => {
          onChoose(first.deviceId);
        }}
      >
        <span className="truncate">
          {first.label === "" ? t("useNext") : t("useDevice", { name: first.label })}
        </span>
      </Button>
      {devices.length > 1 && (
        <InputList
          devices={devices}
          label={t("otherDevice")}
          isIcon={false}
          isBusy={isBusy}
          onChoose={onChoose}
        />
      )}
    </>
  );
}
