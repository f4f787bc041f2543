"use client";

import { Keyboard, Square } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import type { HostSeat } from "../../../lib/client/host-seats.ts";
import type { LiveSession, LiveSessionSnapshot } from "../../../lib/client/live-session.ts";
import { fetchCall } from "../../../lib/client/rest-client.ts";
import { LevelMeter } from "../level-meter.tsx";
import { sidesOf } from "../start/sound-check.tsx";
import { Button } from "../ui/button.tsx";
import { clockText } from "../ui/clock-text.ts";
import { Switch } from "../ui/switch.tsx";
import { ConnectionText, usePolled } from "./connection-text.tsx";
import { InputList } from "./input-choice.tsx";
import { useInputDevices } from "./use-input-devices.ts";
import type { SoundRepair } from "./use-sound-repair.ts";

/** The host chose the title; others ask the server for it. */
function useCallTitle(session: LiveSession, seat: HostSeat | null): string {
  const [title, setTitle] = useState(seat?.title ?? "");
  useEffect(() => {
    if (seat !== null) return;
    const abort = new AbortController();
    fetchCall(session.callId, abort.signal).then(
      (call) => {
        setTitle(call.call_metadata.title);
      },
      // Without a title the call can be watched as well.
      () => undefined,
    );
    return () => {
      abort.abort();
    };
  }, [session, seat]);
  return title;
}

/** The call at a glance: name, time, connection, levels, engine; coach and stop. */
export function CallBar({
  session,
  seat,
  snapshot,
  repair,
  onStop,
  onHelp,
}: {
  readonly session: LiveSession;
  readonly seat: HostSeat | null;
  readonly snapshot: LiveSessionSnapshot;
  readonly repair: SoundRepair;
  readonly onStop: () => void;
  readonly onHelp: () => void;
}) {
  const t = useTranslations("live");
  const engines = useTranslations("engine");
  const sounds = useTranslations("sound");
  const shortcuts = useTranslations("shortcuts");
  const [readElapsed] = useState(() => () => session.elapsedMs());
  const elapsedMs = usePolled(readElapsed, 250);
  const { view, connection, sound, isStopping } = snapshot;
  const { capture } = session;
  const title = useCallTitle(session, seat);
  const isHost = session.role === "host";
  const devices = useInputDevices(isHost && capture?.hasInput === true);
  return (
    <div className="panel flex shrink-0 flex-wrap items-center gap-x-5 gap-y-2 px-4 py-2.5">
      <div className="min-w-0 flex-1 basis-48">
        <h1 className="truncate leading-tight font-semibold">{title === "" ? t("untitled") : title}</h1>
        <ConnectionText session={session} snapshot={snapshot} />
      </div>
      <div className="flex items-center gap-x-5 gap-y-1 max-sm:w-full max-sm:justify-between">
        <span role="timer" aria-label={t("elapsed")} className="text-xl font-semibold">
          {clockText(elapsedMs)}
        </span>
        {capture !== null && sound.kind === "flowing" && (
          <div className="flex flex-wrap gap-x-4 gap-y-1">
            {sidesOf(capture.channels, seat?.layout ?? "LR").map(({ side, channel }) => (
              <LevelMeter key={side} capture={capture} channel={channel} side={side} isCompact />
            ))}
          </div>
        )}
        {isHost && sound.kind === "flowing" && capture?.hasInput === true && (
          <InputList
            devices={devices}
            label={sounds("switchDevice")}
            isIcon
            isBusy={repair.isBusy}
            onChoose={(deviceId) => void repair.switchInput(deviceId)}
          />
        )}
        {view.transcriber !== null && (
          <span className="hidden text-xs text-ink-faint xl:inline">
            {t("engine")}: {engines(view.transcriber)}
          </span>
        )}
      </div>
      <div className="flex items-center gap-3 max-sm:w-full max-sm:justify-between">
        {isHost && (
          <Switch
            label={t("coach")}
            isOn={view.isCoachEnabled}
            isDisabled={connection.kind !== "open"}
            onChange={(isOn) => {
              session.toggleCoach(isOn);
            }}
          />
        )}
        <button
          type="button"
          aria-label={shortcuts("open")}
          title={shortcuts("open")}
          onClick={onHelp}
          className="grid size-10 place-items-center rounded-control text-ink-soft hover:bg-sunken hover:text-ink max-sm:hidden"
        >
          <Keyboard aria-hidden="true" className="size-5" />
        </button>
        {isHost && (
          <Button
            look="danger"
            disabled={isStopping || connection.kind === "taken_over" || connection.kind === "refused"}
            onClick={onStop}
            className="min-w-32"
          >
            <Square aria-hidden="true" className="size-4 fill-current" />
            {isStopping ? t("stopping") : t("stop")}
          </Button>
        )}
      </div>
    </div>
  );
}
