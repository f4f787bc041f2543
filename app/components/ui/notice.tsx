import { CircleAlert, Info, TriangleAlert, X } from "lucide-react";
import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";

type Tone = "neutral" | "warn" | "danger";

const tones: Readonly<Record<Tone, { readonly box: string; readonly icon: typeof Info }>> = {
  neutral: { box: "bg-sunken text-ink", icon: Info },
  warn: { box: "bg-warn-soft text-ink [&>svg]:text-warn", icon: TriangleAlert },
  danger: { box: "bg-danger-soft text-ink [&>svg]:text-danger", icon: CircleAlert },
};

/** Something the person should know, in words that tell what to do. */
export function Notice({
  tone,
  children,
  action,
  dismiss,
  isUrgent = false,
}: {
  readonly tone: Tone;
  readonly children: ReactNode;
  readonly action?: ReactNode;
  readonly dismiss?: { readonly label: string; readonly run: () => void };
  readonly isUrgent?: boolean;
}) {
  const { box, icon: Icon } = tones[tone];
  return (
    <div
      role={isUrgent ? "alert" : "status"}
      className={classNames("flex items-center gap-3 rounded-control px-3 py-2 text-sm", box)}
    >
      <Icon aria-hidden="true" className="size-4.5 shrink-0 self-start" />
      <div className="min-w-0 flex-1">{children}</div>
      {action}
      {dismiss !== undefined && (
        <button
          type="button"
          aria-label={dismiss.label}
          onClick={dismiss.run}
          className="grid size-8 shrink-0 place-items-center rounded-control hover:bg-sunken"
        >
          <X aria-hidden="true" className="size-4" />
        </button>
      )}
    </div>
  );
}
