"use client";

import {
  Banknote,
  CalendarClock,
  CircleHelp,
  CircleSlash,
  RotateCcw,
  ShieldQuestion,
  Swords,
  UserRoundCheck,
  type LucideIcon,
} from "lucide-react";
import { useTranslations } from "next-intl";
import type { ObjectionType } from "../../lib/contract/vocabulary.ts";
import { classNames } from "./ui/class-names.ts";

const looks: Readonly<Record<ObjectionType, { readonly icon: LucideIcon; readonly colour: string }>> = {
  price: { icon: Banknote, colour: "text-type-price" },
  timing: { icon: CalendarClock, colour: "text-type-timing" },
  authority: { icon: UserRoundCheck, colour: "text-type-authority" },
  competitor: { icon: Swords, colour: "text-type-competitor" },
  trust: { icon: ShieldQuestion, colour: "text-type-trust" },
  need: { icon: CircleSlash, colour: "text-type-need" },
  other: { icon: CircleHelp, colour: "text-type-other" },
};

/** Icon, label and colour of an objection; never colour alone. */
export function ObjectionChip({
  type,
  isProvisional = false,
  isRepeat = false,
  count,
  size = "normal",
}: {
  readonly type: ObjectionType;
  readonly isProvisional?: boolean;
  /** Raised before in this call. */
  readonly isRepeat?: boolean;
  readonly count?: number;
  readonly size?: "normal" | "large";
}) {
  const t = useTranslations("objection");
  const { icon: Icon, colour } = looks[type];
  return (
    <span
      data-objection-type={type}
      data-status={isProvisional ? "provisional" : "confirmed"}
      className={classNames(
        "inline-flex items-center gap-1.5 rounded-full border border-current bg-surface px-2 align-middle font-semibold whitespace-nowrap",
        size === "large" ? "py-1 text-base" : "py-0.5 text-xs",
        isProvisional && "border-dashed",
        colour,
      )}
    >
      <Icon aria-hidden="true" className={size === "large" ? "size-4.5" : "size-3.5"} />
      {t(type)}
      {count !== undefined && count > 1 && <span>×{count}</span>}
      {isRepeat && (
        <span className="inline-flex items-center gap-1 font-normal">
          <RotateCcw aria-hidden="true" className="size-3" />
          {t("again")}
        </span>
      )}
      {isProvisional && <span className="sr-only">({t("provisional")})</span>}
    </span>
  );
}
