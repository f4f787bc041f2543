"use client";

import { useTranslations } from "next-intl";
import { useEffect, useEffectEvent } from "react";
import { Dialog } from "../ui/dialog.tsx";

export type ShortcutAction = "copy" | "used" | "notHelpful" | "coach" | "now" | "stop" | "help";

const shortcuts: readonly {
  readonly action: ShortcutAction;
  readonly key: string;
  readonly shown: string;
}[] = [
  { action: "copy", key: "c", shown: "C" },
  { action: "used", key: "u", shown: "U" },
  { action: "notHelpful", key: "n", shown: "N" },
  { action: "coach", key: "o", shown: "O" },
  { action: "now", key: "j", shown: "J" },
  { action: "stop", key: "S", shown: "⇧ S" },
  { action: "help", key: "?", shown: "?" },
];

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}

/** Single keys while nobody is typing and no dialog is open. */
export function useShortcuts(run: (action: ShortcutAction) => void): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) || document.querySelector("[role=dialog],[role=alertdialog]") !== null) return;
    const shortcut = shortcuts.find(({ key }) => key === event.key);
    if (shortcut === undefined) return;
    event.preventDefault();
    run(shortcut.action);
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => {
      onKey(event);
    };
    window.addEventListener("keydown", listener);
    return () => {
      window.removeEventListener("keydown", listener);
    };
  }, []);
}

export function ShortcutsDialog({
  isOpen,
  onOpenChange,
}: {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
}) {
  const t = useTranslations("shortcuts");
  return (
    <Dialog title={t("title")} closeLabel={t("close")} isOpen={isOpen} onOpenChange={onOpenChange}>
      <dl className="grid grid-cols-[1fr_auto] gap-x-6 gap-y-2">
        {shortcuts.map(({ action, shown }) => (
          <div key={action} className="contents">
            <dt>{t(action)}</dt>
            <dd>
              <kbd className="rounded border border-line-strong bg-sunken px-2 py-0.5 font-sans text-sm">
                {shown}
              </kbd>
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
