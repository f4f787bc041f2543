"use client";

import { Switch as Headless } from "radix-ui";

/** A switch with its label at the side; the whole row can be pressed. */
export function Switch({
  label,
  isOn,
  onChange,
  isDisabled = false,
}: {
  readonly label: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly isDisabled?: boolean;
}) {
  return (
    <label className="inline-flex min-h-8 items-center gap-2.5 text-sm font-medium">
      <Headless.Root
        checked={isOn}
        onCheckedChange={onChange}
        disabled={isDisabled}
        aria-label={label}
        className="relative h-6 w-10.5 shrink-0 rounded-full border border-line-strong bg-sunken transition-colors disabled:opacity-55 data-[state=checked]:border-accent data-[state=checked]:bg-accent"
      >
        <Headless.Thumb className="block size-4.5 translate-x-0.5 rounded-full bg-ink-soft transition-transform data-[state=checked]:translate-x-5 data-[state=checked]:bg-on-accent" />
      </Headless.Root>
      <span aria-hidden="true">{label}</span>
    </label>
  );
}
