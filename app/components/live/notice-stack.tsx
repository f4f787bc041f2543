"use client";

import { useTranslations } from "next-intl";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { Button } from "../ui/button.tsx";

/** More than this at once is not read by somebody who is talking. */
const shownAtOnce = 2;

/**
 * Every notice of the call in one place, the gravest first. Two are shown; the others wait behind a button. It stands
 * above the transcript, so that the sentence to say stays where it is.
 */
export function NoticeStack({ children }: { readonly children: ReactNode }) {
  const t = useTranslations("notices");
  const box = useRef<HTMLDivElement>(null);
  const [count, setCount] = useState(0);
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const read = (): void => {
      setCount(element.childElementCount);
    };
    read();
    const observer = new MutationObserver(read);
    observer.observe(element, { childList: true });
    return () => {
      observer.disconnect();
    };
  }, []);
  const hidden = Math.max(0, count - shownAtOnce);
  return (
    <section aria-label={t("label")} className={count === 0 ? "-mb-3" : "flex shrink-0 flex-col gap-2"}>
      <div
        ref={box}
        className={isOpen ? "flex flex-col gap-2" : "flex flex-col gap-2 [&>:nth-child(n+3)]:hidden"}
      >
        {children}
      </div>
      {hidden > 0 && (
        <Button
          size="small"
          look="quiet"
          className="self-start"
          aria-expanded={isOpen}
          onClick={() => {
            setOpen(!isOpen);
          }}
        >
          {isOpen ? t("fewer") : t("more", { count: hidden })}
        </Button>
      )}
    </section>
  );
}
