"use client";

import { AlertDialog, Dialog as Headless } from "radix-ui";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "./button.tsx";

/**
 * Open dialogs keep the page from scrolling with a style element of their own; the library that writes it
 * (`get-nonce`) looks for the nonce of the page under this name.
 */
if (typeof document !== "undefined") {
  const nonce = document.querySelector<HTMLScriptElement>("script[nonce]")?.nonce;
  Object.assign(globalThis, { __webpack_nonce__: nonce });
}

const overlay = "fixed inset-0 z-40 bg-black/45";
const box =
  "panel fixed top-1/2 left-1/2 z-50 w-[min(30rem,calc(100vw-2rem))] max-h-[85dvh] overflow-auto -translate-x-1/2 -translate-y-1/2 p-5 shadow-xl";

export function Dialog({
  title,
  closeLabel,
  isOpen,
  onOpenChange,
  children,
}: {
  readonly title: string;
  readonly closeLabel: string;
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly children: ReactNode;
}) {
  return (
    <Headless.Root open={isOpen} onOpenChange={onOpenChange}>
      <Headless.Portal>
        <Headless.Overlay className={overlay} />
        <Headless.Content className={box} aria-describedby={undefined}>
          <div className="mb-4 flex items-center justify-between gap-4">
            <Headless.Title className="text-lg font-semibold">{title}</Headless.Title>
            <Headless.Close
              aria-label={closeLabel}
              className="grid size-9 place-items-center rounded-control hover:bg-sunken"
            >
              <X aria-hidden="true" className="size-5" />
            </Headless.Close>
          </div>
          {children}
        </Headless.Content>
      </Headless.Portal>
    </Headless.Root>
  );
}

/** Asks before something that cannot be taken back; the harmless answer has the focus. */
export function Confirm({
  title,
  text,
  confirmLabel,
  cancelLabel,
  isOpen,
  onOpenChange,
  onConfirm,
}: {
  readonly title: string;
  readonly text: string;
  readonly confirmLabel: string;
  readonly cancelLabel: string;
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly onConfirm: () => void;
}) {
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className={overlay} />
        <AlertDialog.Content className={box}>
          <AlertDialog.Title className="text-lg font-semibold">{title}</AlertDialog.Title>
          <AlertDialog.Description className="mt-2 text-ink-soft">{text}</AlertDialog.Description>
          <div className="mt-5 flex flex-wrap justify-end gap-2">
            <AlertDialog.Cancel asChild>
              <Button>{cancelLabel}</Button>
            </AlertDialog.Cancel>
            <AlertDialog.Action asChild>
              <Button look="danger" onClick={onConfirm}>
                {confirmLabel}
              </Button>
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
