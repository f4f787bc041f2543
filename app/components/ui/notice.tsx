import { CircleAlert, Info, TriangleAlert, X } from "lucide-react";
import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";

type Tone = "neutral" | "warn" | "danger";

const tones: Readonly<
  Record<Tone, { readonly box: string; readonly iconColour: string; readonly icon: typeof Info }>
> = {
  neutral: { box: "bg-sunken", iconColour: "", icon: Info },
  warn: { box: "bg-warn-soft", iconColour: "text-warn", icon: TriangleAlert },
  danger: { box: "bg-danger-soft", iconColour: "text-danger", icon: CircleAlert },
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
  const { box, iconColour, icon: Icon } = tones[tone];
  return (
    <div
      role={isUrgent ? "alert" : "status"}
      className={classNames(
        "flex flex-wrap items-center gap-x-3 gap-y-2 rounded-control px-3 py-2 text-sm text-ink",
        box,
      )}
    >
      <div className="flex min-w-0 flex-1 basis-52 gap-3">
        <Icon aria-hidden="true" className={classNames("mt-px size-4.5 shrink-0", iconColour)} />
        <div className="min-w-0 flex-1">{children}</div>
      </div>
      {action !== undefined && (
        <div className="flex min-w-0 flex-wrap items-center gap-2 max-sm:ml-7.5">{action}</div>
      )}
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
