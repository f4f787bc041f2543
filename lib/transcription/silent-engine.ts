import type { TranscriptionEngine } from "../call/transcription-ports.ts";
import { EventFeed } from "./event-feed.ts";

/** Hears nothing and only reports progress: what a call costs without recognition. For load measurements. */
export function createSilentEngine(options: { readonly maxLiveCalls: number }): TranscriptionEngine {
  return {
    name: "scripted",
    languages: ["es", "en", "multi"],
    maxAheadSeconds: 30,
    notice: () => null,
    start: () => Promise.resolve(),
    maxLiveCalls: () => options.maxLiveCalls,
    open: ({ channels, firstSample, onEvent }) => {
      const feed = new EventFeed(onEvent);
      let position = firstSample;
      let closed = false;
      return {
        write: (pcm) => {
          if (closed) return;
          position += pcm.byteLength / (2 * channels);
          feed.push({ type: "progress", consumedSample: position, settledSample: position });
        },
        finish: async () => {
          closed = true;
          await feed.drained();
          feed.close();
        },
        abort: () => {
          closed = true;
          feed.close();
        },
      };
    },
    close: () => Promise.resolve(),
  };
}
