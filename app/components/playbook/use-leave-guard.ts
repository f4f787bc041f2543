"use client";

import { useEffect, useState } from "react";

/**
 * Asks before unsaved changes are left behind: the browser does so when the page is closed; a link within the
 * application is held back until `leave` says where to. Returns the address that was wanted, or null.
 */
export function useLeaveGuard(
  isChanged: boolean,
): readonly [string | null, (address: string | null) => void] {
  const [wanted, setWanted] = useState<string | null>(null);
  useEffect(() => {
    if (!isChanged) return;
    const onUnload = (event: BeforeUnloadEvent): void => {
      event.preventDefault();
    };
    const onClick = (event: MouseEvent): void => {
      if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
        return;
      const link = event.target instanceof Element ? event.target.closest("a") : null;
      if (link === null || link.target === "_blank" || link.hasAttribute("download")) return;
      const address = new URL(link.href, location.href);
      if (address.origin !== location.origin || address.pathname === location.pathname) return;
      event.preventDefault();
      event.stopPropagation();
      setWanted(address.pathname + address.search);
    };
    window.addEventListener("beforeunload", onUnload);
    document.addEventListener("click", onClick, true);
    return () => {
      window.removeEventListener("beforeunload", onUnload);
      document.removeEventListener("click", onClick, true);
    };
  }, [isChanged]);
  return [wanted, setWanted];
}
