import type { ListenRequest } from "./listen-query.ts";

/** A word as it was said, on the axis of the connection's or file's own audio. */
export interface HeardWord {
  /** As written, with its punctuation. */
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly confidence: number;
  /** BCP-47. */
  readonly language: string;
  readonly voice: number;
}

/**
 * Ears for one connection or file. Output channels: all of them with `multichannel`, else one that holds
 * what was said on any.
 */
export interface WordSource {
  /** The next samples: PCM16, interleaved, whole. */
  write(pcm: Uint8Array): void;
  /** Words of the channel from `fromMs` on, in order, those included that may still change. */
  words(channel: number, fromMs: number): readonly HeardWord[];
  /** Until where the channel was listened to. */
  heardMs(channel: number): number;
  /** Words that begin earlier than this do not change and are complete. */
  settledMs(channel: number): number;
  /** Resolves when all that was written is settled. */
  flush(): Promise<void>;
  close(): void;
}

export interface WordSources {
  /** Whether there are ears for the language, as the client names it. */
  readonly hears: (language: string) => boolean;
  /** `onHeard` tells that there is more without a write; never called from within a method. */
  readonly open: (request: ListenRequest, onHeard: () => void) => WordSource;
}

export function outputChannels({ channels, multichannel }: ListenRequest): number {
  return multichannel ? channels : 1;
}
