"use client";

import { useTranslations } from "next-intl";
import type { LiveSession } from "../../../lib/client/live-session.ts";
import type { Status } from "../../../lib/contract/events.ts";
import { Notice } from "../ui/notice.tsx";

const ownWords = [
  "storage",
  "database",
  "engine_restart",
  "backlog",
  "audio_lost",
  "time_limit",
  "not_stored",
  "transcript_incomplete",
  "engine",
  "engine_away",
  "engine_connection",
  "engine_refused",
  "language_model",
] as const;
/** What may cost the person something comes before what only takes time. */
const graveFirst: readonly string[] = [
  "time_limit",
  "storage",
  "database",
  "audio_lost",
  "engine_refused",
  "engine_away",
  "engine_restart",
  "engine",
];

/** Whose own words say what to do: the service's reason and the number of the request. */
const told: ReadonlySet<string> = new Set(["engine", "engine_away", "engine_refused"]);

function rank({ reason, state }: Status): number {
  const place = graveFirst.indexOf(reason);
  return state === "completing" ? -1 : place === -1 ? graveFirst.length : place;
}

/** Trouble of the server and the engine: what happens with the call, and what to do, if anything. */
export function TroubleNotices({
  session,
  troubles,
}: {
  readonly session: LiveSession;
  readonly troubles: readonly Status[];
}) {
  const t = useTranslations("trouble");
  return troubles
    .toSorted((a, b) => rank(a) - rank(b))
    .map((trouble) => {
      if (trouble.state === "completing") {
        const seconds = Number(trouble.detail);
        return (
          <Notice key={trouble.reason} tone="neutral">
            {seconds > 0 ? t("completingIn", { seconds }) : t("completing")}
          </Notice>
        );
      }
      const reason = ownWords.find((known) => known === trouble.reason);
      const text = reason ?? (trouble.state === "live" ? null : trouble.state);
      return (
        <Notice
          key={trouble.reason}
          tone="warn"
          isUrgent={trouble.reason === "time_limit"}
          dismiss={{
            label: t("dismiss"),
            run: () => {
              session.dismissTrouble(trouble.reason);
            },
          }}
        >
          {text === null ? trouble.detail : t(text)}
          {told.has(trouble.reason) && trouble.detail !== "" && (
            <span className="mt-0.5 block text-sm text-ink-soft">{trouble.detail}</span>
          )}
        </Notice>
      );
    });
}
