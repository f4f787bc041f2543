import type { SoundGraph } from "./capture-environment.ts";

/** The sound thread answers within milliseconds, on a busy machine later; a tab that yields has 2.5 s for it and for a write. */
export const flushTimeoutMs = 1500;
/** A path that is broken or stands still may never answer. */
export const brokenFlushTimeoutMs = 500;

/**
 * Lets the frames that a sound path has captured arrive: those on their way, and the one that is not full yet. Nothing is
 * captured from then on.
 */
export class HandOut {
  readonly graph: SoundGraph;
  /** Resolves when the path has answered, or has not within the time. */
  readonly done: Promise<void>;
  /** The path has answered. */
  flushed: () => void = () => undefined;

  constructor(graph: SoundGraph, after: (run: () => void) => () => void) {
    this.graph = graph;
    this.done = new Promise<void>((resolve) => {
      const cancel = after(resolve);
      this.flushed = () => {
        cancel();
        resolve();
      };
    });
  }

  begin(): void {
    // Held first: a frame that came between the last one and `close` would be captured and go nowhere.
    this.graph.post({ type: "hold", isHeld: true });
    this.graph.post({ type: "flush" });
  }
}
