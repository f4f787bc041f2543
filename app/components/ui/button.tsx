import type { ComponentProps } from "react";
import { classNames } from "./class-names.ts";

type Look = "primary" | "plain" | "quiet" | "danger";

const looks: Readonly<Record<Look, string>> = {
  primary: "bg-accent text-on-accent hover:brightness-110 border border-transparent",
  plain: "bg-surface text-ink border border-line-strong hover:bg-sunken",
  quiet: "text-ink-soft hover:bg-sunken hover:text-ink border border-transparent",
  danger: "bg-danger text-on-danger hover:brightness-110 border border-transparent",
};

/** The look of a button, also for links that lead on like one. */
export function buttonClasses(look: Look, size: "small" | "normal" | "large" = "normal"): string {
  return classNames(
    "inline-flex items-center justify-center gap-2 rounded-control font-medium whitespace-nowrap select-none",
    "disabled:cursor-not-allowed disabled:opacity-55 transition-colors",
    size === "small" && "min-h-8 px-2.5 text-sm",
    size === "normal" && "min-h-10 px-4 text-sm",
    size === "large" && "min-h-12 px-6 text-base",
    looks[look],
  );
}

export function Button({
  look = "plain",
  size = "normal",
  className,
  ...rest
}: ComponentProps<"button"> & { readonly look?: Look; readonly size?: "small" | "normal" | "large" }) {
  return <button type="button" className={classNames(buttonClasses(look, size), className)} {...rest} />;
}
