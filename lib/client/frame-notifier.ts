/** Calls back at most once per painted frame, and four times a second in a hidden tab, which paints none. */
export class FrameNotifier {
  readonly #subscribers = new Set<() => void>();
  #isPending = false;

  readonly subscribe = (run: () => void): (() => void) => {
    this.#subscribers.add(run);
    return () => this.#subscribers.delete(run);
  };

  notify(): void {
    if (this.#isPending) return;
    this.#isPending = true;
    let frame: number | null = null;
    const run = (): void => {
      clearTimeout(timer);
      if (frame !== null) cancelAnimationFrame(frame);
      this.#isPending = false;
      for (const subscriber of this.#subscribers) subscriber();
    };
    // The timer also covers a tab that is hidden after the frame was asked for.
    const timer = setTimeout(run, 250);
    if (document.visibilityState === "visible") frame = requestAnimationFrame(run);
  }
}
