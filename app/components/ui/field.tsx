import type { ComponentProps, ReactNode } from "react";
import { classNames } from "./class-names.ts";

const control =
  "w-full min-h-10 rounded-control border border-line-strong bg-surface px-3 text-ink text-base sm:text-sm";

export function Field({
  label,
  hint,
  children,
  className,
}: {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
}) {
  return (
    <label className={classNames("block", className)}>
      <span className="mb-1 flex items-baseline gap-2 text-sm font-medium">
        {label}
        {hint !== undefined && <span className="text-xs font-normal text-ink-faint">{hint}</span>}
      </span>
      {children}
    </label>
  );
}

export function TextInput({ className, ...rest }: ComponentProps<"input">) {
  return <input className={classNames(control, className)} {...rest} />;
}

export function TextArea({ className, ...rest }: ComponentProps<"textarea">) {
  return <textarea className={classNames(control, "py-2", className)} {...rest} />;
}

export function Select({ className, ...rest }: ComponentProps<"select">) {
  return <select className={classNames(control, className)} {...rest} />;
}

export function Checkbox({
  label,
  className,
  ...rest
}: Omit<ComponentProps<"input">, "type"> & { readonly label: ReactNode }) {
  return (
    <label className={classNames("flex items-start gap-2.5 text-sm", className)}>
      <input type="checkbox" className="mt-0.5 size-4.5 shrink-0 accent-accent" {...rest} />
      <span>{label}</span>
    </label>
  );
}
