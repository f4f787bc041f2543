"use client";

import { RadioGroup } from "radix-ui";
import { classNames } from "./class-names.ts";

/** A few choices side by side, one of them taken. */
export function Segmented<Value extends string>({
  label,
  value,
  choices,
  onChange,
  isDisabled = false,
  className,
}: {
  readonly label: string;
  readonly value: Value;
  readonly choices: readonly {
    readonly value: Value;
    readonly label: string;
    readonly isDisabled?: boolean;
  }[];
  readonly onChange: (value: Value) => void;
  readonly isDisabled?: boolean;
  readonly className?: string;
}) {
  return (
    <RadioGroup.Root
      aria-label={label}
      value={value}
      disabled={isDisabled}
      onValueChange={(chosen) => {
        const choice = choices.find((one) => one.value === chosen);
        if (choice !== undefined) onChange(choice.value);
      }}
      className={classNames(
        "inline-flex rounded-control border border-line-strong bg-sunken p-0.5",
        className,
      )}
    >
      {choices.map((choice) => (
        <RadioGroup.Item
          key={choice.value}
          value={choice.value}
          disabled={choice.isDisabled ?? false}
          className="min-h-8.5 flex-1 rounded-[0.4rem] px-3 text-sm whitespace-nowrap text-ink-soft hover:text-ink disabled:opacity-45 data-[state=checked]:bg-surface data-[state=checked]:font-semibold data-[state=checked]:text-ink data-[state=checked]:shadow-sm"
        >
          {choice.label}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
