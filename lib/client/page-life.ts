export interface PageLifeListeners {
  /** The network is said to be back, the page is seen again, or the machine woke up. */
  readonly onWake: () => void;
  /** The page goes to the background, is frozen or ends: what is to be kept has to be written now. */
  readonly onHide: () => void;
  /** The person is about to leave: true asks them whether they want that. */
  readonly shouldWarn: () => boolean;
}

/** Listens until the returned function is called. */
export type WatchPageLife = (listeners: PageLifeListeners) => () => void;

export const watchPageLife: WatchPageLife = ({ onWake, onHide, shouldWarn }) => {
  const abort = new AbortController();
  const { signal } = abort;
  for (const type of ["online", "pageshow", "focus"]) window.addEventListener(type, onWake, { signal });
  document.addEventListener("resume", onWake, { signal });
  document.addEventListener("freeze", onHide, { signal });
  window.addEventListener("pagehide", onHide, { signal });
  document.addEventListener(
    "visibilitychange",
    () => {
      if (document.visibilityState === "visible") onWake();
      else onHide();
    },
    { signal },
  );
  window.addEventListener(
    "beforeunload",
    (event) => {
      onHide();
      if (shouldWarn()) event.preventDefault();
    },
    { signal },
  );
  return () => {
    abort.abort();
  };
};
