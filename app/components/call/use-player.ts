"use client";

import { useCallback, useEffect, useRef, useState, type RefObject } from "react";
import type { AudioChannelView } from "../../../lib/contract/vocabulary.ts";

export interface Player {
  readonly channel: AudioChannelView;
  readonly chooseChannel: (channel: AudioChannelView) => void;
  readonly playFrom: (ms: number) => void;
  /** Calls back with the position in ms on every painted frame while it plays, and after jumps. */
  readonly follow: (run: (ms: number) => void) => () => void;
}

/** Refused when another channel is chosen before it has begun, or without a click: the element shows that it stands. */
function play(element: HTMLAudioElement): void {
  element.play().catch(() => undefined);
}

/** The recording's position, shared by the player and the transcript that runs in step with it. */
export function usePlayer(
  callId: string,
  audio: RefObject<HTMLAudioElement | null>,
): Player & { readonly address: string } {
  const [channel, setChannel] = useState<AudioChannelView>("mix");
  const followers = useRef(new Set<(ms: number) => void>());
  const resumeAt = useRef<{ readonly seconds: number; readonly isPlaying: boolean } | null>(null);

  useEffect(() => {
    const element = audio.current;
    if (element === null) return;
    let frame = 0;
    const tell = (): void => {
      for (const run of followers.current) run(element.currentTime * 1000);
    };
    const loop = (): void => {
      tell();
      frame = element.paused ? 0 : requestAnimationFrame(loop);
    };
    const onPlay = (): void => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(loop);
    };
    // Another channel is another file: go on where the first one was.
    const onLoaded = (): void => {
      const resume = resumeAt.current;
      resumeAt.current = null;
      if (resume === null) return;
      element.currentTime = resume.seconds;
      if (resume.isPlaying) play(element);
    };
    element.addEventListener("play", onPlay);
    element.addEventListener("seeked", tell);
    element.addEventListener("loadedmetadata", onLoaded);
    return () => {
      cancelAnimationFrame(frame);
      element.removeEventListener("play", onPlay);
      element.removeEventListener("seeked", tell);
      element.removeEventListener("loadedmetadata", onLoaded);
    };
  }, [audio]);

  const playFrom = useCallback(
    (ms: number) => {
      const element = audio.current;
      if (element === null) return;
      element.currentTime = ms / 1000;
      play(element);
    },
    [audio],
  );
  const follow = useCallback((run: (ms: number) => void) => {
    followers.current.add(run);
    return () => followers.current.delete(run);
  }, []);

  return {
    channel,
    address: `/calls/${callId}/audio/${channel}.wav`,
    chooseChannel: (chosen) => {
      const element = audio.current;
      if (element !== null && chosen !== channel) {
        resumeAt.current = { seconds: element.currentTime, isPlaying: !element.paused };
      }
      setChannel(chosen);
    },
    playFrom,
    follow,
  };
}
